import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import { describeProvided } from './provided.js';

/** The names that testing/kernels.mjs provides. `peer` is the reference: jupyter_client, nbformat, nbclient, nbconvert, pyzmq. */
export type KernelName =
  | 'ipykernel'
  | 'ipykernel6'
  | 'peer'
  | 'xpython'
  | 'xpython-raw'
  | 'ir'
  | 'octave'
  | 'm2'
  | 'deno'
  | 'jvm'
  | 'evcxr';

/** A real kernel of this machine (one entry of testing/.cache/kernels.json). */
export interface ProvidedKernel {
  readonly name: KernelName;
  readonly available: boolean;
  /** Directory of its kernel.json; null for Deno. */
  readonly kernelspec: string | null;
  /** Where there is no kernelspec: argv with `{connection_file}`. */
  readonly launcher: readonly string[] | null;
  /** The interpreter of its virtual environment, or the one that a bare `python` in its kernelspec means. */
  readonly python: string | null;
  readonly prefix: string | null;
  /** Of ipykernel, the Debian package, Deno, JJava (jvm), evcxr, or jupyter_client (peer). */
  readonly version: string | null;
  /** Why it is not available. */
  readonly reason: string | null;
  /** The directory that holds `kernels/`, for JUPYTER_PATH. */
  readonly jupyterPath: string | null;
}

// the suite's own tests put another list in its place
const LIST = process.env.KERNELKIT_TEST_KERNELS ?? fileURLToPath(new URL('../.cache/kernels.json', import.meta.url));
let known: ReadonlyMap<string, ProvidedKernel> | undefined;

/**
 * The kernels that `npm run kernels` provided.
 * @throws Error when it has never run
 */
export function kernels(): ReadonlyMap<string, ProvidedKernel> {
  known ??= readKernels();
  return known;
}

function readKernels(): ReadonlyMap<string, ProvidedKernel> {
  let text: string;
  try {
    text = readFileSync(LIST, 'utf8');
  } catch (cause) {
    throw new Error(`${LIST} is not there: run \`npm run kernels\` first`, { cause });
  }
  const list: { kernels: Record<string, Omit<ProvidedKernel, 'jupyterPath'>> } = JSON.parse(text);
  const entries = Object.values(list.kernels).map((kernel): [string, ProvidedKernel] => {
    const jupyterPath = kernel.kernelspec === null ? null : dirname(dirname(kernel.kernelspec));
    return [kernel.name, { ...kernel, jupyterPath }];
  });
  return new Map(entries);
}

/** One kernel, whether it is available or not. */
export function kernel(name: KernelName): ProvidedKernel {
  const found = kernels().get(name);
  if (found === undefined) throw new Error(`testing/kernels.mjs knows no kernel ${name}`);
  return found;
}

/** The interpreter of the `peer` environment. Use it inside `describeKernel('peer', …)`. */
export function peerPython(): string {
  const { python, reason } = kernel('peer');
  if (python === null) throw new Error(`the peer environment is missing: ${reason}`);
  return python;
}

/**
 * A suite for each of the kernels named. For a kernel that this machine lacks, the suite is skipped, and the end of the run
 * lists it by name; where the kernel is required, the suite fails instead. The body is called in either case, to know its
 * tests: what it reads from a missing kernel while it describes them is null.
 */
export function describeKernel(
  names: KernelName | readonly KernelName[],
  body: (kernel: ProvidedKernel) => void,
): void {
  for (const name of typeof names === 'string' ? [names] : names) {
    describeProvided('kernel', kernel(name), [...kernels().values()], body);
  }
}

/** One test on each of the kernels named; skipped, listed or failing as in {@link describeKernel}. */
export function kernelTest(
  names: KernelName | readonly KernelName[],
  title: string,
  body: (kernel: ProvidedKernel) => Promise<void>,
  timeoutMs?: number,
): void {
  describeKernel(names, (provided) => test(title, () => body(provided), timeoutMs));
}
