import { AbortedError } from '../errors/index.js';
import { KernelProcess, SpawnError } from '../process/index.js';
import type { ProcessVariables } from '../specs/index.js';
import { untilAborted } from '../wait/index.js';
import { PrivateServerError } from './errors.js';

/** One program of an installation. */
export interface Step {
  argv: readonly string[];
  what: string;
}

/** What would make pip install elsewhere, or ask somebody; and what takes a Python away from its own library. */
const NOT_HANDED_DOWN =
  /^(?:PYTHONHOME|PYTHONPATH|VIRTUAL_ENV|CONDA_PREFIX|PIP_(?:TARGET|PREFIX|ROOT|USER|PYTHON)|UV_(?:PROJECT_ENVIRONMENT|SYSTEM_PYTHON|PYTHON))$/i;

/**
 * Runs a step to its end. Should this process be killed, the step is ended too.
 * @throws PrivateServerError, AbortedError
 */
export async function take(
  { argv, what }: Step,
  options: {
    cwd: string;
    env: ProcessVariables;
    onOutput: ((text: string) => void) | undefined;
    signal: AbortSignal | undefined;
  },
): Promise<void> {
  const { cwd, env, onOutput, signal } = options;
  if (signal?.aborted) throw new AbortedError('Installing a Jupyter server', signal.reason);
  const kept = Object.entries(env).filter((each): each is [string, string] => {
    return each[1] !== undefined && !NOT_HANDED_DOWN.test(each[0]);
  });
  const variables = { ...Object.fromEntries(kept), PIP_NO_INPUT: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1' };
  let child: KernelProcess;
  try {
    child = await KernelProcess.spawn({
      ...{ argv, cwd, env: variables, onOutput: (_stream, chunk: Buffer) => onOutput?.(chunk.toString()) },
    });
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    throw new PrivateServerError(`${what} failed: ${error.message}`, {
      ...{ argv, output: '', cause: error, fix: error.fix ?? 'name another Python' },
    });
  }
  try {
    await untilAborted('Installing a Jupyter server', signal, async () => child.exited);
  } finally {
    // a step that was given up must not write into what is being removed
    await child.end();
  }
  const { code, signal: by, stdout, stderr } = await child.exited;
  if (code === 0) return;
  const output = `${stdout}${stderr}`.trimEnd();
  const last = output.split('\n').findLast((line) => line.trim() !== '') ?? '';
  throw new PrivateServerError(`${what} failed (${by ?? `exit ${code}`}): ${last.trim()}`, {
    ...{ argv, output, fix: fixFor(output) },
  });
}

function fixFor(output: string): string {
  if (/ensurepip is not available|No module named (?:venv|ensurepip)/.test(output))
    return 'install the part of Python that makes environments (Debian: apt install python3-venv), or name another Python';
  if (/No space left on device/.test(output)) return 'free some 200 MB, or name another directory';
  if (
    /No matching distribution|Could not find a version|Connection|Temporary failure|timed out|Network|SSL/i.test(output)
  )
    return 'check the way to the package index: the network, a proxy (HTTPS_PROXY), or PIP_INDEX_URL';
  return 'see what it printed (`output`)';
}
