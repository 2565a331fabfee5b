import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Session } from '../session.js';
import { BackgroundError } from './errors.js';
import { type BackgroundPlace, isListening, makePlace } from './place.js';
import { programPath } from './program-path.js';

/** The hidden subcommand. */
export const BACKGROUND = 'serve-background';

const AGAIN_MS = 20;
const TRIES = 20;
const TAIL_BYTES = 4096;

/**
 * Starts a gateway in the background, and comes back when one listens, or when ours has left the address to another one.
 * @throws BackgroundError with what it said, JournalError, the signal's reason
 */
export async function spawnBackground(place: BackgroundPlace, { screen }: Session, signal: AbortSignal): Promise<void> {
  const program = programPath();
  if (program === null) {
    throw new BackgroundError(
      'background-failed',
      'a gateway in the background is started by the kernelkit command only',
    );
  }
  const log = await openLog(place);
  const child = spawn(process.execPath, [program, BACKGROUND], {
    // a session of its own: neither Ctrl-C nor a closed terminal is its affair; and no directory or pipe of ours is held
    ...{ detached: true, cwd: '/', stdio: ['ignore', log, log], windowsHide: true },
    // the place as it was found from here: a relative path, or another XDG_RUNTIME_DIR, must not lead it elsewhere
    env: { ...backgroundEnvironment(process.env), KERNELKIT_GATEWAY_SOCKET: place.socket },
  });
  closeSync(log);
  child.unref();
  let ended: string | null = null;
  child.once('error', ({ message }) => {
    ended = message;
  });
  child.once('exit', (code, by) => {
    ended = code === 0 ? '' : `it ended with ${by ?? `status ${code}`}`;
  });
  screen.detail(`starting the gateway in the background: process ${child.pid}, ${place.socket}`);
  for (;;) {
    if (await isListening(place)) return;
    // whoever has the address may be about to leave it: the caller asks again
    if (ended === '') return;
    if (ended !== null) throw failed(ended, place);
    try {
      await delay(AGAIN_MS, undefined, { signal });
    } catch {
      throw failed('it does not listen yet', place, signal.reason);
    }
  }
}

/** A gateway that ends takes the directory with it where nothing else is there, and that may be just after it was made. */
async function openLog(place: BackgroundPlace): Promise<number> {
  for (let left = TRIES; ; left--) {
    await makePlace(place);
    try {
      return openSync(place.log, 'a', 0o600);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' && left > 1) continue;
      throw new BackgroundError('background-failed', `the log of the gateway in the background: ${message}`, {
        ...{ cause: error, fix: `set KERNELKIT_GATEWAY_SOCKET to another path than ${place.socket}` },
      });
    }
  }
}

function failed(how: string, { log, socket }: BackgroundPlace, cause?: unknown): BackgroundError {
  const said = tailOf(log);
  const message = `the gateway in the background did not start: ${how}${said === '' ? '' : `\n${said}`}`;
  return new BackgroundError('background-failed', message, {
    cause,
    fix: `see ${log}, or set KERNELKIT_GATEWAY_SOCKET to another path than ${socket}`,
  });
}

/** The last that it said. */
export function tailOf(log: string): string {
  try {
    return readFileSync(log).subarray(-TAIL_BYTES).toString('utf8').trim();
  } catch {
    return '';
  }
}

/** What it needs itself. A kernel gets the environment of the command that starts it; the first one's is no other's affair. */
const NEEDED =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|LD_LIBRARY_PATH|XDG_\w+|KERNELKIT_\w+|SystemRoot|ComSpec|PATHEXT|USERPROFILE|USERNAME|APPDATA|LOCALAPPDATA)$/i;

export function backgroundEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => NEEDED.test(name)));
}
