import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';

/** A socket that nobody listens to is what a crash left; any other file is not ours to remove. */
export async function removeDeadSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null || !found.isSocket()) return;
  const isAlive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => resolve(true)).once('error', () => resolve(false));
    probe.once('connect', () => probe.destroy());
  });
  if (!isAlive) await unlink(path);
}
