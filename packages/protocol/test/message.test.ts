import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  createMessage,
  type ExecuteReply,
  encodeZmq,
  isChannelName,
  isMessage,
  type JupyterMessage,
  type MessageContents,
  type MessageType,
  newSessionId,
  PROTOCOL_VERSION,
  type ReplyTypeOf,
  type RequestType,
  unsigned,
} from '../src/index.js';

const base = { channel: 'shell', type: 'kernel_info_request', session: 's', content: {} } as const;

describe('createMessage', () => {
  test('a complete message from the least', () => {
    const before = Date.now();
    const message = createMessage(base);
    expect(message).toEqual({
      channel: 'shell',
      header: {
        msg_id: expect.stringMatching(/^[0-9a-f]{24}_\d+$/),
        session: 's',
        username: 'kernelkit',
        date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        msg_type: 'kernel_info_request',
        version: PROTOCOL_VERSION,
      },
      parent_header: {},
      metadata: {},
      content: {},
      buffers: [],
    });
    const date = Date.parse(message.header.date);
    expect(date).toBeGreaterThanOrEqual(before);
    expect(date).toBeLessThanOrEqual(Date.now());
  });
  test('everything can be given', () => {
    const message = createMessage({
      ...base,
      username: 'u',
      id: 'i',
      date: new Date(0),
      metadata: { m: 1 },
      buffers: [new Uint8Array(1)],
      subshellId: 'sub',
    });
    expect(message.header).toEqual({
      msg_id: 'i',
      session: 's',
      username: 'u',
      date: '1970-01-01T00:00:00.000Z',
      msg_type: 'kernel_info_request',
      version: PROTOCOL_VERSION,
      subshell_id: 'sub',
    });
    expect(message.metadata).toEqual({ m: 1 });
    expect(message.buffers).toHaveLength(1);
  });
  test('the parent may be a message or a header; no subshell leaves no trace', () => {
    const parent = createMessage(base);
    for (const given of [parent, parent.header]) {
      expect(createMessage({ ...base, parent: given }).parent_header).toEqual(parent.header);
    }
    expect(createMessage({ ...base, subshellId: null, parent: undefined }).header).not.toHaveProperty('subshell_id');
  });
  test('ids are unique', () => {
    const ids = new Set(Array.from({ length: 10_000 }, () => createMessage(base).header.msg_id));
    expect(ids.size).toBe(10_000);
    expect(new Set(Array.from({ length: 100 }, newSessionId)).size).toBe(100);
    expect(newSessionId()).toMatch(/^[0-9a-f]{32}$/);
  });
});

test('isMessage narrows the content', () => {
  const message: JupyterMessage = createMessage({
    channel: 'iopub',
    type: 'stream',
    session: 's',
    content: { name: 'stderr', text: 'x' },
  });
  if (!isMessage(message, 'stream')) throw new Error('it is a stream');
  expectTypeOf(message.content.name).toEqualTypeOf<'stdout' | 'stderr'>();
  expect(message.content.text).toBe('x');
  expect(isMessage(message, 'status')).toBe(false);
});

test('isChannelName', () => {
  expect(['shell', 'control', 'stdin', 'iopub'].every(isChannelName)).toBe(true);
  expect(['hb', '', undefined, 'Shell', 1].some(isChannelName)).toBe(false);
});

test('the types hold together (checked by tsc)', () => {
  expectTypeOf<ReplyTypeOf<'execute_request'>>().toEqualTypeOf<'execute_reply'>();
  // Every request of the specification has its reply.
  type Unanswered = { [T in RequestType]: [ReplyTypeOf<T>] extends [never] ? T : never }[RequestType];
  expectTypeOf<Unanswered>().toEqualTypeOf<never>();
  // Any message is accepted where a message is wanted, and any content where an object is.
  expectTypeOf<JupyterMessage<'execute_reply'>>().toExtend<JupyterMessage>();
  expectTypeOf<MessageContents[MessageType]>().toExtend<Record<string, unknown>>();
  expectTypeOf<Extract<ExecuteReply, { status: 'ok' }>['execution_count']>().toEqualTypeOf<number>();
  const status = createMessage({ channel: 'iopub', type: 'status', session: '', content: { execution_state: 'idle' } });
  expect(encodeZmq(status, unsigned)).toHaveLength(6);
});

// Written down apart from the sources: the messaging specification's list, 5.0 to 5.6, and ipykernel's usage.
const SPECIFIED = [
  ...['execute', 'inspect', 'complete', 'history', 'is_complete', 'connect', 'comm_info', 'kernel_info'].flatMap(both),
  ...['shutdown', 'interrupt', 'debug', 'create_subshell', 'delete_subshell', 'list_subshell', 'usage'].flatMap(both),
  ...both('input'),
  ...['stream', 'display_data', 'update_display_data', 'execute_input', 'execute_result', 'error', 'status'],
  ...['clear_output', 'debug_event', 'iopub_welcome', 'comm_open', 'comm_msg', 'comm_close'],
];

function both(name: string): string[] {
  return [`${name}_request`, `${name}_reply`];
}

test('every message type of the specification has a content type', async () => {
  const { readFile } = await import('node:fs/promises');
  const source = await readFile(new URL('../src/contents/index.ts', import.meta.url), 'utf8');
  const body = source.slice(source.indexOf('interface MessageContents {'), source.indexOf('\n}\n'));
  expect([...body.matchAll(/^ {2}(\w+):/gm)].map((match) => match[1]).sort()).toEqual(SPECIFIED.sort());
});
