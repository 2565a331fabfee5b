import type { JupyterMessage } from '@kernelkit/protocol';

/**
 * Puts right, in place, what real kernels get wrong, so that nothing above has to know of it. What was wrong and where
 * it was seen: `reference/testbed.md`, "Quirks worth a test each".
 */
export function normalise(message: JupyterMessage): JupyterMessage {
  const content = message.content as unknown as Record<string, unknown>;
  switch (message.header.msg_type as string) {
    case 'kernel_info_reply':
      // tslab and ijavascript leave the status out; octave gives its version as a list.
      content.status ??= 'ok';
      content.implementation ??= '';
      content.language_info ??= { name: '' };
      if (Array.isArray(content.implementation_version)) {
        content.implementation_version = content.implementation_version.join('.');
      }
      break;
    case 'execute_reply':
      // IRkernel and tslab answer an interrupted cell with "abort".
      if (content.status === 'abort') content.status = 'aborted';
      content.status ??= 'ok';
      break;
    case 'shutdown_reply':
    case 'interrupt_reply':
      // octave and spyder answer with {}.
      content.status ??= 'ok';
      break;
    case 'stream':
      content.text ??= content.data ?? '';
      content.name ??= 'stdout';
      break;
    case 'error':
      content.ename ??= 'Error';
      content.evalue ??= '';
      if (!Array.isArray(content.traceback)) content.traceback = [];
      break;
    case 'display_data':
    case 'execute_result':
    case 'update_display_data':
      content.data ??= {};
      content.metadata ??= {};
      break;
  }
  return message;
}
