import type { Cause } from './cause.js';
import type { Evidence, Rule } from './evidence.js';
import { exitRule } from './exit-rules.js';
import { pythonRules } from './python-rules.js';
import { runtimeRules } from './runtime-rules.js';
import { spawnRules } from './spawn-rules.js';
import { memoryRule, refusedRules, systemRules } from './system-rules.js';

/** Of a start: the first rule that applies is the diagnosis. */
const START_RULES: readonly Rule[] = [
  ...spawnRules,
  ...refusedRules,
  ...pythonRules,
  ...runtimeRules,
  ...systemRules,
  exitRule,
];

/** Of a kernel that ran: what it printed meanwhile is most often not what ended it. */
const DEATH_RULES: readonly Rule[] = [memoryRule, exitRule];

/** What kept a kernel from starting. Pure but for `evidence.probe`. Never fails: at the least it says how it ended. */
export function diagnoseStart(evidence: Evidence): Cause {
  return first(START_RULES, evidence);
}

/** What ended a kernel that ran. */
export function diagnoseDeath(evidence: Evidence): Cause {
  return first(DEATH_RULES, evidence);
}

function first(rules: readonly Rule[], evidence: Evidence): Cause {
  for (const rule of rules) {
    const cause = rule(evidence);
    if (cause !== null) return cause;
  }
  return { kind: 'process-exited', code: null, signal: null, status: null, diagnosis: 'it ended', fix: null };
}
