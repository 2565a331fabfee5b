import type { JupyterMessage } from '@kernelkit/protocol';
import type { OutputEvent } from './types.js';

/** The output that a message on iopub is, or null. */
export function outputEvent(message: JupyterMessage): OutputEvent | null {
  switch (message.header.msg_type) {
    case 'stream':
    case 'display_data':
    case 'execute_result':
    case 'error':
    case 'update_display_data':
    case 'clear_output':
      return { output_type: message.header.msg_type, ...(message.content as object) } as OutputEvent;
    default:
      return null;
  }
}
