import type { ProcessVariables } from '../specs/index.js';
import { applied, Changes } from './changes.js';
import type { Computed } from './computed.js';
import type { Context } from './context.js';
import { runBounded } from './shell/bounded.js';

/** What conda says to activate, in the form of {@link Computed}; or why it could not be asked. */
export type ManagerAnswer = { computed: Computed; failure: null } | { computed: null; failure: string };

/** conda takes 0.1 to 0.6 s to answer, and far longer from a slow disk. */
const TIMEOUT_MS = 15_000;

/**
 * `<root>/bin/conda shell.posix+json activate PREFIX` (§3.5): conda's own answer, without a shell. Of the three managers only conda has it.
 * Tested with a stand-in: no conda was at hand.
 *
 * @param exe CONDA_EXE, as it was computed
 * @throws AbortedError
 */
export async function askManager(
  context: Context,
  prefix: string,
  exe: string | null | undefined,
  run: { env: ProcessVariables; cwd: string; signal: AbortSignal | undefined; what: string },
): Promise<ManagerAnswer> {
  const failed = (failure: string): ManagerAnswer => ({ computed: null, failure });
  if (!exe) return failed('there is no conda in reach that could be asked');
  if (context.isWindows) return failed('it is not asked on Windows');
  const outcome = await runBounded({
    ...run,
    argv: [exe, 'shell.posix+json', 'activate', prefix],
    env: applied(run.env, {}, context.platform),
    answerOn: 1,
    timeoutMs: TIMEOUT_MS,
  });
  const said = outcome.stderr === '' ? '' : `: ${outcome.stderr}`;
  if (outcome.end === 'not-started') return failed(`${exe} could not be started: ${outcome.error}`);
  if (outcome.end === 'timeout') return failed(`${exe} did not answer within ${TIMEOUT_MS / 1000} s${said}`);
  if (outcome.end !== 'exit' || outcome.code !== 0)
    return failed(`${exe} ended with ${outcome.by ?? `status ${outcome.code}`}${said}`);
  try {
    return { computed: fromAnswer(context, JSON.parse(outcome.answer.toString('utf8')) as Answer), failure: null };
  } catch {
    return failed(`${exe} gave an answer that is none${said}`);
  }
}

/** `path` has PATH as a list; `vars.unset` are names; `vars.set` are variables of the shell, which no process inherits. */
interface Answer {
  path?: Record<string, string[]>;
  vars?: { export?: Record<string, unknown>; unset?: string[] };
  scripts?: { activate?: string[]; deactivate?: string[] };
}

function fromAnswer(context: Context, { path = {}, vars = {}, scripts = {} }: Answer): Computed {
  const changes = new Changes(context);
  const detail = 'conda shell.posix+json';
  for (const name of vars.unset ?? []) changes.set(name, null, detail);
  for (const [name, value] of Object.entries(vars.export ?? {}))
    changes.set(name, value === null ? null : String(value), detail);
  for (const [name, dirs] of Object.entries(path)) changes.set(name, dirs.join(context.path.delimiter), detail);
  return {
    variables: changes.variables,
    sources: changes.sources,
    early: [],
    scripts: { deactivate: scripts.deactivate ?? [], activate: scripts.activate ?? [] },
    hook: null,
    problem: null,
  };
}
