/** Text that is being written, and where in it. `cursor` counts UTF-16 units and never stands within a character. */
export interface Draft {
  readonly text: string;
  readonly cursor: number;
}

export const EMPTY: Draft = { text: '', cursor: 0 };

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What people see as characters: a letter with its marks, an emoji with its joiners. */
export function characters(text: string): string[] {
  if (/^[\x20-\x7e]*$/.test(text)) return text.split('');
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** The beginning of the line that a place lies in; its end. */
export function lineAt(text: string, at: number): { start: number; end: number } {
  const end = text.indexOf('\n', at);
  return { start: at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1, end: end === -1 ? text.length : end };
}

export function insert({ text, cursor }: Draft, added: string): Draft {
  return { text: text.slice(0, cursor) + added + text.slice(cursor), cursor: cursor + added.length };
}

/** As somebody types it: a bracket that closes, alone on its line, goes to where the line begins that has the one that opens. */
export function typed(draft: Draft, added: string): Draft {
  const { text, cursor } = draft;
  const { start } = lineAt(text, cursor);
  const head = text.slice(start, cursor);
  if (!/^[)\]}]$/.test(added) || !/^[ \t]+$/.test(head)) return insert(draft, added);
  const at = opening(text.slice(0, start));
  const indent = at === -1 ? head : /^[ \t]*/.exec(text.slice(lineAt(text, at).start))![0];
  return indent.length < head.length ? replace(draft, start, cursor, indent + added) : insert(draft, added);
}

/** Where the last bracket is that nothing closes; -1: there is none. */
function opening(text: string): number {
  let closed = 0;
  for (let at = text.length - 1; at >= 0; at -= 1) {
    if (')]}'.includes(text[at]!)) closed += 1;
    else if ('([{'.includes(text[at]!)) {
      if (closed === 0) return at;
      closed -= 1;
    }
  }
  return -1;
}

export function replace({ text }: Draft, start: number, end: number, by: string): Draft {
  return { text: text.slice(0, start) + by + text.slice(end), cursor: start + by.length };
}

export function to(draft: Draft, cursor: number): Draft {
  return { text: draft.text, cursor: Math.max(0, Math.min(cursor, draft.text.length)) };
}

/** Where a step to the left ends. */
export function before({ text, cursor }: Draft): number {
  const { start } = lineAt(text, cursor);
  if (cursor === start) return Math.max(0, cursor - 1);
  return cursor - characters(text.slice(start, cursor)).at(-1)!.length;
}

/** Where a step to the right ends. */
export function after({ text, cursor }: Draft): number {
  const { end } = lineAt(text, cursor);
  if (cursor === end) return Math.min(text.length, cursor + 1);
  return cursor + characters(text.slice(cursor, end))[0]!.length;
}

export function wordBefore({ text, cursor }: Draft): number {
  const [found] = /[\p{L}\p{N}\p{M}_]*[^\p{L}\p{N}\p{M}_]*$/u.exec(text.slice(0, cursor))!;
  return cursor - found.length;
}

export function wordAfter({ text, cursor }: Draft): number {
  const [found] = /^[^\p{L}\p{N}\p{M}_]*[\p{L}\p{N}\p{M}_]*/u.exec(text.slice(cursor))!;
  return cursor + found.length;
}

/** A line up or down, in the same column as far as there is one; null: there is none. */
export function vertical({ text, cursor }: Draft, step: -1 | 1): Draft | null {
  const here = lineAt(text, cursor);
  const edge = step === -1 ? here.start - 1 : here.end + 1;
  if (edge < 0 || edge > text.length) return null;
  const there = lineAt(text, edge);
  const column = characters(text.slice(here.start, cursor)).length;
  const kept = characters(text.slice(there.start, there.end)).slice(0, column).join('');
  return { text, cursor: there.start + kept.length };
}

/** Takes away what lies between the cursor and a place. */
export function cut(draft: Draft, other: number): { draft: Draft; taken: string } {
  const [start, end] = [Math.min(draft.cursor, other), Math.max(draft.cursor, other)];
  return { draft: replace(draft, start, end, ''), taken: draft.text.slice(start, end) };
}

/** Takes the blanks of one step of indentation with it, where there is nothing else before the cursor. */
export function backspace(draft: Draft): Draft {
  const { start } = lineAt(draft.text, draft.cursor);
  const head = draft.text.slice(start, draft.cursor);
  const blanks = /^ +$/.test(head) ? ((head.length - 1) % INDENT) + 1 : 0;
  return cut(draft, blanks > 0 ? draft.cursor - blanks : before(draft)).draft;
}

/** Blanks that Tab puts in at the beginning of a line. */
export const INDENT = 4;

/** Which of the lines the cursor is in, from 0, and how many there are. */
export function lineNumber({ text, cursor }: Draft): { line: number; lines: number } {
  return { line: text.slice(0, cursor).split('\n').length - 1, lines: text.split('\n').length };
}
