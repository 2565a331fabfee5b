import type { MessageType } from '../contents/index.js';
import type { Header, JupyterMessage } from '../message.js';
import { contentTo4, nameIn4 } from './to-4.js';
import { contentTo5, nameIn5 } from './to-5.js';

/**
 * The major version of the messaging specification that a header speaks; 4 when it names none, for version came with 5.0.
 */
export function majorVersion(header: { version?: string | undefined }): number {
  const major = Number.parseInt(header.version ?? '', 10);
  return Number.isNaN(major) ? 4 : major;
}

/**
 * The message as it would be in another major version of the specification: 4 to 5 or 5 to 4, names, header and content
 * as jupyter_client/adapter.py has them. Between other versions, the message itself. The argument is not changed.
 *
 * Unlike there, what a message lacks is no error, and what already has the newer shape keeps it: some kernels speak 5 and
 * only forget to say so. Replies of status error or aborted keep their content.
 */
export function adapt(message: JupyterMessage, fromVersion: number, toVersion: number): JupyterMessage {
  if (fromVersion === 4 && toVersion === 5) {
    const type = nameIn5(message.header.msg_type);
    return withContent(
      message,
      { ...message.header, msg_type: type as MessageType, version: '5.0' },
      Object.keys(message.parent_header).length > 0 ? { ...message.parent_header, version: '5.0' } : {},
      failed(message.content) ? message.content : contentTo5(type, message.content),
    );
  }
  if (fromVersion === 5 && toVersion === 4) {
    const type = nameIn4(message.header.msg_type);
    const header = withoutVersion(message.header);
    return withContent(
      message,
      { ...header, msg_type: type as MessageType } as Header,
      withoutVersion(message.parent_header),
      failed(message.content) ? message.content : contentTo4(type, message.content),
    );
  }
  return message;
}

function failed(content: Record<string, unknown>): boolean {
  return content.status === 'error' || content.status === 'aborted';
}

function withoutVersion<H extends Partial<Header>>(header: H): Omit<H, 'version'> {
  const { version: _, ...rest } = header;
  return rest;
}

function withContent(
  message: JupyterMessage,
  header: Header,
  parent: Partial<Header>,
  content: Record<string, unknown>,
): JupyterMessage {
  const { contentBytes, ...rest } = message;
  const adapted: JupyterMessage = {
    ...rest,
    header,
    parent_header: parent,
    content: content as JupyterMessage['content'],
  };
  // The text as received is only right while the content is what was received.
  if (contentBytes !== undefined && content === message.content) adapted.contentBytes = contentBytes;
  return adapted;
}
