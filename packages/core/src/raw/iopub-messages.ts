import type { Batch } from './batch.js';

/** What the calling thread asks of the iopub worker. `waiting` is one Int32: the bytes posted and not yet taken. */
export type ToWorker =
  | { type: 'open'; id: number; endpoint: string; limit: number; maxMessageSize: number; waiting: SharedArrayBuffer }
  /** Is to be answered with `looked` when what had come by then is posted. */
  | { type: 'look'; id: number }
  | { type: 'close'; id: number };

/** What the worker tells, always for one reader. */
export type FromWorker =
  | ({ type: 'batch'; id: number; bytes: number } & Batch)
  | { type: 'overflow'; id: number; messages: number; bytes: number }
  | { type: 'connected'; id: number }
  | { type: 'disconnected'; id: number; reason: string }
  | { type: 'failed'; id: number; message: string; code: string }
  | { type: 'looked'; id: number }
  | { type: 'closed'; id: number };
