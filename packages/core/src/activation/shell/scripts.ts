import type { ProcessVariables } from '../../specs/index.js';
import { applied } from '../changes.js';
import type { Computed } from '../computed.js';
import type { ActivationNote, ActivationProblem } from '../types.js';
import { BASH_PROGRAM, readAnswer } from './bash-program.js';
import { type BoundedResult, runBounded } from './bounded.js';
import { parseDeclarations } from './parse-declarations.js';
import { difference } from './parse-environment.js';

/** A variable's name, to bash. */
const NAME = /^[A-Za-z_]\w*$/;

export interface ScriptRun {
  env: ProcessVariables;
  /** An existing program, or null. */
  bash: string | null;
  cwd: string;
  platform: NodeJS.Platform;
  timeoutMs: number;
  signal: AbortSignal | undefined;
  what: string;
}

export interface ScriptResult {
  variables: Record<string, string | null>;
  sources: Record<string, string>;
  /** Those that were begun. */
  scripts: string[];
  notes: ActivationNote[];
  problem: ActivationProblem | null;
}

/**
 * R9: runs the scripts of a computed activation in one bash and adds what they set. A script that ends its shell by itself costs only what
 * it left undone: the rest goes on in another, with what is there so far. Where the environment is lost (a signal, a time-out), what the
 * files alone say is the result, with the problem.
 *
 * @throws AbortedError
 */
export async function runScripts(computed: Computed, run: ScriptRun): Promise<ScriptResult> {
  const deadline = performance.now() + run.timeoutMs;
  const result: ScriptResult = {
    variables: { ...computed.variables },
    sources: { ...computed.sources },
    scripts: [],
    notes: [],
    problem: null,
  };
  const lost = (problem: ActivationProblem): ScriptResult => ({
    ...result,
    variables: computed.variables,
    sources: computed.sources,
    problem,
  });
  if (run.bash === null) return lost(noBash(computed));

  let leave = computed.scripts.deactivate;
  let enter = computed.scripts.activate;
  let env = applied(run.env, pick(computed, leave.length > 0 ? computed.early : null), run.platform);
  let changes = leave.length > 0 ? changesOf(computed) : [];
  // where a file that bash would read at its start is named, it gets its name after the start only
  while (leave.length + enter.length > 0) {
    const all = [...leave, ...enter];
    const { clean, late } = withoutStartFile(env);
    const args = [String(leave.length), String(changes.length + late.length), ...leave, ...late, ...changes, ...enter];
    const outcome = await runBounded({
      argv: [run.bash, '--norc', '--noprofile', '-c', BASH_PROGRAM, 'kernelkit', ...args],
      cwd: run.cwd,
      env: clean,
      answerOn: 3,
      timeoutMs: Math.max(1, deadline - performance.now()),
      signal: run.signal,
      what: run.what,
    });
    const { report, exported } = readAnswer(outcome.answer.toString('utf8'));
    const begun = report.statuses.size;
    result.scripts.push(...all.slice(0, begun));
    const after = outcome.end === 'exit' && report.isComplete ? parseDeclarations(exported) : null;
    if (after === null || isTooLarge(after, run.platform)) {
      if (after !== null) outcome.end = 'too-much';
      return lost(lostEnvironment(outcome, all[begun - 1] ?? null, run.timeoutMs, all));
    }
    noteStatuses(result, report.statuses, all, outcome.stderr);

    // bash hands on what is no name to it, and cannot change it
    for (const [name, value] of Object.entries(clean)) if (!NAME.test(name)) after.set(name, value);
    const isThrough = begun === all.length;
    const expected =
      begun > leave.length || isThrough ? applied(env, Object.fromEntries(changePairs(changes)), run.platform) : env;
    record(result, difference(expected, after), report.changed, all.slice(0, begun));
    env = Object.fromEntries(after);
    enter = enter.slice(Math.max(0, begun - leave.length));
    if (begun > leave.length) changes = [];
    leave = leave.slice(begun);
    if (leave.length === 0 && changes.length > 0) {
      // the last of those that deactivate ended its shell
      env = applied(env, Object.fromEntries(changePairs(changes)), run.platform);
      changes = [];
    }
    if (begun === 0) break;
  }
  return result;
}

/** The whole of an environment: a quarter of the stack that Linux gives by default; macOS counts the arguments too. */
const MOST_BYTES = { darwin: 1_000_000, other: 2 * 1024 * 1024 };
/** Linux takes no single variable beyond 32 pages. */
const MOST_IN_ONE = 128 * 1024 - 1;

/** Whether no process could be started with it. */
function isTooLarge(variables: ReadonlyMap<string, string>, platform: NodeJS.Platform): boolean {
  let total = 0;
  for (const [name, value] of variables) {
    const size = name.length + value.length + 2;
    const bytes = size < MOST_IN_ONE / 3 ? size : Buffer.byteLength(name) + Buffer.byteLength(value) + 2;
    if (platform === 'linux' && bytes > MOST_IN_ONE) return true;
    total += bytes;
  }
  return total > (platform === 'darwin' ? MOST_BYTES.darwin : MOST_BYTES.other);
}

/** The variables that the scripts see from the start: all, or those that are `early`. */
function pick({ variables }: Computed, only: readonly string[] | null): Record<string, string | null> {
  if (only === null) return variables;
  return Object.fromEntries(Object.entries(variables).filter(([name]) => only.includes(name)));
}

/** As the program's arguments. What is no name in bash gets past it in the environment, or not at all, as in conda. */
function changesOf({ variables, early }: Computed): string[] {
  return Object.entries(variables)
    .filter(([name]) => !early.includes(name) && NAME.test(name))
    .map(([name, value]) => (value === null ? name : `${name}=${value}`));
}

function changePairs(changes: readonly string[]): [string, string | null][] {
  return changes.map((change) => {
    const at = change.indexOf('=');
    return at === -1 ? [change, null] : [change.slice(0, at), change.slice(at + 1)];
  });
}

/** bash would read BASH_ENV, and turn on what SHELLOPTS and BASHOPTS name, before the first line is run. */
function withoutStartFile(env: Readonly<Record<string, string>>): { clean: Record<string, string>; late: string[] } {
  const { BASH_ENV: file, SHELLOPTS: _options, BASHOPTS: _more, ...clean } = env;
  return { clean, late: file === undefined ? [] : [`BASH_ENV=${file}`] };
}

/** Adds what changed, each variable with the scripts that changed it. */
function record(
  result: ScriptResult,
  changed: ReadonlyMap<string, string | null>,
  byScript: ReadonlyMap<number, ReadonlySet<string>>,
  scripts: readonly string[],
): void {
  for (const [name, value] of changed) {
    const writers = scripts.filter((_script, at) => scripts.length === 1 || byScript.get(at)?.has(name));
    // a script that ended its shell did not come to tell what it set
    const named = writers.length > 0 ? writers : scripts.slice(-1);
    const before = result.sources[name];
    result.sources[name] = [...(before === undefined ? [] : [before]), ...named.map(shortName)].join(', ');
    result.variables[name] = value;
  }
}

/** `activate.d/x.sh` */
function shortName(script: string): string {
  return script.split('/').slice(-2).join('/');
}

/** A script may well end with a condition that is false: it is worth telling only with what it says. */
function noteStatuses(
  result: ScriptResult,
  statuses: ReadonlyMap<number, number | null>,
  scripts: readonly string[],
  stderr: string,
): void {
  const said = stderr === '' ? '' : `: ${stderr}`;
  for (const [at, status] of statuses) {
    const path = scripts[at]!;
    if (status === null) {
      result.notes.push({
        kind: 'script-ended-shell',
        message: `${path} ended its shell before it came to its end${said}`,
        path,
      });
    } else if (status !== 0 && said !== '') {
      result.notes.push({ kind: 'script-failed', message: `${path} ended with status ${status}${said}`, path });
    }
  }
}

function noBash({ scripts }: Computed): ActivationProblem {
  const count = scripts.deactivate.length + scripts.activate.length;
  return {
    kind: 'bash-missing',
    message: `there is no bash, which ${count === 1 ? 'the activation script needs' : `the ${count} activation scripts need`}`,
    fix: 'Install bash, or start from a shell in which the environment is activated.',
  };
}

function lostEnvironment(
  outcome: BoundedResult,
  culprit: string | null,
  timeoutMs: number,
  all: readonly string[],
): ActivationProblem {
  const who = culprit ?? all.join(', ');
  const said = outcome.stderr === '' ? '' : `; it said: ${outcome.stderr}`;
  const fix = culprit === null ? null : `Look at ${culprit}, or activate without scripts.`;
  switch (outcome.end) {
    case 'timeout':
      return { kind: 'script-timeout', message: `${who} did not end within ${timeoutMs / 1000} s${said}`, fix };
    case 'too-much':
      return { kind: 'script-too-much', message: `${who} made an environment that no process could have${said}`, fix };
    case 'not-started':
      return { kind: 'bash-failed', message: `bash could not be started: ${outcome.error}`, fix: null };
    case 'exit': {
      const how = outcome.by === null ? `with status ${outcome.code}` : `by ${outcome.by}`;
      return {
        kind: 'script-killed-shell',
        message: `${who} ended its shell ${how}, and what was set is lost${said}`,
        fix,
      };
    }
  }
}
