import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { IsolatedEnv } from '../../../testing/support/index.js';
import { command, type Ran, Running } from './support.js';

const UNSHARE = '/usr/bin/unshare';

/** The command as npm would have put it somewhere: with nothing of this repository beside it, whose Deno is found from there. */
export function installCommand(user: IsolatedEnv): string {
  const bin = dirname(command);
  const place = user.dir.join('app');
  cpSync(bin, join(place, 'dist', 'bin'), { recursive: true });
  cpSync(join(bin, '..', '..', 'package.json'), join(place, 'package.json'));
  return join(place, 'dist', 'bin', 'main.js');
}

/** Whether this user may make a machine of its own to look at: a mount namespace, which containers do not always allow. */
export function canHide(): boolean {
  if (process.platform !== 'linux') return false;
  return spawnSync(UNSHARE, ['-rm', '/bin/sh', '-c', 'mount -t tmpfs none /usr/share']).status === 0;
}

/**
 * Runs the command to its end on a machine that lacks some of this one's directories. Nothing changes for anybody else.
 * @param hidden directories of the machine; those that are not there are no loss
 */
export async function onMachine(
  user: IsolatedEnv,
  main: string,
  args: readonly string[],
  { hidden, cwd }: { hidden: readonly string[]; cwd?: string },
): Promise<Ran> {
  // Node may lie in one of them
  const node = await user.dir.write('node', '');
  const script =
    '/usr/bin/mount --bind "$0" "$1" || exit 98; node=$1; shift; while [ "$1" != -- ]; do /usr/bin/mount -t tmpfs none "$1" || exit 99; shift; done; shift; exec "$node" "$@"';
  // what mounts goes last, and `/bin` is mostly a link to where it is
  const places = [...new Set(hidden.filter((path) => existsSync(path)).map((path) => realpathSync(path)))];
  await using running = new Running(
    UNSHARE,
    ['-rm', '/bin/sh', '-c', script, process.execPath, node, ...places, '--', main, ...args],
    { env: user.env, ...(cwd !== undefined && { cwd }) },
  );
  return await running.ended;
}
