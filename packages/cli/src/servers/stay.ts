import {
  JupyterServer,
  type KernelModel,
  KernelNotFoundError,
  ServerError,
  type SessionModel,
  shownUrl,
} from '@kernelkit/core';
import { factsOf } from '../background/entries.js';
import { runningBackground } from '../background/reach.js';
import type { Session } from '../session.js';
import { askedServers } from './asked.js';
import { connect } from './connect.js';

/** A place where kernels stay when the command ends. */
export interface StayingPlace {
  url: string;
  server: JupyterServer;
  /** It is the user's own gateway in the background. */
  isOwn: boolean;
}

/** A kernel that stays. */
export interface StayingKernel {
  place: StayingPlace;
  kernel: KernelModel;
  session: SessionModel | null;
}

/**
 * The servers of the command line; where there is none, the gateway in the background, if it runs. Starts nothing.
 * @throws UsageError, ServerError, BackgroundError, JournalError
 */
export async function places(session: Session): Promise<StayingPlace[]> {
  if (session.servers.server === undefined) {
    const own = await runningBackground(session);
    return own === null ? [] : [{ url: own.url, server: own.server, isOwn: true }];
  }
  const asked = await askedServers(session.servers);
  return Promise.all(
    asked.map(async (server) => {
      const settings = await connect(session, server, { start: false });
      return { url: shownUrl(settings.baseUrl), server: new JupyterServer(settings), isOwn: false };
    }),
  );
}

/** Every kernel that stays there. @throws ServerError, AbortedError */
export async function staying(session: Session, at: readonly StayingPlace[]): Promise<StayingKernel[]> {
  const { signal } = session;
  const all = await Promise.all(
    at.map(async (place) => {
      const [kernels, sessions] = await Promise.all([
        place.server.kernels({ signal }),
        place.server.sessions({ signal }),
      ]).catch((error: unknown): [KernelModel[], SessionModel[]] => {
        // our own goes with its last kernel, at any time
        if (place.isOwn && error instanceof ServerError && error.kind === 'server-unreachable') return [[], []];
        throw error;
      });
      return kernels.map((kernel) => {
        return { place, kernel, session: sessions.find((each) => each.kernel?.id === kernel.id) ?? null };
      });
    }),
  );
  return all.flat();
}

/**
 * The kernel that an id names, or a beginning of it that no other has, or its session's path.
 * @throws KernelNotFoundError
 */
export function chosen(kernels: readonly StayingKernel[], query: string): StayingKernel {
  const exact = kernels.find(({ kernel, session }) => kernel.id === query || session?.path === query);
  if (exact !== undefined) return exact;
  const [one, ...others] = query === '' ? [] : kernels.filter(({ kernel }) => kernel.id.startsWith(query));
  if (one !== undefined && others.length === 0) return one;
  const what = one === undefined ? 'There is no kernel' : 'There are several kernels';
  throw new KernelNotFoundError(query, `${what} ${JSON.stringify(query)} that runs there`, {
    ...{ candidates: [], searched: [] },
    fix: 'kernelkit ps, with the same --server if there is one, lists those that run',
  });
}

/** A kernel that stays, as `--json` has it. */
export function document({ place, kernel, session }: StayingKernel): Record<string, unknown> {
  const { id, name, execution_state: state, last_activity: lastActivity, connections } = kernel;
  const told = session && { id: session.id, path: session.path, name: session.name, type: session.type };
  const facts = factsOf(kernel);
  const ours = facts && {
    ...{ displayName: facts.displayName, language: facts.language, cwd: facts.cwd, log: facts.log },
    connectionFile: facts.connectionFile ?? null,
  };
  return { id, name, server: { url: place.url }, state, lastActivity, connections, session: told, ...ours };
}
