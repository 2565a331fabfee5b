import type { JsonObject, MimeBundle } from './common.js';

export type Stream = { name: 'stdout' | 'stderr'; text: string };

/** Names a display, so that a later update_display_data can change it. */
export type Transient = { display_id?: string } & JsonObject;

export type DisplayData = { data: MimeBundle; metadata: JsonObject; transient?: Transient };

/** As display_data, but the display_id must be there. */
export type UpdateDisplayData = { data: MimeBundle; metadata: JsonObject; transient: Transient };

export type ExecuteInput = { code: string; execution_count: number };

export type ExecuteResult = {
  execution_count: number;
  data: MimeBundle;
  metadata: JsonObject;
  transient?: Transient;
};

/** An error that code raised: the same members as an error reply, without its status. */
export type ErrorOutput = { ename: string; evalue: string; traceback: string[] };

/**
 * `busy`, `idle` and `starting` come from kernels; the others are made by a server or by us, and never come from a kernel.
 */
export type ExecutionState =
  | 'busy'
  | 'idle'
  | 'starting'
  | 'restarting'
  | 'autorestarting'
  | 'terminating'
  | 'dead'
  | 'unknown';

export type Status = { execution_state: ExecutionState };

export type ClearOutput = { wait: boolean };

/** An event of the Debug Adapter Protocol. */
export type DebugEvent = { type: 'event'; seq?: number; event: string; body?: JsonObject };

/** Says that a subscription has arrived (JEP 65). Has no parent, and every subscriber sees everyone's. */
export type IopubWelcome = { subscription: string };

export type CommOpen = { comm_id: string; target_name: string; target_module?: string | null; data: JsonObject };
export type CommMsg = { comm_id: string; data: JsonObject };
export type CommClose = { comm_id: string; data: JsonObject };
