import { AbortedError } from '../errors/index.js';
import { untilAborted } from '../wait/index.js';
import { KernelProcess, type ProcessExit } from './kernel-process.js';

/** What would make an installer install elsewhere, or ask somebody; and what takes a Python away from its own library. */
const NOT_HANDED_DOWN =
  /^(?:PYTHONHOME|PYTHONPATH|VIRTUAL_ENV|CONDA_PREFIX|PIP_(?:TARGET|PREFIX|ROOT|USER|PYTHON)|UV_(?:PROJECT_ENVIRONMENT|SYSTEM_PYTHON|PYTHON))$/i;

/** How an installer is run, and who hears what it prints. */
export interface ToolOptions {
  /** What is done, as an error names it: `Installing ipykernel`. */
  what: string;
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  onOutput?: ((text: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Runs an installer's command line (pip, conda, npm) to its end. Nobody can be asked anything: standard input is empty. When the signal fires, and
 * should this process be killed, it is ended with everything that it started.
 *
 * @throws SpawnError, AbortedError
 */
export async function runTool(argv: readonly string[], options: ToolOptions): Promise<ProcessExit> {
  const { what, cwd, env, onOutput, signal } = options;
  if (signal?.aborted) throw new AbortedError(what, signal.reason);
  const kept = Object.entries(env).filter((each): each is [string, string] => {
    return each[1] !== undefined && !NOT_HANDED_DOWN.test(each[0]);
  });
  const child = await KernelProcess.spawn({
    ...{ argv, cwd, onOutput: (_stream, chunk: Buffer) => onOutput?.(chunk.toString()) },
    env: { ...Object.fromEntries(kept), PIP_NO_INPUT: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
  });
  try {
    return await untilAborted(what, signal, () => child.exited);
  } finally {
    // one that was given up must not go on writing
    await child.end();
  }
}
