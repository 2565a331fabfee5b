import { emitKeypressEvents, type Interface, type Key } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { type Stroke, StrokeReader } from './strokes.js';

/** Pastes come marked as such (bracketed paste), so that what is pasted is not run line by line. */
const PASTE_ON = '\x1b[?2004h';
const PASTE_OFF = '\x1b[?2004l';
/** Strokes that are kept while nobody reads: somebody leans on a key. */
const MOST_AHEAD = 10_000;

/** Milliseconds after which an Escape is one, and not the beginning of a key's sequence: Node's 500 make Alt-keys of what is typed after it. */
const ESCAPE_MS = 50;

/** Keys that mean something while code runs. */
export type Urgent = 'ctrl-c' | 'ctrl-\\';

/**
 * The terminal's keyboard, in raw mode from its making to its disposal. What is typed while nobody reads is kept for the next reader,
 * as a terminal does, but for the urgent keys.
 */
export class Keyboard implements Disposable {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #strokes = new StrokeReader();
  #ahead: Stroke[] = [];
  #reader: ((stroke: Stroke) => void) | null = null;
  #onUrgent: ((key: Urgent) => void) | null = null;

  constructor(input: ReadStream, output: WriteStream) {
    this.#input = input;
    this.#output = output;
    emitKeypressEvents(input, { escapeCodeTimeout: ESCAPE_MS } as unknown as Interface);
    input.on('keypress', this.#key);
    input.on('end', this.#end);
    input.on('error', this.#end);
    process.on('exit', this.#leave);
    this.resume();
  }

  /** Gives strokes to a reader, first those that were typed ahead. @returns what ends that */
  read(reader: (stroke: Stroke) => void): () => void {
    this.#reader = reader;
    while (this.#reader === reader && this.#ahead.length > 0) reader(this.#ahead.shift()!);
    return () => {
      if (this.#reader === reader) this.#reader = null;
    };
  }

  /** Gives urgent keys to a listener while nobody reads, also one that came just before. @returns what ends that */
  listen(onUrgent: (key: Urgent) => void): () => void {
    this.#onUrgent = onUrgent;
    const at = this.#ahead.findLastIndex(isUrgent);
    const [urgent] = at === -1 ? [] : this.#ahead.splice(0, at + 1).slice(-1);
    if (urgent !== undefined && isUrgent(urgent)) onUrgent(urgent.name);
    return () => {
      this.#onUrgent = null;
    };
  }

  /** Puts strokes back that a reader got and had no use for any more. */
  unread(strokes: readonly Stroke[]): void {
    this.#ahead = [...strokes, ...this.#ahead];
  }

  /** Forgets what was typed ahead: it was not meant for what comes now. */
  discard(): void {
    this.#ahead = [];
  }

  /** Lets another program have the terminal. */
  pause(): void {
    this.#leave();
    this.#input.setRawMode(false);
    this.#input.pause();
  }

  resume(): void {
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#output.write(PASTE_ON);
  }

  /** Ctrl-Z: stops until the shell lets it go on. */
  suspend(then: () => void): void {
    process.once('SIGCONT', () => {
      this.resume();
      then();
    });
    this.pause();
    process.kill(process.pid, 'SIGTSTP');
  }

  [Symbol.dispose](): void {
    this.#input.off('keypress', this.#key);
    this.#input.off('end', this.#end);
    this.#input.off('error', this.#end);
    process.off('exit', this.#leave);
    this.pause();
  }

  readonly #leave = (): void => void this.#output.write(PASTE_OFF);

  readonly #key = (character: string | undefined, key: Key): void => {
    const stroke = this.#strokes.take(character, key);
    if (stroke !== null) this.#take(stroke);
  };

  /** The terminal has gone. */
  readonly #end = (): void => this.#take({ kind: 'key', name: 'hangup' });

  #take(stroke: Stroke): void {
    if (this.#reader !== null) {
      this.#reader(stroke);
      return;
    }
    if (this.#onUrgent !== null && isUrgent(stroke)) {
      // as a terminal does: what was typed ahead was meant for what is given up
      this.#ahead = [];
      this.#onUrgent(stroke.name);
      return;
    }
    if (this.#ahead.length < MOST_AHEAD) this.#ahead.push(stroke);
  }
}

function isUrgent(stroke: Stroke): stroke is { kind: 'key'; name: Urgent } {
  return stroke.kind === 'key' && (stroke.name === 'ctrl-c' || stroke.name === 'ctrl-\\');
}
