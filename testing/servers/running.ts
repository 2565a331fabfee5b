import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A server process that says when it is ready. */
export interface Running extends AsyncDisposable {
  readonly pid: number;
  /** Everything that it has printed. */
  log(): string;
  /** Ends it as a crash does: at once, and whatever it has open. */
  kill(): Promise<void>;
}

const READY_MS = 60_000;
const GRACE_MS = 15_000;
const LOOK_MS = 20;

/** A port that was free a moment ago. Servers cannot be told to take any: Jupyter's of old tell a wrong one then. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('the probe has no port');
  return address.port;
}

/**
 * Starts a program and resolves when `ready` matches what it prints and the port is open: jupyter_server 2 says where it runs
 * before it does.
 * @throws Error with all that it printed, when it ends before or takes longer than a minute
 */
export async function startProgram(
  argv: readonly string[],
  options: { env: Record<string, string>; cwd: string; ready: RegExp; port: number },
): Promise<Running> {
  const [file, ...args] = argv;
  const child = spawn(file!, args, { env: options.env, cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (what: string) => reject(new Error(`${argv.join(' ')} ${what}; it printed:\n${log}`));
      const take = (text: string): void => {
        log += text;
        if (options.ready.test(log)) resolve();
      };
      child.stdout?.setEncoding('utf8').on('data', take);
      child.stderr?.setEncoding('utf8').on('data', take);
      child.once('error', reject);
      child.once('exit', (code, signal) => fail(`ended (${code ?? signal})`));
      timer = setTimeout(() => fail(`was not ready in ${READY_MS} ms`), READY_MS);
    });
  } catch (error) {
    await end(child, ended, 'SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
  while (!(await isOpen(options.port))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${argv.join(' ')} ended:\n${log}`);
    await delay(LOOK_MS);
  }
  return {
    pid: child.pid!,
    log: () => log,
    kill: () => end(child, ended, 'SIGKILL'),
    [Symbol.asyncDispose]: () => end(child, ended, 'SIGTERM'),
  };
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

/** SIGTERM lets a server end its kernels first. Old ones were seen to stay alive after it (testbed.md §3). */
async function end(child: ChildProcess, ended: Promise<void>, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(timer);
}
