import { type ConnectServerOptions, connectServer, type PastedServer, ServerError } from '@kernelkit/core';
import { InputEndedError } from '../errors.js';
import { hide } from '../secrets.js';
import type { Session } from '../session.js';
import { type AskedServer, hasToken } from './asked.js';

/**
 * A server that lets us in. Asks a person at the terminal for a password where it wants one, and tells how far a hub is with it.
 * @param start whether a hub's server that does not run is started; default: it is
 * @param mayAsk default: it may
 * @throws ServerError, AbortedError
 */
export async function connect(
  session: Session,
  server: AskedServer,
  { start = true, mayAsk = true }: { start?: boolean; mayAsk?: boolean } = {},
): Promise<PastedServer> {
  const { screen, signal } = session;
  const { url, shown, token, trust } = server;
  let told = '';
  const options: ConnectServerOptions = {
    ...trust,
    ...(token !== null && { token }),
    signal,
    hub: {
      start,
      onProgress: ({ percent, message }) => {
        const line = `${shown}: ${message}${percent === null ? '' : ` (${percent} %)`}`;
        if (line === told) return;
        told = line;
        if (screen.hasLive) screen.live(line.slice(0, screen.liveColumns - 1));
        else screen.note(line);
      },
    },
  };
  const begin = performance.now();
  try {
    const settings = await letIn(session, server, mayAsk, options);
    screen.detail(`${shown} lets us in after ${Math.round(performance.now() - begin)} ms`);
    return settings;
  } catch (error) {
    // what is wrong with it may be that there is a "token" in it, which is nobody's to see
    if (error instanceof ServerError && error.kind === 'server-url-invalid') hide(url);
    throw error;
  } finally {
    if (told !== '') screen.live('');
  }
}

async function letIn(
  session: Session,
  server: AskedServer,
  mayAsk: boolean,
  options: ConnectServerOptions,
): Promise<PastedServer> {
  try {
    return await connectServer(server.url, options);
  } catch (error) {
    if (hasToken(server) || !wantsProof(error)) throw error;
    const password = server.password ?? (mayAsk ? await inTurn(() => passwordFor(session, server)) : null);
    if (password === null) throw error;
    server.password = password;
    return connectServer(server.url, { ...options, password });
  }
}

function wantsProof(error: unknown): boolean {
  return error instanceof ServerError && (error.kind === 'server-unauthorized' || error.kind === 'server-login-page');
}

let questions: Promise<unknown> = Promise.resolve();

/** One question after the other. */
function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  const answer = questions.then(ask, ask);
  questions = answer.catch(() => {});
  return answer;
}

/** What a person at the terminal types; null: nobody is there, or it is nothing. */
async function passwordFor({ json, signal }: Session, { shown }: AskedServer): Promise<string | null> {
  if (json || process.stdin.isTTY !== true || process.stderr.isTTY !== true) return null;
  const { ask } = await import('../ask.js');
  try {
    // its login page takes the one or the other
    const password = await ask({ prompt: `Password or token for ${shown}: `, password: true }, signal);
    hide(password);
    return password === '' ? null : password;
  } catch (error) {
    if (error instanceof InputEndedError) return null;
    throw error;
  }
}
