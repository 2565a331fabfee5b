import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

/** Why no file system that hangs can be had here; null where one can. */
export function whyNoHangingMount(): string | null {
  if (process.platform !== 'linux') return 'only Linux has FUSE';
  if (process.getuid?.() !== 0) return 'only root may mount';
  return existsSync('/dev/fuse') ? null : 'there is no /dev/fuse';
}

/**
 * Mounts a file system on a directory that never answers: a FUSE connection whose server reads no request. Whoever looks at
 * it waits, as for a network server that is gone, until the mount is taken away at the end of the scope.
 *
 * @throws Error when it cannot be mounted (a container may forbid it)
 */
export async function hangingMount(dir: string): Promise<AsyncDisposable> {
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0,allow_other';
  const script = `exec 3<>/dev/fuse && mount -i -t fuse -o ${options} hanging "$1" && echo mounted && exec cat`;
  const server = spawn('/bin/sh', ['-c', script, 'sh', dir], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  const end = async () => {
    // the connection ends with its last descriptor, and everybody who waits is told
    server.kill('SIGKILL');
    await ended;
    spawnSync('umount', ['-l', dir]);
  };
  const first = await Promise.race([once(server.stdout, 'data'), ended.then(() => null)]);
  if (first === null) throw new Error(`no FUSE file system could be mounted on ${dir}`);
  return { [Symbol.asyncDispose]: end };
}
