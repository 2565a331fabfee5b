import { adapt } from './adapt/index.js';
import { ProtocolError } from './error.js';
import { encodeAscii } from './host.js';
import type { ChannelName, JupyterMessage } from './message.js';
import { type DecodeOptions, decodeParts, type EncodeOptions, encodeParts } from './parts.js';
import { type Signer, sameSignature } from './signer.js';

/** `<IDS|MSG>`: what stands between the identities (or the topic) and the message. */
const DELIMITER_TEXT = '<IDS|MSG>';
const DELIMITER = /* @__PURE__ */ encodeAscii(DELIMITER_TEXT);

/** What a receiver gets of one multipart message. */
export interface ZmqMessage {
  message: JupyterMessage;
  /** The frames before the delimiter: a router's routing ids, or iopub's topic. None to many. */
  identities: Uint8Array[];
}

/**
 * The frames of one multipart message: identities, delimiter, signature, header, parent header, metadata, content, buffers
 * (messaging spec, "The wire protocol"). Buffers are not signed, by the spec, and not copied. Frames of a short message share
 * one block of memory, which is that message's alone.
 *
 * Throws ProtocolError `bad-content` when a part cannot be JSON.
 */
export function encodeZmq(
  message: JupyterMessage,
  signer: Signer,
  identities?: readonly Uint8Array[],
  options?: EncodeOptions,
): Uint8Array[] {
  const [delimiter, ...parts] = encodeParts(DELIMITER_TEXT, message, options);
  const signature = encodeAscii(signer.sign(parts));
  const frames = identities === undefined ? [] : identities.slice();
  frames.push(delimiter!, signature);
  for (const part of parts) frames.push(part);
  for (const buffer of message.buffers) frames.push(buffer);
  return frames;
}

/**
 * The message that these frames hold. `signer` checks it; one with an empty key checks nothing, as jupyter_client does.
 * Buffers, identities and `contentBytes` are views of the frames. Unknown message types pass.
 * A header without a version, or with 4.x, is an old kernel's: the message is adapted to 5 (`adapt`), as jupyter_client does.
 *
 * Throws ProtocolError: `no-delimiter`, `too-short`, `bad-signature`, `bad-json`, `bad-header`, `bad-content`, `too-large`.
 */
export function decodeZmq(
  frames: readonly Uint8Array[],
  channel: ChannelName,
  signer: Signer,
  options?: DecodeOptions,
): ZmqMessage {
  const at = delimiterIndex(frames);
  if (at < 0) {
    throw new ProtocolError(
      'no-delimiter',
      `Reading a message on ${channel}: none of its ${frames.length} frames is ${DELIMITER_TEXT}. This is no Jupyter message: check that the port belongs to a kernel's ${channel} channel.`,
    );
  }
  const signature = frames[at + 1];
  const header = frames[at + 2];
  const parent = frames[at + 3];
  const metadata = frames[at + 4];
  const content = frames[at + 5];
  if (!signature || !header || !parent || !metadata || !content) {
    throw new ProtocolError(
      'too-short',
      `Reading a message on ${channel}: ${frames.length - at - 1} frames follow the delimiter, and a message needs at least 5 (signature, header, parent header, metadata, content). The message is skipped.`,
    );
  }
  const expected = signer.sign([header, parent, metadata, content]);
  if (expected !== '' && !sameSignature(signature, expected)) {
    const what = signature.length === 0 ? 'has no signature' : `has a wrong signature (${signer.scheme})`;
    throw new ProtocolError(
      'bad-signature',
      `Reading a message on ${channel}: it ${what}. The message is skipped; sender and receiver must have the key of the same connection file.`,
    );
  }
  const message = decodeParts(channel, { header, parent, metadata, content }, frames.slice(at + 6), '4.1', options);
  return {
    message: message.header.version.startsWith('4') ? adapt(message, 4, 5) : message,
    identities: frames.slice(0, at),
  };
}

/** Where the delimiter is among the frames, or -1. Frames are compared in place: most have another length. */
function delimiterIndex(frames: readonly Uint8Array[]): number {
  for (let at = 0; at < frames.length; at += 1) {
    const frame = frames[at]!;
    if (frame.length !== DELIMITER.length) continue;
    let same = true;
    for (let byte = 0; same && byte < DELIMITER.length; byte += 1) same = frame[byte] === DELIMITER[byte];
    if (same) return at;
  }
  return -1;
}
