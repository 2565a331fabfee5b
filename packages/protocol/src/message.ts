import type { MessageContents, MessageType } from './contents/index.js';
import { randomHex } from './host.js';

/** The version of the messaging specification that our messages are written in. */
export const PROTOCOL_VERSION = '5.4';

/** The four channels that carry messages; the heartbeat carries bare bytes. */
export type ChannelName = 'shell' | 'control' | 'stdin' | 'iopub';

/** The names of all of them. */
export const CHANNEL_NAMES: readonly ChannelName[] = ['shell', 'control', 'stdin', 'iopub'];

/** Whether something that came from outside names a channel. */
export function isChannelName(value: unknown): value is ChannelName {
  return value === 'shell' || value === 'control' || value === 'stdin' || value === 'iopub';
}

/** Who said what, when (messaging spec, "Message header"). */
export interface Header<T extends string = MessageType> {
  msg_id: string;
  session: string;
  username: string;
  /** ISO 8601, UTC; `''` when the sender gave none. */
  date: string;
  msg_type: T;
  /** Of the messaging specification. */
  version: string;
  /** The subshell that a shell message is for (JEP 91); absent: the main shell. */
  subshell_id?: string | null;
}

/**
 * One message. At run time `header.msg_type` may be a type that no specification knows: narrow with `isMessage`.
 */
export interface JupyterMessage<T extends MessageType = MessageType> {
  channel: ChannelName;
  header: Header<T>;
  /** The header of the message that this one answers or belongs to; `{}` when it belongs to none. */
  parent_header: Partial<Header>;
  metadata: Record<string, unknown>;
  content: MessageContents[T];
  /** Binary data beside the content; after decoding, views of what was received and not copies. */
  buffers: Uint8Array[];
  /**
   * The content's JSON text (UTF-8) as received, where the encoding has it, so that a notebook can keep `1.0` and large
   * integers exactly. Whoever changes `content` drops it.
   */
  contentBytes?: Uint8Array;
}

/** What a new message is made of; the rest of its header is filled in. */
export interface MessageOptions<T extends MessageType> {
  channel: ChannelName;
  type: T;
  /** The id of the client's session. */
  session: string;
  content: MessageContents[T];
  username?: string;
  metadata?: Record<string, unknown>;
  /** What the message answers: a message, or its header. */
  parent?: Header<string> | JupyterMessage | undefined;
  buffers?: Uint8Array[];
  /** The subshell that the message is for; absent: the main shell. */
  subshellId?: string | null | undefined;
  /** The message's id; by default one that no other message in the world has. */
  id?: string;
  date?: string | Date;
}

/** A new message, complete with its header. `date` defaults to now, `username` to `kernelkit`. */
export function createMessage<T extends MessageType>(options: MessageOptions<T>): JupyterMessage<T> {
  const { date } = options;
  const header: Header<T> = {
    msg_id: options.id ?? newMessageId(),
    session: options.session,
    username: options.username ?? 'kernelkit',
    date: typeof date === 'string' ? date : (date ?? new Date()).toISOString(),
    msg_type: options.type,
    version: PROTOCOL_VERSION,
  };
  if (options.subshellId !== undefined && options.subshellId !== null) header.subshell_id = options.subshellId;
  return {
    channel: options.channel,
    header,
    parent_header: parentHeader(options.parent),
    metadata: options.metadata ?? {},
    content: options.content,
    buffers: options.buffers ?? [],
  };
}

/** Whether the message is of this type; narrows its content. */
export function isMessage<T extends MessageType>(message: JupyterMessage, type: T): message is JupyterMessage<T> {
  return message.header.msg_type === type;
}

/** A new session id: 32 hex digits. It also serves as the identity that the shell and stdin sockets share. */
export function newSessionId(): string {
  return randomHex(16);
}

function parentHeader(parent: Header<string> | JupyterMessage | undefined): Partial<Header> {
  if (parent === undefined) return {};
  return 'header' in parent ? parent.header : (parent as Header);
}

// Random once, then counted: unique across programs and workers, and as cheap as a counter.
let prefix = '';
let counter = 0;

function newMessageId(): string {
  // Not when the module loads: some hosts forbid randomness there.
  if (prefix === '') prefix = randomHex(12);
  counter += 1;
  return `${prefix}_${counter}`;
}
