import { type Draft, insert, replace } from './draft.js';
import type { Editing } from './editing.js';
import { type Candidate, menuRows } from './menu.js';
import type { Completion, Overlay, Room } from './overlays.js';
import type { Stroke } from './strokes.js';

/** The candidates, to go through; the chosen one stands in the text. What is typed on leaves those that begin so. */
export class CompletionMenu implements Overlay {
  readonly #editing: Editing;
  /** Those that the kernel gave. */
  readonly #all: readonly Candidate[];
  /** Where the cursor was then: what is taken back to before it needs new ones. */
  readonly #least: number;
  /** The text without a choice. */
  #before: Draft;
  #completion: Completion;
  #chosen = -1;

  constructor(editing: Editing, completion: Completion) {
    this.#editing = editing;
    this.#before = editing.draft;
    this.#least = editing.draft.cursor;
    this.#all = completion.candidates;
    this.#completion = completion;
  }

  rows(room: Room): string[] {
    return menuRows({ candidates: this.#completion.candidates, chosen: this.#chosen }, room);
  }

  key(stroke: Stroke): 'kept' | 'closed' | 'passed' {
    if (stroke.kind === 'text') return this.#typed(stroke.text);
    const name = stroke.kind === 'key' ? stroke.name : '';
    const step = STEPS[name];
    if (step !== undefined) {
      this.#go(step);
      return this.#completion.candidates.length === 1 ? 'closed' : 'kept';
    }
    if (name === 'backspace' && this.#chosen === -1 && this.#before.cursor > this.#least) {
      const at = this.#before.cursor;
      this.#editing.key('backspace');
      this.#narrow(this.#editing.draft.cursor - at);
      return 'kept';
    }
    if (name === 'escape' || name === 'ctrl-g') {
      this.#editing.change(this.#before);
      return 'closed';
    }
    return name === 'return' && this.#chosen !== -1 ? 'closed' : 'passed';
  }

  #typed(text: string): 'kept' | 'passed' {
    const { start } = this.#completion;
    const draft = insert(this.#editing.draft, text);
    const typed = draft.text.slice(start, draft.cursor);
    // where nothing is left to choose, it is text as any other
    if (!this.#all.some((each) => each.text.length > typed.length && each.text.startsWith(typed))) return 'passed';
    this.#editing.type(text);
    this.#narrow(text.length);
    return 'kept';
  }

  /** Leaves those that begin as what stands there now; the text has become longer by so much. */
  #narrow(by: number): void {
    const { start, end, candidates } = this.#completion;
    const { text, cursor } = this.#editing.draft;
    const from = this.#chosen === -1 ? end : start + candidates[this.#chosen]!.text.length;
    const typed = text.slice(start, cursor);
    this.#before = this.#editing.draft;
    this.#chosen = -1;
    this.#completion = { start, end: from + by, candidates: this.#all.filter((each) => each.text.startsWith(typed)) };
  }

  #go(step: number): void {
    const { start, end, candidates } = this.#completion;
    const from = this.#chosen === -1 && step < 0 ? 0 : this.#chosen;
    const far = Math.abs(step) > 1;
    const next = far ? Math.max(0, Math.min(from + step, candidates.length - 1)) : from + step;
    this.#chosen = (next + candidates.length) % candidates.length;
    this.#editing.change(replace(this.#before, start, end, candidates[this.#chosen]!.text));
  }
}

const STEPS: Readonly<Record<string, number>> = {
  ...{ tab: 1, down: 1, 'ctrl-n': 1, 'shift-tab': -1, up: -1, 'ctrl-p': -1, pagedown: 8, pageup: -8 },
};
