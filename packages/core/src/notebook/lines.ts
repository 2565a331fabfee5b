// What Python's str.splitlines takes for the end of a line; nbformat splits with it.
const LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

/** The lines of `text`, as Python's `text.splitlines(keepends)` gives them; none for `''`. */
export function splitLines(text: string, keepEnds = true): string[] {
  const lines: string[] = [];
  let start = 0;
  for (const found of text.matchAll(LINE_END)) {
    const end = found.index + found[0].length;
    lines.push(text.slice(start, keepEnds ? end : found.index));
    start = end;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}

/** Whether data of this MIME type is a JSON value that is kept as it is (nbformat v4 rwbase). */
export function isJsonMime(mime: string): boolean {
  return mime === 'application/json' || (mime.startsWith('application/') && mime.endsWith('+json'));
}

/** Whether text of this MIME type is written line by line (nbformat v4 rwbase). */
export function isSplitMime(mime: string): boolean {
  return mime.startsWith('text/') || mime === 'application/javascript' || mime === 'image/svg+xml';
}
