import { spawn } from 'node:child_process';
import { chmod, lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How a child of {@link runUnprivileged} ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface UnprivilegedOptions {
  /** The child's whole environment (see `isolatedEnv`). */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly input?: string;
  /** After this the child's group is killed and the call rejects; 120 s unless told. */
  readonly timeoutMs?: number;
}

/**
 * The user to become: `nobody` when this is root (root ignores modes, so a read-only directory would prove nothing),
 * null when the run is unprivileged already.
 */
export async function unprivilegedUser(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const passwd = await readFile('/etc/passwd', 'utf8');
  const [, , uid, gid] =
    passwd
      .split('\n')
      .find((line) => line.startsWith('nobody:'))
      ?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error('this system has no user nobody');
  return { uid: Number(uid), gid: Number(gid) };
}

/**
 * Runs a program as a user who may write nothing but what is open to everybody, in a process group of its own, to its end.
 * @throws Error when it cannot be started or does not end in time; the whole group is killed then
 */
export async function runUnprivileged(
  file: string,
  args: readonly string[],
  options: UnprivilegedOptions,
): Promise<Ended> {
  const { timeoutMs = 120_000, cwd, env, input } = options;
  const user = (await unprivilegedUser()) ?? {};
  const child = spawn(file, args, { cwd, env, detached: true, stdio: 'pipe', ...user });
  const killGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // it is gone
    }
  };
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {}); // a program that reads no input may be gone before it is written
  child.stdin.end(input ?? '');
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Ended>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`${file} did not end in ${timeoutMs} ms; stdout: ${stdout}; stderr: ${stderr}`));
      }, timeoutMs);
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
  } finally {
    clearTimeout(timer);
    killGroup();
  }
}

/**
 * Whether everybody may read it: every folder above it can be passed. A checkout below /root is not for `nobody`; a test
 * then copies what it needs into a `tempDir`, or uses the system's kernels.
 */
export async function isReachable(path: string): Promise<boolean> {
  for (let at = await realpath(path), needed = 0o004; ; at = dirname(at), needed = 0o001) {
    if (((await lstat(at)).mode & needed) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** Takes every write permission away from a tree, and lets everybody read it. `tempDir` removes it all the same. */
export async function makeReadOnly(path: string): Promise<void> {
  const stat = await lstat(path);
  if (stat.isSymbolicLink()) return;
  if (stat.isDirectory()) for (const name of await readdir(path)) await makeReadOnly(join(path, name));
  await chmod(path, stat.isDirectory() || (stat.mode & 0o100) !== 0 ? 0o555 : 0o444);
}
