import type { JupyterMessage } from '@kernelkit/protocol';
import type { HubState } from './types.js';

/** Jupyter Server's `untracked_message_types`: what says nothing of a user's doing (jupyter-protocol.md §5.3). */
const UNTRACKED: ReadonlySet<string> = new Set([
  ...['comm_info_request', 'comm_info_reply', 'kernel_info_request', 'kernel_info_reply', 'shutdown_request'],
  ...['shutdown_reply', 'interrupt_request', 'interrupt_reply', 'debug_request', 'debug_reply', 'stream'],
  ...['display_data', 'update_display_data', 'execute_input', 'execute_result', 'error', 'status', 'clear_output'],
  ...['debug_event', 'input_request', 'input_reply'],
]);

/** Whether Jupyter Server counts the type; a message without a parent counts as of an unknown type, which it does. */
export function isTracked(type: string | undefined): boolean {
  return type === undefined || !UNTRACKED.has(type);
}

/** Whether an iopub message is activity for Jupyter Server. */
export function isActivity({ header, parent_header }: JupyterMessage, state: HubState): boolean {
  return isTracked(header.msg_type) || isTracked(parent_header.msg_type) || state === 'busy';
}

/**
 * The state after an iopub message: a status is believed if its parent's type is tracked, so that the idle of a control request does not
 * hide a busy cell; else the first that is not `starting` makes a starting kernel idle.
 */
export function stateAfter(message: JupyterMessage, state: HubState): HubState {
  if ((message.header.msg_type as string) !== 'status') return state;
  const { execution_state: said } = message.content as unknown as { execution_state: HubState };
  if (isTracked(message.parent_header.msg_type)) return said;
  return state === 'starting' && said !== 'starting' ? 'idle' : state;
}

export function saysIdle({ header, content }: JupyterMessage): boolean {
  return (
    (header.msg_type as string) === 'status' && (content as { execution_state?: string }).execution_state === 'idle'
  );
}

export function isStarting({ content }: JupyterMessage): boolean {
  return (content as { execution_state?: string }).execution_state === 'starting';
}
