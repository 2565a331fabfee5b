import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lookAt } from '@kernelkit/core';

/**
 * Removes the run directories of kernels that never came to be: their gateway was killed in the middle of their start. It may have been after
 * the process was there, and before that was written down; then that is ended, where it can be found (Linux).
 * @param used those that are somebody's
 */
export async function removeStrays(directory: string, used: ReadonlySet<string | undefined>): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.startsWith('kernelkit-'));
  const strays = names.map((name) => join(directory, name)).filter((path) => !used.has(path));
  if (strays.length === 0) return;
  await endThoseOf(strays);
  for (const path of strays) await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

/** A kernel is told of its connection file on its command line; it leads a process group. */
async function endThoseOf(runDirs: readonly string[]): Promise<void> {
  if (process.platform !== 'linux') return;
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isSafeInteger(pid) || pid <= 1 || pid === process.pid) continue;
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const isOne = line.split('\0').some((argument) => runDirs.some((path) => argument.startsWith(`${path}/kernel-`)));
    if (!isOne || lookAt(pid)?.group !== pid) continue;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // it ended while it was looked at
    }
  }
}
