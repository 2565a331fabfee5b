import { existsSync, fstatSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { homeDirectory, removeIfEmpty, withLock } from '@kernelkit/core';
import type { Gateway, GatewayEvent } from '@kernelkit/server';
import { staySmall } from '../serve/memory.js';
import type { Session } from '../session.js';
import { ExitStatus } from '../status.js';
import { version } from '../version.js';
import { keepAddress } from './address.js';
import { BoundedLog } from './log.js';
import { type BackgroundPlace, backgroundPlace, isListening, makePlace } from './place.js';

/** How long it waits for its first kernel. */
const FIRST_MS = 30_000;
/** How long a dead kernel is kept, so that why it died can be asked. */
const DEAD_MS = 10 * 60_000;
const LOOK_MS = 60_000;
/** A start has the client's whole environment in it. */
const BODY_BYTES = 32 * 2 ** 20;

/** Serves the user's kernels that stay, until the last of them has ended; where another one does so already, ends at once. */
export async function serveBackground({ signal, screen }: Session): Promise<ExitStatus> {
  const place = await backgroundPlace();
  await makePlace(place);
  const log = new BoundedLog((line) => screen.note(line));
  const { lineOf } = await import('../serve/log.js');
  let changed = () => {};
  const gateway = await begin(place, signal, (event) => {
    log.add(lineOf(event));
    if (event.kind === 'kernel-ended') changed();
  });
  if (gateway === null) return ExitStatus.ok;
  using _small = staySmall();
  log.add(`kernelkit ${version} at ${place.socket}: process ${process.pid}`);
  const first = setTimeout(() => changed(), FIRST_MS);
  const looks = setInterval(() => {
    endDead(gateway);
    // of a kernel that was asked for and could not be made nothing is told
    changed();
    keepFresh(place);
    keepTemporary();
    // where it cannot be had now, as between a logout and a login, it may be later
    keepAddress(gateway, place, signal).catch(() => {});
  }, LOOK_MS);
  const stopped = new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
  try {
    while (!signal.aborted) {
      const change = new Promise<void>((done) => {
        changed = done;
      });
      await Promise.race([stopped, change]);
      if (gateway.kernels.isEmpty) break;
    }
  } finally {
    clearTimeout(first);
    clearInterval(looks);
    // before the address is free: whoever comes next has a log of the same name
    if (isOwnLog(place)) rmSync(place.log, { force: true });
    // in the turn in which it was seen that there is no kernel: one that is asked for after it is refused, and none is lost
    await gateway[Symbol.asyncDispose]();
    await removeIfEmpty(place.directory);
  }
  return ExitStatus.ok;
}

/** Takes the address; null: somebody has it. @throws CannotListenError, JournalError, BackgroundError, the signal's reason */
async function begin(
  place: BackgroundPlace,
  signal: AbortSignal,
  onEvent: (event: GatewayEvent) => void,
): Promise<Gateway | null> {
  if (await isListening(place)) return null;
  // a Unix socket alone is no lock: of two that found it dead, the second would remove what the first has just put there
  return withLock(place.lock, signal, async () => {
    if (await isListening(place)) return null;
    const { createGateway } = await import('@kernelkit/server');
    const gateway = createGateway({
      rootDir: homeDirectory(process.platform, process.env) || '/',
      // the directory and the socket are the user's alone
      ...{ token: '', trustedStart: true, maxBodyBytes: BODY_BYTES },
      // a fresh kernel in the place of one that died would have lost everything without a word; restart is there for that
      autoRestart: false,
      onEvent,
    });
    await gateway.listen({ socketPath: place.socket });
    // what the one before it left, when it was killed
    if (existsSync(place.log)) truncateSync(place.log);
    return gateway;
  });
}

/** Whether the log is the one that this process writes: where it was cleared up, it may be another gateway's by now. */
function isOwnLog({ log }: BackgroundPlace): boolean {
  const found = statSync(log, { throwIfNoEntry: false });
  return found !== undefined && found.ino === fstatSync(2).ino;
}

/** Ends kernels that died long ago: nobody asks for them any more, and the gateway should not stay for them. */
function endDead({ kernels }: Gateway): void {
  for (const { id, hub } of kernels.list()) {
    if (hub.state !== 'dead' || Date.now() - hub.lastActivity.getTime() < DEAD_MS) continue;
    kernels.end(id).catch(() => {});
  }
}

/** What clears up among temporary files goes by the time at which they were touched. */
function keepFresh({ socket, log }: BackgroundPlace): void {
  for (const path of process.platform === 'win32' ? [] : [socket, log]) {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // it was cleared up all the same
    }
  }
}

/** The TMPDIR of whoever came first may have been one job's (batch systems, nix-shell), and gone with it. */
function keepTemporary(): void {
  if (existsSync(tmpdir())) return;
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) delete process.env[name];
}
