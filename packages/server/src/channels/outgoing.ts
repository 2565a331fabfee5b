import { createMessage, encodeWebSocketLegacy, encodeWebSocketV1, type JupyterMessage } from '@kernelkit/protocol';
import type { Encoding } from './wire.js';

/** Tornado's client refuses larger ones, and the connection ends with it. Some room is for the frame's own JSON. */
const TORNADO_BYTES = 10 * 2 ** 20 - 64 * 2 ** 10;

export interface OutgoingOptions {
  readonly encoding: Encoding;
  /** A Tornado client without subprotocol: jupyter_server's gateway mode, which no binary and no large frame survives. */
  readonly isTornado: boolean;
}

/** What is sent for one message of a kernel: the message, or where the client cannot take it a form that it can, and a notice. */
export function writeOut(
  message: JupyterMessage,
  { encoding, isTornado }: OutgoingOptions,
): (string | Uint8Array | JupyterMessage)[] {
  if (encoding === 'objects') return [message];
  if (encoding === 'v1') return [v1(message)];
  if (!isTornado) return [encodeWebSocketLegacy(message)];
  const { buffers } = message;
  if (buffers.length > 0) {
    const bytes = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const text = `[kernelkit] ${buffers.length} binary buffers (${bytes} bytes) of a ${message.header.msg_type} were left out: a Jupyter server in gateway mode cannot pass them on.\n`;
    return [...small({ ...message, buffers: [] }), ...small(notice(message, text))];
  }
  return small(message);
}

/** The content as the kernel wrote it, where the hub has changed nothing of it. @throws ProtocolError */
function v1(message: JupyterMessage): Uint8Array {
  return encodeWebSocketV1(message, { relay: true });
}

/** The one frame of a message (v1); null where it cannot be written. */
export function frameOf(message: JupyterMessage): Uint8Array | null {
  try {
    return v1(message);
  } catch {
    // it is told why by `writeOrTell`
    return null;
  }
}

function small(message: JupyterMessage): string[] {
  const text = encodeWebSocketLegacy(message) as string;
  // UTF-8 has at least one byte to a unit, and at most three
  const bytes = text.length * 3 > TORNADO_BYTES ? Buffer.byteLength(text) : 0;
  if (bytes <= TORNADO_BYTES) return [text];
  const said = `[kernelkit] A ${message.header.msg_type} of ${bytes} bytes was left out: a Jupyter server in gateway mode takes at most 10 MiB at once.\n`;
  return [encodeWebSocketLegacy(notice(message, said)) as string];
}

/** Something that the user has to know, where the output would be: beside `message`, and as the kernel's own. */
export function notice({ header, parent_header }: JupyterMessage, text: string): JupyterMessage {
  const told = createMessage({
    channel: 'iopub',
    type: 'stream',
    session: header.session,
    username: header.username,
    content: { name: 'stderr', text },
  });
  return { ...told, parent_header };
}

/** A message that cannot be written is told, and does not end the connection. */
export function writeOrTell(
  message: JupyterMessage,
  options: OutgoingOptions,
): (string | Uint8Array | JupyterMessage)[] {
  try {
    return writeOut(message, options);
  } catch (error) {
    // also what is nested too deep to be written (RangeError): it must not end the gateway
    return writeOut(notice(message, `[kernelkit] A message was left out: ${(error as Error).message}\n`), options);
  }
}
