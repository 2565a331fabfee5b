import { hasUnreadContent, type JupyterMessage } from '@kernelkit/protocol';

/**
 * Puts right, in place, what real kernels get wrong, so that nothing above has to know of it. What was wrong and where
 * it was seen: `reference/testbed.md`, "Quirks worth a test each".
 */
export function normalise(message: JupyterMessage): JupyterMessage {
  // large, and passed on as it is
  if (hasUnreadContent(message)) return message;
  const content = message.content as unknown as Record<string, unknown>;
  const put = (name: string, value: unknown): void => {
    content[name] = value;
    // they say something else now
    delete message.contentBytes;
  };
  const need = (name: string, value: unknown): void => {
    if (content[name] === undefined || content[name] === null) put(name, value);
  };
  switch (message.header.msg_type as string) {
    case 'kernel_info_reply':
      // tslab and ijavascript leave the status out; octave gives its version as a list.
      need('status', 'ok');
      need('implementation', '');
      need('language_info', { name: '' });
      if (Array.isArray(content.implementation_version)) {
        put('implementation_version', content.implementation_version.join('.'));
      }
      break;
    case 'execute_reply':
      // IRkernel and tslab answer an interrupted cell with "abort".
      if (content.status === 'abort') put('status', 'aborted');
      need('status', 'ok');
      break;
    case 'shutdown_reply':
    case 'interrupt_reply':
      // octave and spyder answer with {}.
      need('status', 'ok');
      break;
    case 'stream':
      need('text', content.data ?? '');
      need('name', 'stdout');
      break;
    case 'error':
      need('ename', 'Error');
      need('evalue', '');
      if (!Array.isArray(content.traceback)) put('traceback', []);
      break;
    case 'display_data':
    case 'execute_result':
    case 'update_display_data':
      need('data', {});
      need('metadata', {});
      break;
  }
  return message;
}
