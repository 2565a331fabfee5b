import type { Empty } from './common.js';
import type * as control from './control.js';
import type * as iopub from './iopub.js';
import type * as shell from './shell.js';
import type * as stdin from './stdin.js';

/**
 * Every message type of the Jupyter messaging specification, 5.0 to 5.6, with the shape of its content.
 * Types, not checks: what a kernel really sends may lack members, and unknown types pass through at run time.
 */
export interface MessageContents {
  // shell (and, with ipykernel, control)
  execute_request: shell.ExecuteRequest;
  execute_reply: shell.ExecuteReply;
  inspect_request: shell.InspectRequest;
  inspect_reply: shell.InspectReply;
  complete_request: shell.CompleteRequest;
  complete_reply: shell.CompleteReply;
  history_request: shell.HistoryRequest;
  history_reply: shell.HistoryReply;
  is_complete_request: shell.IsCompleteRequest;
  is_complete_reply: shell.IsCompleteReply;
  connect_request: Empty;
  connect_reply: shell.ConnectReply;
  comm_info_request: shell.CommInfoRequest;
  comm_info_reply: shell.CommInfoReply;
  kernel_info_request: Empty;
  kernel_info_reply: shell.KernelInfoReply;

  // control
  shutdown_request: control.ShutdownRequest;
  shutdown_reply: control.ShutdownReply;
  interrupt_request: Empty;
  interrupt_reply: control.InterruptReply;
  debug_request: control.DebugRequest;
  debug_reply: control.DebugReply;
  create_subshell_request: Empty;
  create_subshell_reply: control.CreateSubshellReply;
  delete_subshell_request: control.DeleteSubshellRequest;
  delete_subshell_reply: control.DeleteSubshellReply;
  list_subshell_request: Empty;
  list_subshell_reply: control.ListSubshellReply;
  usage_request: Empty;
  usage_reply: control.UsageReply;

  // stdin
  input_request: stdin.InputRequest;
  input_reply: stdin.InputReply;

  // iopub
  stream: iopub.Stream;
  display_data: iopub.DisplayData;
  update_display_data: iopub.UpdateDisplayData;
  execute_input: iopub.ExecuteInput;
  execute_result: iopub.ExecuteResult;
  error: iopub.ErrorOutput;
  status: iopub.Status;
  clear_output: iopub.ClearOutput;
  debug_event: iopub.DebugEvent;
  iopub_welcome: iopub.IopubWelcome;

  // comms: to the kernel on shell, from it on iopub
  comm_open: iopub.CommOpen;
  comm_msg: iopub.CommMsg;
  comm_close: iopub.CommClose;
}

/** The types of message that the specification has. */
export type MessageType = keyof MessageContents;

/** The message types that ask for a reply. */
export type RequestType = Extract<MessageType, `${string}_request`>;

/** The reply that answers a request: `ReplyTypeOf<'execute_request'>` is `'execute_reply'`. */
export type ReplyTypeOf<T extends RequestType> = T extends `${infer Name}_request`
  ? Extract<MessageType, `${Name}_reply`>
  : never;

export type * from './common.js';
export type * from './control.js';
export type * from './iopub.js';
export type * from './shell.js';
export type * from './stdin.js';
