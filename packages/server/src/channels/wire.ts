import type { JupyterMessage } from '@kernelkit/protocol';

/** How messages are written. `objects`: not at all, within one process. */
export type Encoding = 'v1' | 'legacy' | 'objects';

/** What messages to a client go through: a WebSocket, or the socket of a program in this process. */
export interface Wire {
  /** Bytes that the client has not taken yet. */
  readonly bufferedAmount: number;
  /** @param sent called when the client has taken it, or never will */
  send(data: string | Uint8Array | JupyterMessage, sent: () => void): void;
  /** What is sent within goes out together: each write of its own would cost both ends a turn. */
  together(write: () => void): void;
  close(code: number, reason: string): void;
}
