import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adapt, createMessage, type JupyterMessage, type MessageType, majorVersion } from '../src/index.js';
import { anyMessage, bare } from './support/arbitrary.js';

function message(type: string, content: Record<string, unknown>): JupyterMessage {
  return {
    ...createMessage({ channel: 'shell', type: 'kernel_info_request', session: 's', content: {}, id: 'i' }),
    header: { msg_id: 'i', session: 's', username: 'u', date: 'd', msg_type: type as MessageType, version: '5.3' },
    parent_header: { msg_id: 'p', version: '5.3' },
    content: content as JupyterMessage['content'],
  };
}

test.each([
  [{}, 4],
  [{ version: '' }, 4],
  [{ version: 'x' }, 4],
  [{ version: '4.1' }, 4],
  [{ version: '5.4' }, 5],
  [{ version: '10.2' }, 10],
])('the major version of %j is %i', (header, major) => {
  expect(majorVersion(header)).toBe(major);
});

// [name in 5, content in 5, name in 4, content in 4]: what each direction makes of the other's, beside the comparison with
// jupyter_client in python.test.ts. `both`: there and back is the same.
const rows: [string, Record<string, unknown>, string, Record<string, unknown>, 'both' | 'to 4' | 'to 5'][] = [
  ['stream', { name: 'stdout', text: 'x' }, 'stream', { name: 'stdout', data: 'x' }, 'both'],
  ['execute_result', { data: {} }, 'pyout', { data: {} }, 'both'],
  ['execute_input', { code: '1' }, 'pyin', { code: '1' }, 'both'],
  ['error', { ename: 'E' }, 'pyerr', { ename: 'E' }, 'both'],
  ['inspect_reply', { status: 'error' }, 'object_info_reply', { status: 'error' }, 'both'],
  ['complete_reply', { status: 'aborted' }, 'complete_reply', { status: 'aborted' }, 'both'],
  ['status', { execution_state: 'idle' }, 'status', { execution_state: 'idle' }, 'both'],
  ['input_request', { prompt: 'p', password: false }, 'input_request', { prompt: 'p' }, 'both'],
  [
    'display_data',
    { data: { 'application/json': [1] } },
    'display_data',
    { source: 'display', data: { 'application/json': '[1]' } },
    'both',
  ],
  [
    'complete_request',
    { code: 'é😀\nx.', cursor_pos: 5 },
    'complete_request',
    { text: '', line: 'x.', block: null, cursor_pos: 2 },
    'to 4',
  ],
  [
    'complete_request',
    { code: '', cursor_pos: 5 },
    'complete_request',
    { text: '', line: '', block: null, cursor_pos: 0 },
    'to 4',
  ],
  [
    'complete_request',
    { code: 'a.b', cursor_pos: 2 },
    'complete_request',
    { text: '', line: 'a.b', block: null, cursor_pos: 2 },
    'both',
  ],
  [
    'inspect_request',
    { code: 'f(a, b.c', cursor_pos: 8, detail_level: 1 },
    'object_info_request',
    { oname: 'f', detail_level: 1 },
    'to 4',
  ],
  [
    'inspect_request',
    { code: 'a.b', cursor_pos: 3, detail_level: 0 },
    'object_info_request',
    { oname: 'a.b', detail_level: 0 },
    'both',
  ],
  [
    'complete_reply',
    { status: 'ok', matches: ['😀bc'], cursor_start: 1, cursor_end: 3, metadata: {} },
    'complete_reply',
    { status: 'ok', matches: ['😀bc'], matched_text: '😀b' },
    'to 4',
  ],
  [
    'complete_reply',
    { status: 'ok', matches: [], cursor_start: 0, cursor_end: 0 },
    'complete_reply',
    { status: 'ok', matches: [], matched_text: '' },
    'to 4',
  ],
  [
    'complete_reply',
    { status: 'ok', matches: ['abc'], cursor_start: -2, cursor_end: null, metadata: {} },
    'complete_reply',
    { matches: ['abc'], matched_text: '😀b' },
    'to 5',
  ],
  [
    'complete_reply',
    { status: 'ok', matches: ['abc'], cursor_start: null, cursor_end: null, metadata: {} },
    'complete_reply',
    { matches: ['abc'], matched_text: '' },
    'to 5',
  ],
  [
    'kernel_info_reply',
    { protocol_version: '4.1', language_info: { name: 'haskell', version: '7.6' }, banner: '' },
    'kernel_info_reply',
    { protocol_version: [4, 1], language: 'haskell', language_version: [7, 6] },
    'to 5',
  ],
];

test.each(rows.filter((row) => row[4] !== 'to 5'))('5 to 4: %s %j', (newType, newContent, oldType, oldContent) => {
  const adapted = adapt(message(newType, newContent), 5, 4);
  expect(adapted.header).toEqual({ msg_id: 'i', session: 's', username: 'u', date: 'd', msg_type: oldType });
  expect(adapted.parent_header).toEqual({ msg_id: 'p' });
  expect(adapted.content).toEqual(oldContent);
});

test.each(rows.filter((row) => row[4] !== 'to 4'))(
  '4 to 5: gives %s %j',
  (newType, newContent, oldType, oldContent) => {
    const adapted = adapt(message(oldType, oldContent), 4, 5);
    expect(adapted.header).toMatchObject({ msg_type: newType, version: '5.0' });
    expect(adapted.parent_header).toEqual({ msg_id: 'p', version: '5.0' });
    expect(adapted.content).toEqual(newContent);
  },
);

test('between other versions nothing happens', () => {
  const one = message('stream', { name: 'stdout', text: 'x' });
  for (const [from, to] of [
    [5, 5],
    [4, 4],
    [3, 5],
    [5, 6],
  ] as const)
    expect(adapt(one, from, to)).toBe(one);
});

test('the text of the content is kept while the content is, and dropped with it', () => {
  const contentBytes = new Uint8Array([123, 125]);
  expect(adapt({ ...message('pyout', { data: {} }), contentBytes }, 4, 5).contentBytes).toBe(contentBytes);
  expect(adapt({ ...message('stream', { data: 'x' }), contentBytes }, 4, 5).contentBytes).toBeUndefined();
});

const TYPES = [
  'kernel_info_reply',
  'execute_request',
  'execute_reply',
  'complete_request',
  'complete_reply',
  'inspect_request',
  'inspect_reply',
  'object_info_request',
  'object_info_reply',
  'stream',
  'display_data',
  'input_request',
  'constructor',
  '__proto__',
];

test('whatever the content, it never fails, and the argument is not changed', () => {
  const keys = [
    'data',
    'text',
    'code',
    'line',
    'cursor_pos',
    'matches',
    'matched_text',
    'oname',
    'found',
    'language',
    'language_info',
    'ipython_version',
    'user_variables',
    'user_expressions',
    'payload',
    'status',
    'docstring',
  ];
  const content = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ depthSize: 'small' }), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(anyMessage(), fc.constantFrom(...TYPES), content, fc.boolean(), (base, type, value, up) => {
      const one = {
        ...base,
        header: { ...base.header, msg_type: type as MessageType },
        content: value as JupyterMessage['content'],
      };
      const before = structuredClone(one);
      const adapted = adapt(one, up ? 4 : 5, up ? 5 : 4);
      expect(one).toEqual(before);
      expect(bare(adapted).buffers).toEqual(one.buffers);
      expect(typeof adapted.content).toBe('object');
    }),
    { numRuns: 500 },
  );
});

test('a message of 5 whose version is missing keeps its content', () => {
  const contents: [string, Record<string, unknown>][] = [
    ['stream', { name: 'stdout', text: 'x' }],
    ['complete_reply', { status: 'ok', matches: ['a'], cursor_start: 0, cursor_end: 1, metadata: {} }],
    ['complete_request', { code: 'a', cursor_pos: 1 }],
    ['inspect_request', { code: 'a', cursor_pos: 1, detail_level: 0 }],
    ['inspect_reply', { status: 'ok', found: true, data: { 'text/plain': 'x' }, metadata: {} }],
    ['kernel_info_reply', { status: 'ok', protocol_version: '5.3', language_info: { name: 'x' }, banner: 'b' }],
    ['execute_request', { code: '', user_expressions: {} }],
    ['display_data', { data: { 'text/plain': 'x' }, metadata: {} }],
  ];
  for (const [type, content] of contents) expect(adapt(message(type, content), 4, 5).content).toBe(content);
});
