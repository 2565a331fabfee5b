/**
 * Positions in text. The protocol counts Unicode code points since 5.2 (messaging spec, "cursor_pos"); JavaScript counts
 * UTF-16 units, two to each character beyond U+FFFF. A lone surrogate counts as one in both.
 */

/** How many code points a text has. */
export function codePointLength(text: string): number {
  return countCodePoints(text, text.length);
}

/**
 * A UTF-16 offset (`text.length` is its greatest) as a code point offset, for `cursor_pos` in a request.
 * An offset inside a surrogate pair counts as before the pair; one outside the text as the nearest end.
 */
export function codePointOffset(text: string, utf16Offset: number): number {
  return countCodePoints(text, Math.min(utf16Offset, text.length));
}

/** A code point offset, as in `cursor_start` of a reply, as a UTF-16 offset. One outside the text: the nearest end. */
export function utf16Offset(text: string, codePointOffset: number): number {
  let at = 0;
  for (let count = 0; count < codePointOffset && at < text.length; count += 1) at += unitsAt(text, at);
  return at;
}

function countCodePoints(text: string, end: number): number {
  let count = 0;
  for (let at = 0; at < end; count += 1) {
    at += unitsAt(text, at);
    // A pair that reaches past the end does not count.
    if (at > end) break;
  }
  return count;
}

/** 2 for a surrogate pair, else 1. */
function unitsAt(text: string, at: number): number {
  if ((text.charCodeAt(at) & 0xfc00) !== 0xd800) return 1;
  return (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00 ? 2 : 1;
}
