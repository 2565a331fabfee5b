import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codePointLength, codePointOffset, utf16Offset } from '../src/index.js';
import { anyText } from './support/arbitrary.js';

test.each([
  // text, UTF-16 offset, code point offset
  ['', 0, 0],
  ['abc', 2, 2],
  ['😀b', 2, 1],
  ['😀b', 3, 2],
  ['a😀😀b', 5, 3],
  ['é\u0301x', 2, 2],
  ['\ud83dx', 1, 1],
  ['\ude00\ud83d', 2, 2],
  ['\ud83d\ud83d\ude00', 3, 2],
])('%j: UTF-16 offset %i is code point offset %i', (text, units, points) => {
  expect(codePointOffset(text, units)).toBe(points);
  expect(utf16Offset(text, points)).toBe(units);
});

test('within a pair counts as before it; outside the text as the nearest end', () => {
  expect(codePointOffset('a😀b', 2)).toBe(1);
  expect(codePointOffset('a😀b', 99)).toBe(3);
  expect(codePointOffset('a😀b', -1)).toBe(0);
  expect(utf16Offset('a😀b', 99)).toBe(4);
  expect(utf16Offset('a😀b', -1)).toBe(0);
});

test('any text: what the iterator of strings counts, and there and back', () => {
  fc.assert(
    fc.property(anyText, fc.nat(), (text, seed) => {
      const points = [...text];
      expect(codePointLength(text)).toBe(points.length);
      const position = seed % (points.length + 1);
      const units = points.slice(0, position).join('').length;
      expect(utf16Offset(text, position)).toBe(units);
      expect(codePointOffset(text, units)).toBe(position);
    }),
  );
});
