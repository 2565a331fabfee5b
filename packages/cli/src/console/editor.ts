import { Browse } from './browse.js';
import { INDENT, insert, lineAt, lineNumber, vertical } from './draft.js';
import type { Edited, EditOptions } from './edit-options.js';
import { Editing } from './editing.js';
import type { Keyboard } from './keyboard.js';
import { type Frame, layout } from './layout.js';
import { completed, Help, Note, type Overlay, Search } from './overlays.js';
import type { Stroke } from './strokes.js';
import type { Surface } from './surface.js';

/** Milliseconds after which it is said that the kernel is asked. */
const PATIENCE_MS = 300;

/** Edits text in the area of a surface, until it is handed in or given up. */
export class Editor {
  readonly #keyboard: Keyboard;
  readonly #surface: Surface;
  readonly #colour: boolean;
  readonly #editing = new Editing();
  #options: EditOptions | null = null;
  #strokes: Stroke[] = [];
  #overlay: Overlay | null = null;
  #browse: Browse | null = null;
  /** What is being asked of the kernel for a key. */
  #asking: { stop: AbortController; byTyping: boolean } | null = null;
  #paging: Promise<void> | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #wake: () => void = () => {};

  constructor(keyboard: Keyboard, surface: Surface, colour: boolean) {
    this.#keyboard = keyboard;
    this.#surface = surface;
    this.#colour = colour;
  }

  /** One after the other, should several ask at once. @throws the signal's reason */
  edit(options: EditOptions): Promise<Edited> {
    const edited = this.#last.then(() => this.#edit(options));
    this.#last = edited.catch(() => {});
    return edited;
  }

  async #edit(options: EditOptions): Promise<Edited> {
    options.signal.throwIfAborted();
    this.#options = options;
    this.#editing.begin(options.initial ?? '');
    this.#overlay = null;
    this.#browse = null;
    const aborted = (): void => {
      this.#asking?.stop.abort(options.signal.reason);
      this.#wake();
    };
    options.signal.addEventListener('abort', aborted, { once: true });
    const stop = this.#keyboard.read((stroke) => {
      this.#strokes.push(stroke);
      const name = stroke.kind === 'key' ? stroke.name : null;
      // keys that may be meant for the menu to come wait for it, and what is typed after them as well
      const isNext = this.#strokes.length === 1 && (name === null || name === 'escape');
      const givesUp = name === 'ctrl-c' || (this.#asking?.byTyping && isNext);
      if (givesUp) this.#asking?.stop.abort();
      this.#wake();
    });
    try {
      for (;;) {
        while (this.#strokes.length === 0 && !options.signal.aborted) {
          this.#draw();
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        options.signal.throwIfAborted();
        const edited = await this.#take(this.#strokes.shift()!, options);
        if (edited !== null) return edited;
      }
    } finally {
      options.signal.removeEventListener('abort', aborted);
      stop();
      this.#keyboard.unread(this.#strokes.splice(0));
      this.#overlay = null;
      this.#surface.leave(this.#frame(options).rows);
      this.#options = null;
    }
  }

  /** What is shown has changed: a prompt, a language that is known now. */
  redraw(): void {
    this.#wake();
  }

  resized(): void {
    this.#surface.resized();
    this.#wake();
  }

  #draw(): void {
    const options = this.#options;
    if (options === null) return;
    const { rows, cursor } = this.#frame(options);
    const { columns, height } = this.#surface;
    const room = { columns, height: Math.max(2, Math.min(10, height - Math.min(rows.length, height / 2) - 1)) };
    const below = this.#overlay?.rows({ ...room, colour: this.#colour }) ?? [];
    this.#surface.show({ rows: [...rows, ...below], cursor });
  }

  #frame({ secret, prompt, continuation, highlight }: EditOptions): Frame {
    const { text, cursor } = secret ? { text: '', cursor: 0 } : this.#editing.draft;
    const spans = this.#colour ? (highlight?.()?.(text) ?? []) : [];
    return layout({
      ...{ text, cursor, spans, columns: this.#surface.columns },
      ...{ prompt: prompt(), continuation: continuation() },
    });
  }

  async #take(stroke: Stroke, options: EditOptions): Promise<Edited | null> {
    if (this.#overlay !== null) {
      const what = this.#overlay.key(stroke);
      if (what === 'kept') return null;
      this.#overlay = null;
      await this.#paging;
      this.#paging = null;
      if (what === 'closed') return null;
    }
    if (stroke.kind === 'key') return this.#editing.key(stroke.name) ? null : await this.#command(stroke.name, options);
    if (stroke.kind === 'text') this.#editing.type(stroke.text);
    else this.#editing.change(insert(this.#editing.draft, this.#oneLine(stroke.text, options)));
    return null;
  }

  /** An answer is one line; code is as many as it takes. */
  #oneLine(text: string, { enter }: EditOptions): string {
    return enter === undefined ? text.replace(/\n+$/, '').replaceAll('\n', ' ') : text;
  }

  async #command(name: string, options: EditOptions): Promise<Edited | null> {
    const { draft } = this.#editing;
    switch (name) {
      case 'return':
        return await this.#enter(options);
      case 'alt-return':
        return this.#handIn();
      // Ctrl-J, which some terminals send for Shift-Enter
      case 'enter':
      case 'ctrl-j':
      case 'ctrl-o':
        if (options.enter !== undefined) this.#editing.change(insert(draft, '\n'));
        return null;
      case 'ctrl-c':
        return { kind: 'interrupt' };
      case 'ctrl-d':
        if (draft.text === '') return { kind: 'end' };
        this.#editing.key('delete');
        return null;
      case 'ctrl-\\':
        return { kind: 'restart' };
      case 'hangup':
        return { kind: 'hangup' };
      case 'up':
      case 'ctrl-p':
        this.#vertical(-1, options);
        return null;
      case 'down':
      case 'ctrl-n':
        this.#vertical(1, options);
        return null;
      case 'tab':
        await this.#complete(options);
        return null;
      case 'shift-tab':
        await this.#inspect(options);
        return null;
      case 'ctrl-r':
        if (options.history !== undefined) this.#overlay = new Search(this.#editing, options.history);
        return null;
      case 'ctrl-l':
        this.#surface.clear();
        return null;
      case 'ctrl-z':
        if (process.platform !== 'win32') {
          this.#surface.hide();
          this.#keyboard.suspend(() => this.#wake());
        }
        return null;
      default:
        return null;
    }
  }

  async #enter({ enter, signal }: EditOptions): Promise<Edited | null> {
    const { draft } = this.#editing;
    if (enter === undefined) return this.#handIn();
    const { line, lines } = lineNumber(draft);
    const isLast = line === lines - 1 || draft.text.slice(draft.cursor).trim() === '';
    if (!isLast) {
      this.#editing.change(insert(draft, `\n${this.#indentOf()}`));
      return null;
    }
    const answer = await this.#ask(false, (stop) => enter(draft.text, stop));
    signal.throwIfAborted();
    if (answer === null) return null;
    if (answer.submit) return this.#handIn();
    this.#editing.change(insert(draft, `\n${answer.indent}`));
    return null;
  }

  /** Without the blank lines that ended it. */
  #handIn(): Edited {
    const text = this.#editing.draft.text.replace(/(?:\n[ \t]*)+$/, '');
    this.#editing.begin(text);
    return { kind: 'text', text };
  }

  /** The blanks that the line begins with, up to the cursor. */
  #indentOf(): string {
    const { text, cursor } = this.#editing.draft;
    return /^[ \t]*/.exec(text.slice(lineAt(text, cursor).start, cursor))![0];
  }

  #vertical(step: -1 | 1, { history }: EditOptions): void {
    const { draft } = this.#editing;
    const moved = vertical(draft, step);
    if (moved !== null) {
      this.#editing.change(moved);
      return;
    }
    if (history === undefined) return;
    if (this.#browse === null || !this.#browse.goesOn(draft)) this.#browse = new Browse(history, draft);
    const found = this.#browse.step(step);
    if (found !== null) this.#editing.change(found);
  }

  async #complete({ complete }: EditOptions): Promise<void> {
    const { text, cursor } = this.#editing.draft;
    const { start } = lineAt(text, cursor);
    if (complete === undefined) return;
    if (text.slice(start, cursor).trim() === '') {
      this.#editing.type(' '.repeat(INDENT - ((cursor - start) % INDENT)));
      return;
    }
    const completion = await this.#ask(true, (stop) => complete(text, cursor, stop));
    if (completion !== null) this.#overlay = completed(this.#editing, completion);
  }

  async #inspect({ inspect, page }: EditOptions): Promise<void> {
    if (inspect === undefined) return;
    const { text, cursor } = this.#editing.draft;
    const found = await this.#ask(true, async (stop) => ({ text: await inspect(text, cursor, stop) }));
    if (found === null) return;
    if (found.text === null) this.#overlay = new Note('nothing is known of it');
    else {
      this.#overlay = new Help(found.text, (all) => {
        this.#paging = page?.(all) ?? null;
      });
    }
  }

  /** Asks the kernel something. Null: it was given up, or failed, which a note says. */
  async #ask<T>(byTyping: boolean, ask: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    const stop = new AbortController();
    this.#asking = { stop, byTyping };
    // what has been typed since the key is shown before the wait
    this.#draw();
    const slow = setTimeout(() => {
      this.#overlay = new Note('asking the kernel …');
      this.#draw();
    }, PATIENCE_MS);
    try {
      const answer = await ask(stop.signal);
      this.#overlay = null;
      return answer;
    } catch (error) {
      this.#overlay = null;
      if (!stop.signal.aborted) this.#overlay = new Note((error as Error).message);
      return null;
    } finally {
      clearTimeout(slow);
      this.#asking = null;
    }
  }
}
