import type { Channels, KernelInfo } from '../channels/index.js';
import type { KernelDeath } from './errors.js';

/** A connection to a running kernel: fresh after every restart. */
export interface KernelConnection {
  channels: Channels;
  info: KernelInfo;
  /** What it does at the moment of connecting. Default: nothing. */
  status?: 'idle' | 'busy';
  /** A busy kernel that could not say who it is yet: `info` then says nothing, and this resolves when it does. */
  later?: Promise<KernelInfo>;
  /** A kernel that went on while nobody was connected to it: since when. */
  adopted?: {
    since: Date;
    /** Resolves when it is done with all that it had been asked by then, and its output of that has come. */
    caughtUp: Promise<void>;
  };
}

/** The kernel died, and whoever runs it starts it again by itself. */
export type Revival =
  | { kind: 'restarting'; attempt: number; limit: number; delayMs: number }
  | { kind: 'restarted'; connection: KernelConnection }
  /** It did not come back, or too often. */
  | { kind: 'given-up'; error: Error };

/** Whoever runs the kernel for a Kernel client: our own process, or a Jupyter server. */
export interface KernelHost {
  /** The kernel's id, kept over restarts. */
  readonly id: string;
  readonly connection: KernelConnection;
  /** Interrupts the code that runs; null: by `interrupt_request` on the control channel. */
  interrupt: (() => Promise<void>) | null;
  /** Replaces the kernel by a fresh one under the same id; null where that is not ours to do. */
  restart: ((busy: boolean, signal?: AbortSignal) => Promise<KernelConnection>) | null;
  /** Ends the kernel, or only our connection where it is not ours. Called once. `busy`: a cell runs, and may be interrupted. */
  shutdown(busy: boolean): Promise<void>;
  /** Ends our connection, and leaves the kernel running; absent where it would end with us. Called instead of `shutdown`. */
  leave?(): Promise<void>;
  /** Adds what is called when the kernel dies without being asked to. */
  onDeath(listener: (death: KernelDeath) => void): () => void;
  /** Adds what is called when the kernel is started again after a death; absent where that is not done. */
  onRevival?(listener: (revival: Revival) => void): () => void;
}
