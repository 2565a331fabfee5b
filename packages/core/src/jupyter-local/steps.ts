import { type ProcessExit, runTool, SpawnError } from '../process/index.js';
import type { ProcessVariables } from '../specs/index.js';
import { PrivateServerError } from './errors.js';

/** One program of an installation. */
export interface Step {
  argv: readonly string[];
  what: string;
}

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
  let exit: ProcessExit;
  try {
    exit = await runTool(argv, { what: 'Installing a Jupyter server', ...options });
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    throw new PrivateServerError(`${what} failed: ${error.message}`, {
      ...{ argv, output: '', cause: error, fix: error.fix ?? 'name another Python' },
    });
  }
  const { code, signal: by, stdout, stderr } = exit;
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
