import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLenientJson } from '../src/index.js';

test('JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(parseLenientJson(json)).toEqual(JSON.parse(json));
    }),
  );
});

test.each<[string, unknown]>([
  ['NaN', null],
  ['[NaN, Infinity,-Infinity]', [null, null, null]],
  [
    '{"NaN": NaN, "\\"Infinity": [-Infinity, -1, "-Infinity\\\\"]}',
    { NaN: null, '"Infinity': [null, -1, '-Infinity\\'] },
  ],
  ['{"a":NaN,"b":"\\\\"}', { a: null, b: '\\' }],
])('%s', (json, value) => {
  expect(parseLenientJson(json)).toEqual(value);
});

test.each(['', '{', 'nan', '-NaN', 'NaNa', '{NaN:1}', '"NaN', '[NaN,]', '--Infinity', '{"a":NaN,"b":"\\'])(
  'not JSON: %s',
  (json) => {
    expect(() => parseLenientJson(json)).toThrow(SyntaxError);
  },
);

test('NaN anywhere among any strings', () => {
  // Replaced in the value, and written the way Python writes it, the same comes out.
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc.constant(Number.NaN),
      fc.constant(Number.NEGATIVE_INFINITY),
      fc.integer(),
      fc.string({ unit: fc.constantFrom('"', '\\', 'NaN', '-Infinity', 'x', ',', '{') }),
      fc.array(tie('node'), { maxLength: 4 }),
    ),
  })).node;
  fc.assert(
    fc.property(value, (node) => {
      expect(parseLenientJson(pythonJson(node))).toEqual(JSON.parse(JSON.stringify(node)));
    }),
  );
});

test('a string of many megabytes beside a NaN', () => {
  const long = 'x\\n"'.repeat(2_000_000);
  expect(parseLenientJson(`[${JSON.stringify(long)},NaN]`)).toEqual([long, null]);
});

/** As Python's json.dumps writes it. */
function pythonJson(node: unknown): string {
  if (Array.isArray(node)) return `[${node.map(pythonJson).join(', ')}]`;
  return typeof node === 'number' ? String(node) : JSON.stringify(node);
}
