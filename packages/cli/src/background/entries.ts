import { type KernelModel, listServer, type ServerEntry } from '@kernelkit/core';
import type { Session } from '../session.js';
import { type Background, runningBackground } from './reach.js';

/** What the gateway in the background tells of a kernel, beside what every server does. */
export interface StayingFacts {
  displayName: string;
  language: string;
  cwd: string;
  log: { first: number; last: number; bytes: number };
  connectionFile?: string | null;
  /** Why it is dead. */
  failure?: { message: string } | null;
}

export function factsOf({ kernelkit }: Pick<KernelModel, 'kernelkit'>): StayingFacts | null {
  const { displayName, language, cwd, log } = kernelkit ?? {};
  const isText = (value: unknown) => typeof value === 'string';
  if (!isText(displayName) || !isText(language) || !isText(cwd) || typeof log !== 'object') return null;
  return kernelkit as unknown as StayingFacts;
}

/**
 * A kernel that stays in the background, as something to pick: by its id, or a beginning of it that no other kernel's has. Null: there is none.
 * @throws BackgroundError, ServerError
 */
export async function stayingEntry(session: Session, query: string): Promise<ServerEntry | null> {
  const found = await runningBackground(session);
  return found === null ? null : entryOf(session, found, query);
}

async function entryOf(
  { signal }: Session,
  { settings, server, url }: Background,
  query: string,
): Promise<ServerEntry | null> {
  const [kernels, { entries }] = await Promise.all([
    server.kernels({ signal }),
    listServer(settings, { onlyRunning: true }, signal),
  ]);
  const [model, ...others] = kernels.filter(({ id }) => id.startsWith(query));
  const entry = entries.find(({ remote }) => remote.kernelId === model?.id);
  if (model === undefined || others.length > 0 || entry === undefined) return null;
  const facts = factsOf(model);
  const { displayName, language } = facts ?? { displayName: entry.displayName, language: entry.language };
  return { ...entry, displayName, language, server: { url } };
}
