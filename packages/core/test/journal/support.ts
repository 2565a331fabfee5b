import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempDir, tempDir } from '../../../../testing/support/index.js';
import type { KernelRecord, RecordedKernel } from '../../src/journal/index.js';
import { thisMachine } from '../../src/journal/machine.js';
import { startTimeOf } from '../../src/process/index.js';

/** A journal and a directory for temporary files, both of them the test's own. */
export interface Place extends AsyncDisposable {
  readonly options: { readonly directory: string; readonly temporary: string };
  readonly dir: TempDir;
  /** What XDG_RUNTIME_DIR is for a program whose kernels shall be in this journal. */
  readonly runtime: string;
  /** Makes a run directory, with a file in it; gives its path. */
  runDir(name: string): Promise<string>;
  /** Writes a file into the journal as it is; gives its path. */
  put(name: string, content: unknown): Promise<string>;
}

export async function place(): Promise<Place> {
  const dir = await tempDir();
  const runtime = await dir.dir('run');
  const options = { directory: join(runtime, 'kernelkit'), temporary: await dir.dir('tmp') };
  await mkdir(options.directory, { mode: 0o700 });
  return {
    options,
    dir,
    runtime,
    async runDir(name) {
      const path = join(options.temporary, name);
      await mkdir(path);
      await writeFile(join(path, 'kernel.json'), '{}');
      return path;
    },
    async put(name, content) {
      const file = join(options.directory, name);
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
      return file;
    },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

/** What is told to the journal of a kernel. */
export function record(kernel: Partial<KernelRecord> & { pid: number }): KernelRecord {
  return {
    id: 'a',
    startTime: startTimeOf(kernel.pid),
    spec: 'python3',
    displayName: 'Python 3',
    program: '/usr/bin/python3',
    connectionFile: '/tmp/kernelkit-none/kernel-a.json',
    runDir: null,
    cwd: '/',
    startedAt: '2026-11-25T12:00:00.000Z',
    ...kernel,
  };
}

/** A process that has ended, as an entry names it: nobody has that pid and start time any more. */
export const GONE = { pid: 2 ** 22 - 1, startTime: '1' };

/** An entry as a file of the journal holds it; its owner is gone. */
export function entry(kernel: Partial<RecordedKernel> & { pid: number }): RecordedKernel {
  return { version: 1, ...thisMachine(), owner: GONE, ...record(kernel), ...kernel };
}

/** A process of the test's own that leads a group, as a kernel does; ended at the end of the scope. */
export async function bystander(
  script = 'echo; exec sleep 1000',
): Promise<ChildProcess & { pid: number } & AsyncDisposable> {
  const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  await once(child.stdout!, 'data');
  return Object.assign(child as ChildProcess & { pid: number }, {
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
      await ended;
    },
  });
}
