import { createMessage, type JupyterMessage, type MessageContents, type MessageType } from '@kernelkit/protocol';
import type { CommExtras } from './comms.js';

export interface MessageExtras extends CommExtras {
  channel?: 'shell' | 'control' | 'stdin';
  subshellId?: string | undefined;
  parent?: JupyterMessage;
}

/** A message of ours, on the shell channel unless told. */
export function newMessage<T extends MessageType>(
  session: string,
  type: T,
  content: MessageContents[T],
  { channel = 'shell', buffers, subshellId, metadata, parent }: MessageExtras = {},
): JupyterMessage<T> {
  return createMessage({
    channel,
    type,
    session,
    content,
    parent,
    subshellId,
    ...(metadata && { metadata }),
    ...(buffers && { buffers }),
  });
}
