import { describe, expect, test } from 'vitest';
import { type CompareOptions, compareOutputs } from '../../src/notebook/index.js';

const out = (text: string, name = 'stdout') => ({ output_type: 'stream', name, text });
const result = (data: object, execution_count = 1) => ({
  output_type: 'execute_result',
  data,
  metadata: {},
  execution_count,
});
const plain = (text: string) => result({ 'text/plain': text });
const raised = (evalue: string, ...traceback: string[]) => ({ output_type: 'error', ename: 'E', evalue, traceback });

describe('the same, though not byte for byte', () => {
  test.each<[string, object[], object[]]>([
    ['nothing', [], []],
    ['a stream in other pieces', [out('a'), out('b\n')], [out('ab\n')]],
    [
      'streams that interleave otherwise',
      [out('a\n'), out('e', 'stderr'), out('b\n')],
      [out('a\nb\n'), out('e', 'stderr')],
    ],
    ['a stream that says nothing', [out('')], []],
    ['another execution count', [result({ 'text/plain': '1' }, 1)], [result({ 'text/plain': '1' }, 7)]],
    ['an address', [plain('<f at 0x7f12aB34cd56>')], [plain('<f at 0x55d0aa00bb11>')]],
    [
      "ipykernel's file of a cell",
      [out('/tmp/ipykernel_12/345.py:1: W', 'stderr')],
      [out('/tmp/ipykernel_9/8.py:1: W', 'stderr')],
    ],
    ['colours', [out('\x1b[31mred\x1b[0m')], [out('red')]],
    ['a progress bar', [out('10 %\r50 %\r100 %\n')], [out('1 %\r100 %\n')]],
    ['a picture', [result({ 'image/png': 'AAAA' })], [result({ 'image/png': 'BBBB' })]],
    [
      'a widget',
      [result({ 'application/vnd.jupyter.widget-view+json': { model_id: 'a' } })],
      [result({ 'application/vnd.jupyter.widget-view+json': { model_id: 'b' } })],
    ],
    [
      'JSON in another order',
      [result({ 'application/json': { a: 1, b: 2 } })],
      [result({ 'application/json': { b: 2, a: 1 } })],
    ],
    ['another traceback', [raised('v', 'one')], [raised('v', 'another')]],
  ])('%s', (_, stored, now) => {
    expect(compareOutputs(stored as never, now as never)).toEqual([]);
  });
});

describe('what differs', () => {
  test.each<[string, object[], object[], object[], CompareOptions?]>([
    ['text', [out('a\n')], [out('b\n')], [{ part: 'stdout', stored: 'a\n', now: 'b\n' }]],
    ['a stream that is new', [], [out('b\n', 'stderr')], [{ part: 'stderr', stored: null, now: 'b\n' }]],
    ['a result that is gone', [plain('1')], [], [{ part: 'text/plain', stored: '1', now: null }]],
    [
      'a number that only looks like an address',
      [plain('0xff')],
      [plain('0xfe')],
      [{ part: 'text/plain', stored: '0xff', now: '0xfe' }],
    ],
    [
      'the second of two',
      [plain('1'), plain('2')],
      [plain('1'), plain('3')],
      [{ part: 'output 2 text/plain', stored: '2', now: '3' }],
    ],
    [
      'a picture that is none any more',
      [result({ 'image/png': 'AA', 'text/plain': 'x' })],
      [result({ 'text/plain': 'x' })],
      [{ part: 'image/png', stored: '(image/png)', now: null }],
    ],
    [
      'the bytes of a picture, where they count',
      [result({ 'image/png': 'AA\nAA' })],
      [result({ 'image/png': 'AABB' })],
      [{ part: 'image/png', stored: 'AAAA', now: 'AABB' }],
      { media: true },
    ],
    ['an error', [raised('v')], [raised('w')], [{ part: 'error', stored: 'E: v', now: 'E: w' }]],
    [
      'what is left after a pattern, every time that it fits',
      [out('1 ms, 2 ms, a')],
      [out('3 ms, 4 ms, b')],
      [{ part: 'stdout', stored: '…, …, a', now: '…, …, b' }],
      { ignore: [/\d ms/] },
    ],
  ])('%s', (_, stored, now, expected, options) => {
    expect(compareOutputs(stored as never, now as never, options)).toEqual(expected);
  });
});
