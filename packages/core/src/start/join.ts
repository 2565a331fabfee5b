import type { ConnectionInfo } from '@kernelkit/protocol';
import { type KernelInfo, NOTHING_SAID } from '../channels/index.js';
import { AbortedError, KernelkitError } from '../errors/index.js';
import { RawChannels, type RawOptions } from '../raw/index.js';
import { Deadline, settlesWithin } from '../wait/index.js';
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

export interface JoinOptions extends RawOptions {
  /** Milliseconds for its sockets to take the connection, and for a sign of life. Default 10,000. */
  timeout?: number;
  signal?: AbortSignal;
}

/** A connection to a kernel that runs. */
export interface Joined {
  raw: RawChannels;
  /** What comes waits in them until they are released. */
  channels: HeldChannels;
  info: KernelInfo;
  status: 'idle' | 'busy';
  /** A busy kernel that could not say who it is yet: this resolves when it does. */
  later?: Promise<KernelInfo>;
  /** Resolves when it is done with all that it was asked before, and its output of that has been handed out. */
  caughtUp: Promise<void>;
}

const TIMEOUT_MS = 10_000;
/** A kernel that is idle answers within this; one that is busy may not answer before its cell is done. */
const PATIENCE_MS = 500;
/** How long a request may have nothing come on iopub before it is repeated. */
const REPEAT_MS = 20;
/** After the control channel has answered: how long the shell channel may take, in a kernel that does nothing. */
const SHELL_MS = 100;

/**
 * Connects to a kernel that runs, busy or not.
 * @param where what it is called in errors
 * @throws KernelUnreachableError, AbortedError
 */
export async function join(info: ConnectionInfo, where: string, options: JoinOptions = {}): Promise<Joined> {
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
    const { caughtUp, ...words } = await firstWords(raw, channels.ignored, where);
    // its output may have come, and wait in the channels
    return { raw, channels, ...words, caughtUp: caughtUp.then(() => channels.released) };
  } catch (error) {
    await raw.close(0);
    if (signal?.aborted) throw new AbortedError(`Joining the kernel at ${where}`, signal.reason);
    throw error;
  }
}

/**
 * Asks on shell and control at once, and again until something came on iopub: before that the kernel may not know of our subscription, and
 * what it prints would be lost. Many kernels answer on control while a cell runs; IRkernel never does, and on shell nobody does: such a
 * kernel is taken for busy.
 */
async function firstWords(
  raw: RawChannels,
  ours: Set<string>,
  where: string,
): Promise<Pick<Joined, 'info' | 'status' | 'later' | 'caughtUp'>> {
  const first = new FirstMessages(raw, ours);
  const { caughtUp } = first;
  first.ask('shell');
  first.ask('control');
  if (await settlesWithin(first.answer, PATIENCE_MS)) {
    const isIdle = await settlesWithin(first.answerOnShell, SHELL_MS);
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await settlesWithin(first.output, REPEAT_MS)) && performance.now() < deadline)
      first.ask(isIdle ? 'shell' : 'control');
    return { info: await first.answer, status: isIdle ? 'idle' : 'busy', caughtUp };
  }
  const [unreadable] = first.unreadable;
  if (unreadable !== undefined) {
    first.stop();
    throw new KernelUnreachableError(where, `what it answers cannot be read (${unreadable})`);
  }
  // Its ZeroMQ thread has shaken hands, so that it lives. Not even the heartbeat is asked: IRkernel's is answered between cells.
  return { info: NOTHING_SAID, status: 'busy', later: first.answer, caughtUp };
}
