import type { JupyterMessage, MessageContents } from '@kernelkit/protocol';

/** What a kernel says of itself: the content of a kernel_info_reply that is no error. */
export type KernelInfo = Extract<MessageContents['kernel_info_reply'], { implementation: string }>;

/** Something that the transport had to leave out. Never silent: it is an event with a count. */
export type ChannelNotice =
  /** Messages that were dropped because the reader fell behind by more than the bound on memory. */
  | { kind: 'overflow'; channel: string; messages: number; bytes: number }
  /** A message that could not be read (signature, delimiter, JSON). The others are not affected. */
  | { kind: 'invalid'; channel: string; reason: string; error: Error }
  /** A question of the kernel's that belongs to no execution of ours: it got an empty answer. */
  | { kind: 'unanswered'; channel: string; reason: string }
  /** A socket lost its peer and is connecting again. */
  | { kind: 'disconnected'; channel: string; reason: string }
  /** It is connected again, after so many milliseconds. */
  | { kind: 'reconnected'; channel: string; ms: number }
  /**
   * Messages that will not come any more: the connection broke with them on it, or a server threw them away. `messages`: how many, where
   * that can be told; null: some may be missing, or none. `requests`: the msg_ids of our own whose output or answer it may be.
   */
  | { kind: 'lost'; channel: string; messages: number | null; requests: readonly string[]; reason: string };

/** Why no more messages will come. */
export interface ChannelsGone {
  kind: 'closed' | 'peer-gone' | 'failed';
  message: string;
  cause?: unknown;
}

/** Who hears what comes in by channels. */
export interface ChannelsListener {
  /** A message; in order within its channel, never across channels. */
  message?(message: JupyterMessage): void;
  notice?(notice: ChannelNotice): void;
  /** Called once; nothing follows. */
  gone?(reason: ChannelsGone): void;
}

/**
 * A two-way stream of Jupyter messages: the line where raw kernels and Jupyter servers meet. Nothing above it knows
 * which it is.
 */
export interface Channels extends AsyncDisposable {
  /** The session id that our messages carry. */
  readonly session: string;
  /** Sends one message on `message.channel`. Rejects once the channels are gone. */
  send(message: JupyterMessage): Promise<void>;
  /** Adds a listener; returns what removes it. A listener that throws costs the others nothing. */
  listen(listener: ChannelsListener): () => void;
  /** Why it ended, or null while it is open. */
  readonly gone: ChannelsGone | null;
  /** One beat: milliseconds until the kernel's process echoed it. Absent where there is no such channel. @throws the signal's reason */
  heartbeat?(signal: AbortSignal): Promise<number>;
  /** Flushes what was sent, closes, and calls `gone`. Does not end the kernel. */
  close(): Promise<void>;
}
