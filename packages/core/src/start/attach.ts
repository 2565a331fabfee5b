import { resolve } from 'node:path';
import type { ConnectionInfo } from '@kernelkit/protocol';
import type { KernelInfo } from '../channels/index.js';
import { AbortedError, KernelkitError } from '../errors/index.js';
import { readJournal } from '../journal/index.js';
import { Kernel } from '../kernel/index.js';
import { RawChannels, type RawOptions } from '../raw/index.js';
import { Deadline, settlesWithin } from '../wait/index.js';
import { AttachedHost, type KnownProcess } from './attached-host.js';
import { readConnectionFile } from './connection-file.js';
import { FirstMessages } from './first-messages.js';
import { HeldChannels } from './held-channels.js';

/** Nobody answers where a connection file says that a kernel listens. */
export class KernelUnreachableError extends KernelkitError {
  constructor(where: string, why: string) {
    super('kernel-unreachable', `the kernel at ${where} cannot be reached: ${why}`, {
      fix: 'check that it still runs; a connection file may be left of one that has ended',
    });
  }
}

export interface AttachOptions extends RawOptions {
  /** Milliseconds for its sockets to take the connection, and for a sign of life. Default 10,000. */
  timeout?: number;
  signal?: AbortSignal;
}

const TIMEOUT_MS = 10_000;
/** A kernel that is idle answers within this; one that is busy may not answer before its cell is done. */
const PATIENCE_MS = 500;
/** How long a request may have nothing come on iopub before it is repeated. */
const REPEAT_MS = 20;
/** After the control channel has answered: how long the shell channel may take, in a kernel that does nothing. */
const SHELL_MS = 100;

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
  const { timeout = TIMEOUT_MS, signal } = options;
  if (signal?.aborted) throw new AbortedError(`Joining the kernel at ${where}`, signal.reason);
  const raw = new RawChannels(info, options);
  const channels = new HeldChannels(raw);
  using deadline = new Deadline(timeout, signal);
  try {
    const connected = await raw.connected(deadline.signal).then(
      () => true,
      () => false,
    );
    signal?.throwIfAborted();
    if (!connected) {
      const open = [...raw.opened];
      const seen = open.length === 0 ? 'none of its sockets' : `only ${open.join(' and ')}`;
      throw new KernelUnreachableError(where, `${seen} took the connection within ${timeout / 1000} s`);
    }
    const said = await firstWords(raw, channels.ignored, where);
    const known = typeof what === 'string' ? await knownProcess(what) : null;
    const host = new AttachedHost(info, raw, { channels, ...said }, known);
    const kernel = new Kernel(host);
    // after the caller has had a chance to listen
    setTimeout(() => channels.release(), 0);
    return kernel;
  } catch (error) {
    await raw.close(0);
    if (signal?.aborted) throw new AbortedError(`Joining the kernel at ${where}`, signal.reason);
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

interface FirstWords {
  info: KernelInfo;
  status: 'idle' | 'busy';
  later?: Promise<KernelInfo>;
}

/**
 * Asks on shell and control at once, and again until something came on iopub: before that the kernel may not know of our subscription, and
 * what it prints would be lost. Many kernels answer on control while a cell runs; IRkernel never does, and on shell nobody does: such a
 * kernel is taken for busy.
 */
async function firstWords(raw: RawChannels, ours: Set<string>, where: string): Promise<FirstWords> {
  const first = new FirstMessages(raw, ours);
  first.ask('shell');
  first.ask('control');
  if (await settlesWithin(first.answer, PATIENCE_MS)) {
    const isIdle = await settlesWithin(first.answerOnShell, SHELL_MS);
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await settlesWithin(first.output, REPEAT_MS)) && performance.now() < deadline)
      first.ask(isIdle ? 'shell' : 'control');
    return { info: await first.answer, status: isIdle ? 'idle' : 'busy' };
  }
  const [unreadable] = first.unreadable;
  if (unreadable !== undefined) {
    first.stop();
    throw new KernelUnreachableError(where, `what it answers cannot be read (${unreadable})`);
  }
  // Its ZeroMQ thread has shaken hands, so that it lives. Not even the heartbeat is asked: IRkernel's is answered between cells.
  return { info: NOTHING_SAID, status: 'busy', later: first.answer };
}

/** What stands for a kernel's own words until they come. */
const NOTHING_SAID: KernelInfo = {
  status: 'ok',
  protocol_version: '5.3',
  implementation: '',
  implementation_version: '',
  language_info: { name: '', version: '', mimetype: 'text/plain', file_extension: '' },
  banner: '',
};
