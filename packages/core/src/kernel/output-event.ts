import type { JupyterMessage } from '@kernelkit/protocol';
import { errorOf, textOf } from './text.js';
import type { OutputEvent } from './types.js';

/** The output that a message on iopub is, or null. */
export function outputEvent(message: JupyterMessage): OutputEvent | null {
  switch (message.header.msg_type) {
    case 'error':
      return { output_type: 'error', ...(message.content as object), ...errorOf(message.content as object) };
    case 'stream': {
      const { text } = message.content as { text?: unknown };
      return { output_type: 'stream', ...(message.content as object), text: textOf(text) } as OutputEvent;
    }
    case 'display_data':
    case 'execute_result':
    case 'update_display_data':
    case 'clear_output':
      return { output_type: message.header.msg_type, ...(message.content as object) } as OutputEvent;
    default:
      return null;
  }
}
