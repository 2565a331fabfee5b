/** What a reader of iopub tells its owner. */
export interface IopubHandlers {
  /** One message's frames, in order. */
  message(frames: Uint8Array[]): void;
  /** Messages were dropped here, between the last `message` and the next, because the bound on memory was reached. */
  overflow(messages: number, bytes: number): void;
  connected(): void;
  disconnected(reason: string): void;
  /** The peer cannot be talked to, or the reader itself died; nothing follows. */
  failed(error: Error): void;
}

export interface IopubOptions {
  endpoint: string;
  /** Bytes that may wait for the calling thread before messages are dropped; 1 GiB at most, since they are counted in 32 bits. */
  limit: number;
  maxMessageSize: number;
}

export interface IopubReader {
  /** Resolves when what had come by now has been handed over. */
  caughtUp(): Promise<void>;
  /** @param atOnce do not wait for what is still on its way */
  close(atOnce: boolean): Promise<void>;
}

/** Bytes of output that may wait while the program is busy. More is dropped, and said. */
export const DEFAULT_IOPUB_LIMIT = 256 * 1024 * 1024;
