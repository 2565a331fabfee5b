import type { JupyterMessage } from '@kernelkit/protocol';
import { type ChannelNotice, ListenerSet } from '../channels/index.js';
import type { KernelDeath } from './errors.js';
import type { Revival } from './host.js';
import type { OutputEvent } from './types.js';

/** What a kernel is doing; `closed` is this client's own doing. */
export type KernelStatus = 'starting' | 'idle' | 'busy' | 'restarting' | 'dead' | 'closed';

/** The events of a kernel; `on` says what each carries. */
export interface KernelEvents {
  /** Every message on iopub, of whatever parent. */
  iopub: JupyterMessage;
  status: KernelStatus;
  /** What the transport had to leave out: overflow, unreadable messages. */
  notice: ChannelNotice;
  /** The kernel ended without being asked to. */
  died: KernelDeath;
  /** It is started again after it died: before each try, and when it is given up. */
  revival: Exclude<Revival, { kind: 'restarted' }> | { kind: 'restarted' };
  /** Output whose execution is done, or that belongs to none of this client's. */
  lateOutput: { parent: string | null; output: OutputEvent };
}

/** For each event those who listen to it. */
export type EventListeners = { [K in keyof KernelEvents]: ListenerSet<KernelEvents[K]> };

export function eventListeners(): EventListeners {
  return {
    iopub: new ListenerSet(),
    status: new ListenerSet(),
    notice: new ListenerSet(),
    died: new ListenerSet(),
    revival: new ListenerSet(),
    lateOutput: new ListenerSet(),
  };
}
