import * as drafts from './draft.js';
import { type Draft, EMPTY, lineAt } from './draft.js';

/** Changes that can be taken back. */
const MOST_UNDONE = 500;

/** Where a key moves the cursor to. */
const moves: Readonly<Record<string, (draft: Draft) => number>> = {
  left: drafts.before,
  'ctrl-b': drafts.before,
  right: drafts.after,
  'ctrl-f': drafts.after,
  home: ({ text, cursor }) => lineAt(text, cursor).start,
  'ctrl-a': ({ text, cursor }) => lineAt(text, cursor).start,
  end: ({ text, cursor }) => lineAt(text, cursor).end,
  'ctrl-e': ({ text, cursor }) => lineAt(text, cursor).end,
  'ctrl-left': drafts.wordBefore,
  'alt-left': drafts.wordBefore,
  'alt-b': drafts.wordBefore,
  'ctrl-right': drafts.wordAfter,
  'alt-right': drafts.wordAfter,
  'alt-f': drafts.wordAfter,
  'ctrl-home': () => 0,
  'alt-<': () => 0,
  'ctrl-end': ({ text }) => text.length,
  'alt->': ({ text }) => text.length,
};

/** What a key takes away, up to where; Ctrl-Y brings the last of it back. */
const kills: Readonly<Record<string, (draft: Draft) => number>> = {
  'ctrl-k': ({ text, cursor }) => {
    const { end } = lineAt(text, cursor);
    return end === cursor ? Math.min(text.length, cursor + 1) : end;
  },
  'ctrl-u': ({ text, cursor }) => lineAt(text, cursor).start,
  'ctrl-w': ({ text, cursor }) => cursor - (/\S*\s*$/.exec(text.slice(0, cursor))?.[0].length ?? 0),
  'alt-backspace': drafts.wordBefore,
  'ctrl-backspace': drafts.wordBefore,
  'alt-d': drafts.wordAfter,
  'ctrl-delete': drafts.wordAfter,
};

/** A draft that keys change: moving, killing and undoing as in readline. */
export class Editing {
  #draft: Draft = EMPTY;
  #undone: Draft[] = [];
  #killed = '';
  /** Text that is typed on is one change. */
  #isTyping = false;

  get draft(): Draft {
    return this.#draft;
  }

  begin(text: string): void {
    this.#draft = { text, cursor: text.length };
    this.#undone = [];
    this.#isTyping = false;
  }

  /** Replaces the draft as one change. */
  change(draft: Draft): void {
    this.#isTyping = false;
    this.#set(draft);
  }

  type(text: string): void {
    const goesOn = this.#isTyping && text.trim() !== '';
    const changed = drafts.typed(this.#draft, text);
    if (goesOn) this.#draft = changed;
    else this.#set(changed);
    this.#isTyping = true;
  }

  /** @returns whether the key is one of editing */
  key(name: string): boolean {
    const draft = this.#draft;
    const move = moves[name];
    if (move !== undefined) this.change(drafts.to(draft, move(draft)));
    else if (kills[name] !== undefined) {
      const { draft: left, taken } = drafts.cut(draft, kills[name](draft));
      if (taken !== '') this.#killed = taken;
      this.change(left);
    } else if (name === 'backspace' || name === 'ctrl-h') this.change(drafts.backspace(draft));
    else if (name === 'delete') this.change(drafts.cut(draft, drafts.after(draft)).draft);
    else if (name === 'ctrl-y') this.change(drafts.insert(draft, this.#killed));
    else if (name === 'ctrl-_') this.#undo();
    else return false;
    return true;
  }

  #set(draft: Draft): void {
    if (draft.text !== this.#draft.text) {
      this.#undone.push(this.#draft);
      if (this.#undone.length > MOST_UNDONE) this.#undone.shift();
    }
    this.#draft = draft;
  }

  #undo(): void {
    this.#isTyping = false;
    this.#draft = this.#undone.pop() ?? this.#draft;
  }
}
