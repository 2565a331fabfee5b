import type { JupyterMessage } from '@kernelkit/protocol';
import type { ChannelNotice } from '../channels/index.js';
import type { KernelDeath } from './errors.js';
import type { OutputEvent } from './types.js';

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
  /** Output whose execution is done, or that belongs to none of this client's. */
  lateOutput: { parent: string | null; output: OutputEvent };
}
