import fc from 'fast-check';
import { jsonObject, wellFormedText } from './arbitrary.js';

type Message = fc.Arbitrary<{ type: string; content: Record<string, unknown> }>;

// Code with lines of every ending that Python knows, brackets, names and astral characters.
const code = fc.string({
  unit: fc.constantFrom('a', 'B.', '_1', '(', ')', ' ', '\n', '\r\n', '\r', '\u2028', '\x85', '\v', '😀', 'é', '='),
});
const text = wellFormedText;
const version = fc.array(fc.nat(20), { minLength: 1, maxLength: 3 });
const dotted = fc
  .array(fc.oneof(fc.nat(20).map(String), fc.constantFrom('dev', 'b1', '')), { minLength: 1, maxLength: 4 })
  .map((list) => list.join('.'));
const json = fc.oneof(jsonObject(text), fc.array(fc.integer()), fc.constant(null), fc.integer());
const status = fc.constantFrom('ok', 'ok', 'ok', 'error', 'aborted');

function of(
  type: string,
  members: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
): Message {
  const content = fc.record({ ...members, ...optional }, { requiredKeys: Object.keys(members), noNullPrototype: true });
  return content.map((value) => ({ type, content: value }));
}

/** Messages of 4.x with what its specification demands of them. */
export const v4Message: Message = fc.oneof(
  of(
    'kernel_info_reply',
    { language: fc.constantFrom('python', 'python3', 'haskell') },
    {
      protocol_version: version,
      language_version: version,
      ipython_version: version,
      language_info: fc.record({ name: text, version: text }, { requiredKeys: [], noNullPrototype: true }),
    },
  ),
  of(
    'execute_request',
    { code },
    { user_variables: fc.array(text, { maxLength: 3 }), user_expressions: jsonObject(text) },
  ),
  of(
    'execute_reply',
    { status, execution_count: fc.nat() },
    {
      user_variables: jsonObject(text),
      user_expressions: jsonObject(text),
      payload: fc.array(
        fc.record(
          { source: fc.constantFrom('page', 'set_next_input'), text, data: fc.constant({ 'text/html': 'h' }) },
          { requiredKeys: ['source'], noNullPrototype: true },
        ),
        { maxLength: 2 },
      ),
    },
  ),
  of('complete_request', { text, line: code, block: fc.constant(null), cursor_pos: fc.nat(9) }),
  of('complete_reply', { matches: fc.array(text), matched_text: text }, { status }),
  of('object_info_request', { oname: text, detail_level: fc.nat(1) }),
  of(
    'object_info_reply',
    { found: fc.boolean() },
    Object.fromEntries(
      ['call_def', 'init_definition', 'definition', 'call_docstring', 'init_docstring', 'docstring'].map((key) => [
        key,
        fc.oneof(text, fc.constant(null)),
      ]),
    ),
  ),
  of('stream', { name: fc.constantFrom('stdout', 'stderr'), data: text }),
  of('display_data', {
    source: text,
    data: fc.oneof(
      json.map((value) => ({ 'application/json': JSON.stringify(value) })),
      jsonObject(text),
    ),
    metadata: jsonObject(text),
  }),
  of('pyout', { execution_count: fc.nat(), data: jsonObject(text) }),
  of('pyin', { code }),
  of('pyerr', { ename: text, evalue: text, traceback: fc.array(text) }),
  of('input_request', { prompt: text }, { password: fc.boolean() }),
  of('status', { execution_state: fc.constantFrom('busy', 'idle') }),
);

/** Messages of 5.x with what its specification demands of them. */
export const v5Message: Message = fc.oneof(
  of(
    'kernel_info_reply',
    { protocol_version: dotted },
    {
      implementation: fc.constantFrom('ipython', 'xeus'),
      implementation_version: dotted,
      language_version: dotted,
      language_info: fc.record({ name: text, version: dotted }, { requiredKeys: [], noNullPrototype: true }),
    },
  ),
  of('execute_request', { code }, { user_variables: fc.array(text), silent: fc.boolean() }),
  of('execute_reply', { status, execution_count: fc.nat() }, { user_variables: jsonObject(text) }),
  of('complete_request', { code, cursor_pos: fc.nat(12) }),
  of('complete_reply', {
    status,
    matches: fc.array(text, { minLength: 1 }),
    cursor_start: fc.nat(5),
    cursor_end: fc.nat(9),
    metadata: jsonObject(text),
  }),
  of('inspect_request', { code, cursor_pos: fc.nat(12), detail_level: fc.nat(1) }),
  of('inspect_reply', { status, found: fc.boolean(), data: jsonObject(text), metadata: jsonObject(text) }),
  of('stream', { name: fc.constantFrom('stdout', 'stderr'), text }),
  of('display_data', {
    data: fc.oneof(
      json.map((value) => ({ 'application/json': value })),
      jsonObject(text),
    ),
    metadata: jsonObject(text),
  }),
  of('execute_result', { execution_count: fc.nat(), data: jsonObject(text), metadata: jsonObject(text) }),
  of('execute_input', { code, execution_count: fc.nat() }),
  of('error', { ename: text, evalue: text, traceback: fc.array(text) }),
  of('input_request', { prompt: text, password: fc.boolean() }),
  of('status', { execution_state: fc.constantFrom('busy', 'idle') }),
);
