import {
  Deadline,
  JupyterServer,
  type NodeNetwork,
  nodeNetwork,
  type ServerSettings,
  serverFromUrl,
} from '@kernelkit/core';
import type { Session } from '../session.js';
import { version } from '../version.js';
import { BackgroundError } from './errors.js';
import { type BackgroundPlace, backgroundPlace, isListening } from './place.js';
import { spawnBackground, tailOf } from './spawn.js';

/** The user's gateway in the background, as a server. */
export interface Background {
  place: BackgroundPlace;
  /** As it is shown: `unix:…`. */
  url: string;
  settings: ServerSettings;
  server: JupyterServer;
}

/** A host that is never looked for: everything goes to the socket. */
const URL_OF_IT = 'http://localhost/';
/** How long it may take to say who it is. */
const HELLO_MS = 10_000;
const START_MS = 30_000;

/** The gateway that runs; null: none does. @throws BackgroundError, JournalError */
export async function runningBackground(session: Session): Promise<Background | null> {
  const place = await backgroundPlace();
  return (await isListening(place)) ? greet(session, place) : null;
}

/**
 * The gateway that runs, or a new one.
 * @throws BackgroundError, JournalError
 */
export async function background(session: Session): Promise<Background> {
  const place = await backgroundPlace();
  using deadline = new Deadline(START_MS, session.signal);
  for (;;) {
    if (!(await isListening(place))) await spawnBackground(place, session, deadline.signal);
    const found = await greet(session, place);
    if (found !== null) return found;
    session.signal.throwIfAborted();
    if (deadline.hasPassed) {
      throw new BackgroundError('background-failed', `${place.socket} is taken and left again and again`, {
        fix: `see ${place.log}`,
      });
    }
  }
}

/** Asks who listens; null: it has gone meanwhile. @throws BackgroundError */
async function greet(session: Session, place: BackgroundPlace): Promise<Background | null> {
  const network = await networkTo(place);
  using deadline = new Deadline(HELLO_MS, session.signal);
  let said: { kernelkit?: unknown } | null;
  try {
    const response = await network.fetch(`${URL_OF_IT}api`, { signal: deadline.signal });
    said = (await response.json()) as { kernelkit?: unknown } | null;
  } catch (error) {
    session.signal.throwIfAborted();
    if (!(await isListening(place))) return null;
    const what = deadline.hasPassed
      ? `does not answer within ${HELLO_MS / 1000} s`
      : `answers with what is no gateway's`;
    throw new BackgroundError('background-failed', `what listens at ${place.socket} ${what}`, {
      ...{ cause: error, fix: holderOf(place) },
    });
  }
  if (typeof said?.kernelkit !== 'string') {
    const message = `what listens at ${place.socket} is not kernelkit`;
    throw new BackgroundError('background-failed', message, { fix: holderOf(place) });
  }
  if (said.kernelkit !== version) {
    session.screen.note(
      `the gateway in the background is kernelkit ${said.kernelkit}, and this is ${version}: when its last kernel has ended (kernelkit stop --all), a new one comes in its place`,
    );
  }
  const settings = serverFromUrl(URL_OF_IT, { network });
  return { place, url: `unix:${place.socket}`, settings, server: new JupyterServer(settings) };
}

function holderOf({ log, socket }: BackgroundPlace): string {
  const pid = /process (\d+)/.exec(tailOf(log))?.[1];
  return pid === undefined ? `end whatever listens at ${socket}` : `end process ${pid}: its kernels end with it`;
}

const networks = new Map<string, Promise<NodeNetwork>>();

/** One for the whole command. Its connections keep no process alive. */
function networkTo({ socket }: BackgroundPlace): Promise<NodeNetwork> {
  const known = networks.get(socket) ?? nodeNetwork({ socketPath: socket });
  networks.set(socket, known);
  return known;
}
