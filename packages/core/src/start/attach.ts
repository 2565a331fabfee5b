import { resolve } from 'node:path';
import type { ConnectionInfo } from '@kernelkit/protocol';
import { readJournal } from '../journal/index.js';
import { Kernel } from '../kernel/index.js';
import { AttachedHost, type KnownProcess } from './attached-host.js';
import { readConnectionFile } from './connection-file.js';
import { type JoinOptions, join } from './join.js';

/** How a kernel of somebody else's is joined. */
export type AttachOptions = JoinOptions;

/**
 * Joins a kernel that somebody else started (Jupyter, an editor, another of our processes): `await using kernel = await attach('kernel-1.json')`.
 * It works at once, busy or not, and its running output is seen; `close` ends the connection and nothing else.
 * What came on iopub meanwhile reaches the listeners that are added right after the call has resolved.
 *
 * @param what its connection file, or what stands in it
 * @throws ConnectionFileError, KernelUnreachableError, AbortedError
 */
export async function attach(what: string | ConnectionInfo, options: AttachOptions = {}): Promise<Kernel> {
  const info = typeof what === 'string' ? await readConnectionFile(what) : what;
  const where = typeof what === 'string' ? what : `${info.transport}://${info.ip}`;
  const { raw, caughtUp: _, ...connection } = await join(info, where, options);
  try {
    const known = typeof what === 'string' ? await knownProcess(what) : null;
    const kernel = new Kernel(new AttachedHost(info, raw, connection, known));
    // after the caller has had a chance to listen
    setTimeout(() => connection.channels.release(), 0);
    return kernel;
  } catch (error) {
    await raw.close(0);
    throw error;
  }
}

/** The process behind a connection file, where one of ours wrote it. */
async function knownProcess(file: string): Promise<KnownProcess | null> {
  const journal = await readJournal().catch(() => null);
  const path = resolve(file);
  return (
    journal?.entries.find(
      ({ connectionFile, state }) => connectionFile === path && (state === 'owned' || state === 'orphaned'),
    ) ?? null
  );
}
