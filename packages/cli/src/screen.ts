import type { Writable } from 'node:stream';
import { OutputError, ReaderGoneError } from './errors.js';
import { type Paint, painter, takesColour } from './paint.js';
import { shownText } from './secrets.js';

export interface ScreenOptions {
  quiet: boolean;
  verbose: boolean;
  /** False: --no-color. */
  colour: boolean;
}

/**
 * Where the command writes: what was asked for goes to standard output, everything else to standard error.
 * Writes that fail come out as errors of `write`, and of `onFailure` for whoever is busy elsewhere.
 */
export class Screen {
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Colour on standard output; on standard error. */
  readonly colour: { out: boolean; err: boolean };
  readonly paintOut: Paint;
  readonly paintErr: Paint;
  /** What is done is not for standard output: when its reader goes (`| head`), the work goes on without it. */
  readerMayGo = false;
  #unread = false;
  #failure: Error | null = null;
  #live = '';
  readonly #onFailure: (error: Error) => void;

  constructor(options: ScreenOptions, onFailure: (error: Error) => void) {
    this.quiet = options.quiet;
    this.verbose = options.verbose;
    this.colour = {
      out: takesColour(process.stdout.isTTY === true, options.colour, process.env),
      err: takesColour(process.stderr.isTTY === true, options.colour, process.env),
    };
    this.paintOut = painter(this.colour.out);
    this.paintErr = painter(this.colour.err);
    this.#onFailure = onFailure;
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' && this.readerMayGo) {
        this.#unread = true;
        return;
      }
      this.#failure ??= error.code === 'EPIPE' ? new ReaderGoneError() : new OutputError(null, error);
      this.#onFailure(this.#failure);
    });
    // Nobody is left to be told.
    process.stderr.on('error', () => {});
  }

  /** The columns of the terminal that standard output is; null when it is none. */
  get columns(): number | null {
    return process.stdout.isTTY === true ? (process.stdout.columns ?? 80) : null;
  }

  /** Writes to standard output; resolves when it may go on. @throws ReaderGoneError, OutputError */
  async write(text: string | Uint8Array): Promise<void> {
    if (this.#unread) return;
    if (this.#failure !== null) throw this.#failure;
    this.#hideLive();
    await written(process.stdout, text);
    if (this.#failure !== null) throw this.#failure;
    this.#showLive();
  }

  /** Writes a value as one line of JSON. */
  json(value: unknown, indent?: number): Promise<void> {
    return this.write(`${JSON.stringify(value, null, indent)}\n`);
  }

  /** What a program writes to its standard error: it is never held back. */
  async error(text: string): Promise<void> {
    this.#hideLive();
    await written(process.stderr, text);
    this.#showLive();
  }

  /** A problem. Never held back. */
  warn(line: string): void {
    void this.error(`${shownText(line)}\n`);
  }

  /** What the command does and has found out; --quiet holds it back. */
  note(line: string): void {
    if (!this.quiet) void this.error(`${shownText(line)}\n`);
  }

  /** Only with --verbose. */
  detail(line: string): void {
    if (this.verbose) void this.error(`${this.paintErr('dim', shownText(line))}\n`);
  }

  /** Whether a live line would be seen. */
  get hasLive(): boolean {
    return !this.quiet && process.stderr.isTTY === true && process.env.TERM !== 'dumb';
  }

  /** Sets the line that stays at the bottom of the terminal; empty: none. Not more than one row. */
  live(line: string): void {
    if (!this.hasLive) return;
    this.#hideLive();
    this.#live = shownText(line);
    this.#showLive();
  }

  /** Columns of the terminal that the live line is on. */
  get liveColumns(): number {
    // a terminal that has no size says 0
    return process.stderr.columns || 80;
  }

  /** Everything is out. */
  async flush(): Promise<void> {
    await Promise.all([drained(process.stdout), drained(process.stderr)]);
  }

  #hideLive(): void {
    if (this.#live !== '') process.stderr.write('\r\x1b[2K');
  }

  #showLive(): void {
    if (this.#live !== '') process.stderr.write(this.#live);
  }
}

/** Resolves when the stream has room again, or has failed (its 'error' listener tells how). */
function written(stream: Writable, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (stream.write(text, () => resolve())) resolve();
  });
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write('', () => resolve());
  });
}
