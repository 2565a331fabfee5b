import type { MessageType } from './contents/index.js';
import { describe, excerpt, ProtocolError } from './error.js';
import { decodeText, encodeText, encodeTexts } from './host.js';
import { isObject, parseLenientJson, repairJson } from './json.js';
import { type ChannelName, type Header, type JupyterMessage, PROTOCOL_VERSION } from './message.js';
import { withUnreadContent } from './unread.js';

/** How an encoder takes the content. */
export interface EncodeOptions {
  /**
   * Send `contentBytes` as they came, instead of writing `content` anew: a relay is faster so, and keeps numbers as they
   * were. Only right for a message whose content nobody changed. Default false.
   */
  relay?: boolean;
}

/** How a decoder gives the content. */
export interface DecodeOptions {
  /**
   * Whether this content, as it came, is left unread until somebody looks at it. Only for what is JSON as it stands, without the NaN and
   * Infinity that are otherwise put right. Default: never.
   */
  leaveUnread?: (content: Uint8Array) => boolean;
}

/**
 * A prefix (a delimiter, a channel) and then header, parent header, metadata and content as JSON in UTF-8, in the order in
 * which they are signed. Lone surrogates are escaped, so that any text survives.
 */
export function encodeParts(prefix: string, message: JupyterMessage, options: EncodeOptions | undefined): Uint8Array[] {
  const texts = [
    prefix,
    stringifyPart('header', message.header),
    stringifyPart('parent_header', message.parent_header),
    stringifyPart('metadata', message.metadata),
  ];
  const { contentBytes } = message;
  if (options?.relay === true && contentBytes !== undefined) return [...encodeTexts(texts), contentBytes];
  texts.push(stringifyPart('content', message.content));
  return encodeTexts(texts);
}

export function stringifyPart(part: string, value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new ProtocolError(
      'bad-content',
      `Writing a message: its ${part} is not JSON (${cause instanceof Error ? cause.message : String(cause)}). Give plain objects, lists, texts and numbers; binary data goes in buffers.`,
      { part, cause },
    );
  }
  if (text === undefined || text.charCodeAt(0) !== 0x7b /* { */) {
    throw new ProtocolError(
      'bad-content',
      `Writing a message: its ${part} is ${describe(value)}, and must be an object.`,
      {
        part,
      },
    );
  }
  return text;
}

/**
 * The message that four JSON parts and some buffers make.
 * What may be missing is put in: metadata and parent (`{}`), session, username and date (`''`), version (`missingVersion`).
 */
export function decodeParts(
  channel: ChannelName,
  parts: { header: Uint8Array; parent: Uint8Array; metadata: Uint8Array; content: Uint8Array },
  buffers: Uint8Array[],
  missingVersion = PROTOCOL_VERSION,
  options?: DecodeOptions,
): JupyterMessage {
  const header = completeHeader(parsePart('header', readText('header', parts.header)), missingVersion);
  const parent = objectOrEmpty('parent_header', parsePart('parent_header', readText('parent_header', parts.parent)));
  const metadata = objectOrEmpty('metadata', parsePart('metadata', readText('metadata', parts.metadata)));
  const message = { channel, header, parent_header: parent as Partial<Header>, metadata };
  if (options?.leaveUnread?.(parts.content) === true) {
    const contentBytes = parts.content;
    return withUnreadContent({ ...message, buffers, contentBytes }, () => readContent(contentBytes).content);
  }
  return { ...message, ...readContent(parts.content), buffers };
}

function readContent(bytes: Uint8Array): { content: JupyterMessage['content']; contentBytes: Uint8Array } {
  const text = readText('content', bytes);
  let contentBytes = bytes;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const repaired = repairJson(text);
    if (repaired === undefined) throw badJson('content', text, cause);
    value = parsePart('content', repaired);
    // What is kept must be JSON for whoever reads it later.
    contentBytes = encodeText(repaired);
  }
  return { content: objectOrEmpty('content', value) as JupyterMessage['content'], contentBytes };
}

/** A part as text; one that is longer than the host's texts can be (512 MiB in Node) is an error like any other. */
export function readText(part: string, bytes: Uint8Array): string {
  try {
    return decodeText(bytes);
  } catch (cause) {
    throw new ProtocolError(
      'too-large',
      `Reading a message: its ${part} has ${bytes.length} bytes, more than a text can have here. The message is skipped; send large data in buffers.`,
      { part, cause },
    );
  }
}

export function parsePart(part: string, text: string): unknown {
  try {
    return parseLenientJson(text);
  } catch (cause) {
    throw badJson(part, text, cause);
  }
}

function badJson(part: string, text: string, cause: unknown): ProtocolError {
  return new ProtocolError(
    'bad-json',
    `Reading a message: its ${part} is not JSON: ${JSON.stringify(excerpt(text))}. The message is skipped; the sender is at fault.`,
    { part, cause },
  );
}

/** An object, or `{}` for null or nothing; anything else is an error. */
export function objectOrEmpty(part: string, value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  if (value === null || value === undefined) return {};
  throw new ProtocolError(
    part === 'parent_header' ? 'bad-header' : 'bad-content',
    `Reading a message: its ${part} is ${describe(value)}, and must be an object. The message is skipped; the sender is at fault.`,
    { part },
  );
}

/** A header with every member that the type promises. Other members are kept. */
export function completeHeader(value: unknown, missingVersion: string): Header<MessageType> {
  if (!isObject(value)) throw badHeader(`the header is ${describe(value)}, and must be an object`);
  if (typeof value.msg_type !== 'string' || value.msg_type === '') {
    throw badHeader(`the header's msg_type is ${describe(value.msg_type)}, and must be the message type's name`);
  }
  if (typeof value.msg_id !== 'string') {
    throw badHeader(`the header's msg_id is ${describe(value.msg_id)}, and must be a text`);
  }
  if (typeof value.session !== 'string') value.session = '';
  if (typeof value.username !== 'string') value.username = '';
  if (typeof value.date !== 'string') value.date = dateText(value.date);
  if (typeof value.version !== 'string' || value.version === '') value.version = missingVersion;
  return value as unknown as Header<MessageType>;
}

function badHeader(what: string): ProtocolError {
  return new ProtocolError(
    'bad-header',
    `Reading a message: ${what}. The message is skipped; the sender is at fault.`,
    {
      part: 'header',
    },
  );
}

/** A server in gateway mode sends dates as seconds since 1970 (jupyter_server, gateway/managers.py). */
function dateText(value: unknown): string {
  if (typeof value !== 'number') return '';
  const date = new Date(value * 1000);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
