import { completeMessage } from '@kernelkit/core/client';
import {
  type ChannelName,
  decodeWebSocketLegacy,
  decodeWebSocketV1,
  encodeWebSocketLegacy,
  encodeWebSocketV1,
  type JupyterMessage,
  WEBSOCKET_V1,
} from '@kernelkit/protocol';
import type { LabSerializer } from './types.js';

/** A message as @jupyterlab/services makes it. */
interface LabMessage extends Omit<JupyterMessage, 'buffers' | 'parent_header' | 'channel'> {
  channel: ChannelName;
  parent_header: JupyterMessage['parent_header'] | null;
  buffers?: (ArrayBuffer | ArrayBufferView)[];
}

/**
 * For a server's WebSocket, in the place of @jupyterlab/services' own, which takes a view of a buffer for all of it: what else is in
 * Node's pool of small buffers went over the network with it.
 */
export const exactSerializer: LabSerializer = {
  serialize(message: LabMessage, protocol = ''): string | Uint8Array {
    const own = ours(message);
    return protocol === WEBSOCKET_V1 ? encodeWebSocketV1(own) : encodeWebSocketLegacy(own);
  },
  deserialize(data: string | ArrayBuffer, protocol = ''): LabMessage {
    const message =
      protocol === WEBSOCKET_V1 && typeof data !== 'string' ? decodeWebSocketV1(data) : decodeWebSocketLegacy(data);
    return theirs(sound(message));
  },
};

/**
 * As a gateway of ours sends it: with what @jupyterlab/services throws for the want of. And some kernels (IRkernel) answer in the name of whoever
 * asked: with two clients each takes the other's messages for those of a process that is no more, and tells nobody of them.
 */
function sound(message: JupyterMessage): JupyterMessage {
  const { header, parent_header: parent } = message as { header?: { session?: string }; parent_header?: object };
  const session = header?.session ?? '';
  const isEcho = parent != null && (parent as { session?: string }).session === session;
  const complete = completeMessage(message, isEcho ? 'kernel' : session);
  if (complete === null) throw new TypeError('it has no type, no id, or nothing in it that it needs');
  return complete;
}

/** For kernels in this process: messages go through as they are. */
export const objectSerializer: LabSerializer = {
  serialize: (message: LabMessage): JupyterMessage => ours(message),
  deserialize: (message: JupyterMessage): LabMessage => theirs(message),
};

/** A copy, since a message may be kept and its maker may change it. */
function ours({ channel, header, parent_header, metadata, content, buffers = [] }: LabMessage): JupyterMessage {
  return {
    ...{ channel, header, parent_header: parent_header ?? {}, metadata, content },
    buffers: buffers.map((buffer) =>
      ArrayBuffer.isView(buffer)
        ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
        : new Uint8Array(buffer),
    ),
  };
}

/** With DataViews, which is what widgets expect; each client gets an object of its own. */
function theirs({ channel, header, parent_header, metadata, content, buffers }: JupyterMessage): LabMessage {
  return {
    ...{ channel, header, parent_header, metadata, content },
    // on memory of its own, from its beginning: widgets read past the bounds of a view
    buffers: buffers.map((buffer) => new DataView(buffer.slice().buffer)),
  };
}
