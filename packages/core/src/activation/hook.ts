import type { ProcessVariables } from '../specs/index.js';
import { applied } from './changes.js';
import type { Computed, Hook } from './computed.js';
import { runBounded } from './shell/bounded.js';
import { isShells } from './shell/parse-environment.js';
import type { ActivationProblem } from './types.js';

/** What the manager of a project says that activating sets: it knows what no rule of ours does, and runs the scripts itself. */
export interface HookResult {
  variables: Record<string, string | null>;
  sources: Record<string, string>;
  problem: ActivationProblem | null;
}

/**
 * `pixi shell-hook --json`: `{"environment_variables": {…}}`, the variables that its activation changed. Where it fails the prefix part
 * stays, with the problem. Read from source and tested with a stand-in: no pixi was at hand.
 *
 * @throws AbortedError
 */
export async function runHook(
  computed: Computed,
  hook: Hook,
  run: {
    env: ProcessVariables;
    cwd: string;
    platform: NodeJS.Platform;
    timeoutMs: number;
    signal: AbortSignal | undefined;
    what: string;
  },
): Promise<HookResult> {
  const outcome = await runBounded({ ...run, env: applied(run.env, {}, run.platform), argv: hook.argv, answerOn: 1 });
  const said = outcome.stderr === '' ? '' : `; it said: ${outcome.stderr}`;
  const failed = (why: string): HookResult => ({
    variables: computed.variables,
    sources: computed.sources,
    problem: {
      kind: 'hook-failed',
      message: `${hook.name} ${why}${said}`,
      fix: `Run it by hand: ${hook.argv.join(' ')}`,
    },
  });
  if (outcome.end === 'timeout') return failed(`did not end within ${run.timeoutMs / 1000} s`);
  if (outcome.end === 'not-started') return failed(`could not be started: ${outcome.error}`);
  if (outcome.end === 'too-much') return failed('answered far too much');
  if (outcome.code !== 0) return failed(`ended with ${outcome.by ?? `status ${outcome.code}`}`);
  const told = toldBy(outcome.answer.toString('utf8'));
  if (told === null) return failed('gave an answer that is none');
  const variables = { ...computed.variables };
  const sources = { ...computed.sources };
  for (const [name, value] of Object.entries(told)) {
    if (isShells(name) || variables[name] === value || (!(name in variables) && run.env[name] === value)) continue;
    variables[name] = value;
    sources[name] = sources[name] === undefined ? hook.name : `${sources[name]}, ${hook.name}`;
  }
  return { variables, sources, problem: null };
}

function toldBy(text: string): Record<string, string> | null {
  try {
    const { environment_variables: told } = JSON.parse(text) as { environment_variables?: unknown };
    if (typeof told !== 'object' || told === null || Array.isArray(told)) return null;
    return Object.fromEntries(Object.entries(told).filter(([, value]) => typeof value === 'string'));
  } catch {
    return null;
  }
}
