import { stripVTControlCharacters } from 'node:util';
import { oneLine, shortened } from '../width.js';
import { CompletionMenu } from './completion-menu.js';
import { type Draft, replace } from './draft.js';
import type { Editing } from './editing.js';
import type { History } from './history.js';
import { type Candidate, commonStart } from './menu.js';
import type { Stroke } from './strokes.js';

export interface Room {
  columns: number;
  height: number;
  colour: boolean;
}

/** Something below the text, that takes keys first. */
export interface Overlay {
  rows(room: Room): string[];
  /** `kept`: the key was its own. `closed`: it was, and the overlay goes. `passed`: the overlay goes, and the key means what it means without. */
  key(stroke: Stroke): 'kept' | 'closed' | 'passed';
}

export interface Completion {
  start: number;
  end: number;
  candidates: readonly Candidate[];
}

/** What the candidates have in common goes in at once; where it is all, there is no menu. */
export function completed(editing: Editing, { start, end, candidates }: Completion): Overlay | null {
  if (candidates.length === 0) return new Note('no completions');
  const { draft } = editing;
  const common = commonStart(candidates);
  const typed = draft.text.slice(start, end);
  if (candidates.length === 1 || (common.length > typed.length && common.startsWith(typed))) {
    const by = candidates.length === 1 ? candidates[0]!.text : common;
    editing.change(replace(draft, start, end, by));
    if (candidates.length === 1) return null;
    return new CompletionMenu(editing, { start, end: start + by.length, candidates });
  }
  return new CompletionMenu(editing, { start, end, candidates });
}

/** Ctrl-R: the newest entry that holds what is typed, and the ones before it. */
export class Search implements Overlay {
  readonly #editing: Editing;
  readonly #history: History;
  readonly #before: Draft;
  #query = '';
  #at: number;
  #isFailing = false;

  constructor(editing: Editing, history: History) {
    this.#editing = editing;
    this.#history = history;
    this.#before = editing.draft;
    this.#at = history.entries.length;
  }

  rows({ columns, colour }: Room): string[] {
    const text = shortened(`${this.#isFailing ? 'nothing older' : 'search'}: ${oneLine(this.#query)}_`, columns - 1);
    return [colour ? `\x1b[33m${text}\x1b[39m` : text];
  }

  key(stroke: Stroke): 'kept' | 'closed' | 'passed' {
    if (stroke.kind !== 'key') {
      this.#query += stroke.text.split('\n')[0];
      this.#find(this.#at + 1, -1);
      return 'kept';
    }
    switch (stroke.name) {
      case 'ctrl-r':
      case 'up':
        this.#find(this.#at, -1);
        return 'kept';
      case 'ctrl-s':
      case 'down':
        this.#find(this.#at, 1);
        return 'kept';
      case 'backspace':
        this.#query = this.#query.slice(0, -1);
        this.#find(this.#history.entries.length, -1);
        return 'kept';
      case 'ctrl-c':
      case 'ctrl-g':
        this.#editing.change(this.#before);
        return 'closed';
      case 'return':
      case 'escape':
      case 'tab':
        return 'closed';
      default:
        return 'passed';
    }
  }

  #find(from: number, step: -1 | 1): void {
    const query = this.#query;
    if (query === '') return;
    const isSame = query === query.toLowerCase();
    // small letters mean either, as in less and vim's smartcase
    const holds = (entry: string): number => (isSame ? entry.toLowerCase() : entry).indexOf(query);
    const at = this.#history.find(Math.min(from, this.#history.entries.length), step, (entry) => holds(entry) !== -1);
    this.#isFailing = at === -1;
    if (at === -1) return;
    this.#at = at;
    const text = this.#history.entries[at]!;
    this.#editing.change({ text, cursor: holds(text) + query.length });
  }
}

/** A line that the next key takes away. */
export class Note implements Overlay {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  rows({ columns, colour }: Room): string[] {
    const text = shortened(oneLine(this.#text), columns - 1);
    return [colour ? `\x1b[2m${text}\x1b[22m` : text];
  }

  key(stroke: Stroke): 'closed' | 'passed' {
    return stroke.kind === 'key' && stroke.name === 'escape' ? 'closed' : 'passed';
  }
}

/** What the kernel says of the thing at the cursor: its beginning, and all of it with Shift-Tab once more. */
export class Help implements Overlay {
  readonly #text: string;
  readonly #page: (text: string) => void;

  constructor(text: string, page: (text: string) => void) {
    this.#text = text;
    this.#page = page;
  }

  rows({ columns, height, colour }: Room): string[] {
    const lines = plain(this.#text).trimEnd().split('\n');
    const room = Math.max(1, height - 1);
    const shown = lines.slice(0, room).map((line) => shortened(oneLine(line.replaceAll('\t', '    ')), columns - 1));
    if (lines.length > room) {
      const more = ` … ${lines.length - room} more lines: Shift-Tab`;
      shown.push(colour ? `\x1b[2m${more}\x1b[22m` : more);
    }
    return shown;
  }

  key(stroke: Stroke): 'closed' | 'passed' {
    if (stroke.kind !== 'key') return 'passed';
    if (stroke.name === 'shift-tab') this.#page(this.#text);
    return stroke.name === 'shift-tab' || stroke.name === 'escape' ? 'closed' : 'passed';
  }
}

/** Without colours, and without what bold and underlined were on paper (R's help: `_` and a backspace before each letter). */
function plain(text: string): string {
  return stripVTControlCharacters(text.replace(/.\x08/gu, ''));
}
