import { hasUnreadContent, type JupyterMessage, PROTOCOL_VERSION, withUnreadContent } from '@kernelkit/protocol';

type Fields = Record<string, unknown>;

const STATES: ReadonlySet<unknown> = new Set(['starting', 'idle', 'busy', 'restarting', 'autorestarting', 'dead']);

/** What has to be in a message's content, with what stands for it where it is missing or of another type. */
const CONTENTS: Readonly<Record<string, Fields>> = {
  stream: { name: 'stdout', text: '' },
  display_data: { data: {}, metadata: {} },
  update_display_data: { data: {}, metadata: {}, transient: {} },
  execute_input: { code: '', execution_count: 0 },
  execute_result: { execution_count: 0, data: {}, metadata: {} },
  error: { ename: 'Error', evalue: '', traceback: [] },
  clear_output: { wait: false },
  comm_open: { comm_id: undefined, target_name: '', data: {} },
  comm_msg: { comm_id: undefined, data: {} },
  comm_close: { comm_id: undefined, data: {} },
  input_request: { prompt: '', password: false },
  status: { execution_state: undefined },
};

/**
 * A kernel's message as every client can take it, with the session id that stands for the kernel's process: front ends throw at a field
 * that is missing (jupyterlab-services.md §3, traps 2 and 4). Null: it cannot be made sense of. `message` is not changed.
 */
export function complete(message: JupyterMessage, session: string): JupyterMessage | null {
  const { header } = message as { header: unknown };
  if (!isRecord(header) || !isText(header.msg_type) || !isText(header.msg_id)) return null;
  // large, and of a kind that is passed on as it is
  const isUnread = hasUnreadContent(message);
  const { content, changed } = isUnread
    ? { content: {}, changed: false }
    : completeContent(header.msg_type, message.content);
  if (content === null) return null;
  const { channel, contentBytes } = message;
  const full: JupyterMessage = {
    channel,
    header: {
      ...header,
      session,
      username: typeof header.username === 'string' ? header.username : 'kernel',
      date: isText(header.date) ? header.date : new Date().toISOString(),
      version: isText(header.version) ? header.version : PROTOCOL_VERSION,
    } as JupyterMessage['header'],
    parent_header: isRecord(message.parent_header) ? message.parent_header : {},
    metadata: isRecord(message.metadata) ? message.metadata : {},
    content: content as unknown as JupyterMessage['content'],
    buffers: Array.isArray(message.buffers) ? message.buffers : [],
    ...(contentBytes !== undefined && !changed && { contentBytes }),
  };
  return isUnread ? withUnreadContent(full, () => message.content) : full;
}

function completeContent(type: string, given: unknown): { content: Fields | null; changed: boolean } {
  let content: Fields = isRecord(given) ? given : {};
  let changed = content !== given;
  const needed = Object.hasOwn(CONTENTS, type) ? CONTENTS[type]! : {};
  for (const [name, fallback] of Object.entries(needed)) {
    const value = content[name];
    if (fallback === undefined) {
      if (!isText(value) || (type === 'status' && !STATES.has(value))) return { content: null, changed };
    } else if (!isLike(value, fallback)) {
      content = { ...content, [name]: fallback };
      changed = true;
    }
  }
  return { content, changed };
}

function isLike(value: unknown, example: unknown): boolean {
  if (Array.isArray(example)) return Array.isArray(value);
  return isRecord(example) ? isRecord(value) : typeof value === typeof example;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
