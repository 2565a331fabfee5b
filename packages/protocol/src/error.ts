/** What went wrong with a message, for programs to tell apart. */
export type ProtocolErrorCode =
  /** No `<IDS|MSG>` frame: not a Jupyter message at all. */
  | 'no-delimiter'
  /** Fewer parts than a message needs. */
  | 'too-short'
  /** The signature is missing or is not the one that the key gives. */
  | 'bad-signature'
  /** A part is not JSON. */
  | 'bad-json'
  /** The header is not an object, or names no message id or type. */
  | 'bad-header'
  /** The metadata or the content is not an object, or cannot be written as JSON. */
  | 'bad-content'
  /** A WebSocket message names a channel that does not exist. */
  | 'bad-channel'
  /** The offsets of a binary WebSocket message do not fit its bytes. */
  | 'bad-offsets'
  /** The message does not fit the encoding (4 GiB in the legacy one), or a part the host's longest text. */
  | 'too-large';

/**
 * A message that cannot be read or written.
 * `code` tells the kinds apart; `part` names the part of the message (`header`, `content`, …) where there is one.
 * The message text says what was being done, what was found, and what to do about it.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;
  readonly part: string | undefined;

  constructor(code: ProtocolErrorCode, message: string, options: { part?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.part = options.part;
  }
}

/** What a value is, in a word and a glimpse, for error messages. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return `the text ${JSON.stringify(excerpt(value))}`;
  return `the ${typeof value} ${String(value)}`;
}

/** The start of a text that may be very long. */
export function excerpt(text: string, length = 60): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
