import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isPrivateDirectory, journalDirectory, makePrivateDirectory } from '@kernelkit/core';
import { BackgroundError } from './errors.js';

/** Where the user's gateway in the background is. */
export interface BackgroundPlace {
  /** Nobody else may look into it. */
  directory: string;
  /** A Unix socket; on Windows a named pipe. */
  socket: string;
  /** What it tells, until it has ended well. */
  log: string;
  /** Whoever is about to take the address has this file. */
  lock: string;
}

/** Bytes that a Unix socket's path may have (`sun_path`, without the 0 at its end). */
const LONGEST = process.platform === 'linux' ? 107 : 103;

/**
 * `gateway.sock` in `$XDG_RUNTIME_DIR/kernelkit`, or in `kernelkit.UID` among the temporary files: beside the journal of kernels.
 * KERNELKIT_GATEWAY_SOCKET names another path, in a directory that is nobody else's.
 * @throws BackgroundError
 */
export async function backgroundPlace(env: NodeJS.ProcessEnv = process.env): Promise<BackgroundPlace> {
  const named = env.KERNELKIT_GATEWAY_SOCKET ?? '';
  const isPipe = process.platform === 'win32';
  const directory = named === '' || isPipe ? await journalDirectory({ env }) : dirname(resolve(named));
  const socket = isPipe ? named || pipeOf(userInfo().username) : resolve(named || join(directory, 'gateway.sock'));
  if (!isPipe && Buffer.byteLength(socket) > LONGEST) {
    throw new BackgroundError('background-place', `${socket} is too long for the path of a Unix socket`, {
      fix: `set KERNELKIT_GATEWAY_SOCKET to a path of at most ${LONGEST} bytes, in a directory of yours (mode 0700)`,
    });
  }
  const base = isPipe ? join(directory, 'gateway') : socket.replace(/\.sock$/, '');
  return { directory, socket, log: `${base}.log`, lock: `${base}.lock` };
}

/** Never run: there was no Windows to run it on. A pipe is its maker's by Windows' default rights. */
export function pipeOf(user: string): string {
  return `\\\\.\\pipe\\kernelkit-${user.replace(/[^\w.-]/g, '_')}-gateway`;
}

/**
 * Whether something listens there. A directory that others can reach into is not looked at.
 * @throws BackgroundError, JournalError where it cannot be trusted or reached
 */
export async function isListening({ directory, socket }: BackgroundPlace): Promise<boolean> {
  if (process.platform !== 'win32' && !(await isPrivateDirectory(directory))) return false;
  return new Promise((done, fail) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      done(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      // nobody was ever there; whoever was there has gone
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') done(false);
      // so many clients at once that the system puts no more into its queue
      else if (error.code === 'EAGAIN') done(true);
      else {
        const message = `the gateway in the background cannot be reached: ${error.message}`;
        fail(new BackgroundError('background-failed', message, { cause: error, fix: `remove ${socket}` }));
      }
    });
  });
}

/** Makes the directory, unless it is there. @throws JournalError where it is not ours alone */
export async function makePlace({ directory }: BackgroundPlace): Promise<void> {
  await makePrivateDirectory(directory);
}
