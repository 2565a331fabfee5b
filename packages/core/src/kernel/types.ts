import type { JupyterMessage } from '@kernelkit/protocol';

/** MIME type → data, as nbformat keeps it: text as a string, `application/json` and `…+json` as a JSON value. */
export type MimeBundle = Record<string, unknown>;

/** One thing that a running cell printed or showed, as nbformat names it, plus the two messages that change outputs. */
export type OutputEvent =
  | { output_type: 'stream'; name: 'stdout' | 'stderr'; text: string }
  | {
      output_type: 'display_data';
      data: MimeBundle;
      metadata: Record<string, unknown>;
      transient?: { display_id?: string };
    }
  | {
      output_type: 'execute_result';
      data: MimeBundle;
      metadata: Record<string, unknown>;
      execution_count: number | null;
      transient?: { display_id?: string };
    }
  | { output_type: 'error'; ename: string; evalue: string; traceback: string[] }
  | {
      output_type: 'update_display_data';
      data: MimeBundle;
      metadata: Record<string, unknown>;
      transient: { display_id?: string };
    }
  | { output_type: 'clear_output'; wait: boolean };

/** An output as it stands in a notebook's cell. */
export type Output =
  | { output_type: 'stream'; name: 'stdout' | 'stderr'; text: string }
  | { output_type: 'display_data'; data: MimeBundle; metadata: Record<string, unknown> }
  | {
      output_type: 'execute_result';
      data: MimeBundle;
      metadata: Record<string, unknown>;
      execution_count: number | null;
    }
  | { output_type: 'error'; ename: string; evalue: string; traceback: string[] };

/** A question that the running code asks; a password is not to be shown as it is typed. */
export interface InputRequest {
  prompt: string;
  password: boolean;
}

/** How code is executed, and who hears what comes of it. */
export interface ExecuteOptions {
  /** No output, no history, no execution count. Default false. */
  silent?: boolean;
  /** Keep it in the kernel's history. Default: not silent. */
  storeHistory?: boolean;
  /** After an error, the kernel aborts requests that were queued behind this one. Default true. */
  stopOnError?: boolean;
  userExpressions?: Record<string, string>;
  /**
   * Keep the outputs for the result. Default true. Without it `outputs` stays empty, an iterator sees what comes after it
   * has begun, and what it has read is forgotten: for code that prints without end.
   */
  collect?: boolean;
  /** Goes into the request's metadata (`cellId`, …). */
  metadata?: Record<string, unknown>;
  /** Answers the kernel's questions. Without it the request says `allow_stdin: false`, and a kernel that asks gets an error. */
  onInput?: (request: InputRequest, signal: AbortSignal) => string | Promise<string>;
  /** Aborting interrupts the kernel; the execution then ends with what the kernel answers. */
  signal?: AbortSignal;
  /** Every message whose parent is this request, as it comes: for comms, timings, `execute_input`. */
  onMessage?: (message: JupyterMessage) => void;
  /** Output that comes after the execution was done (a thread, a timer). */
  onLateOutput?: (output: OutputEvent) => void;
}

/** How an execution ended, and all that it showed. */
export interface ExecuteResult {
  status: 'ok' | 'error' | 'aborted';
  executionCount: number | null;
  /** What the cell showed, with display updates and clear_output applied. */
  outputs: Output[];
  /** The error, when the status is `error`. */
  error: { ename: string; evalue: string; traceback: string[] } | null;
  /** The kernel's execute_reply; null when the kernel never sends one and went idle. */
  reply: JupyterMessage<'execute_reply'> | null;
}

/** An execution under way: await it for its result, iterate it for its outputs as they come; both may be done. */
export interface Execution extends Promise<ExecuteResult>, AsyncIterable<OutputEvent> {
  /** The request's msg_id. */
  readonly id: string;
  /** Settles with the result; rejects with a typed error when the kernel dies or the channels go. */
  readonly done: Promise<ExecuteResult>;
}
