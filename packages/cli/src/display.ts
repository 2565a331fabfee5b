import type { MimeBundle } from '@kernelkit/core';
import { painter } from './paint.js';
import { printable } from './report.js';
import { choose, hasText } from './rich/choose.js';
import type { Canvas } from './rich/encode.js';
import { fold, keep } from './rich/fold.js';
import { isImage, textOf } from './rich/mime.js';
import type { ImageSaver } from './rich/save.js';

export interface DisplayOptions {
  colour: boolean;
  /** Of the terminal that is written to, as it is now; null: it is none. */
  columns: () => number | null;
  prefer: string | null;
  /** Nothing is folded. */
  full: boolean;
  /** What images are drawn on, found out when the first one comes; null: they cannot be. */
  canvas: () => Promise<Canvas | null>;
  /** Where images are written to; null: nowhere. */
  saver: ImageSaver | null;
  signal?: AbortSignal;
}

/** How rich outputs are shown: the same for `exec`, `console` and `run --show`. */
export class Display {
  readonly #options: DisplayOptions;

  constructor(options: DisplayOptions) {
    this.#options = options;
  }

  /** Finds out what images are drawn on, before somebody else reads from the terminal. */
  async prepare(): Promise<void> {
    await this.#options.canvas();
  }

  /**
   * What is shown of an output, as text that ends its line: an image where the terminal takes it, else the best text there is, else which
   * types there are.
   * @param output its metadata may ask for an image's size
   * @param place the cell that it is of, for the names of files; empty: there is but one
   * @param images false: it goes where no image can be, among marked lines
   * @throws OutputError where an image cannot be saved
   */
  async text(
    { data, metadata }: { data: MimeBundle; metadata?: unknown },
    place = '',
    { images = true }: { images?: boolean } = {},
  ): Promise<string> {
    const { colour, prefer, full, saver, signal } = this.#options;
    const columns = this.#options.columns();
    const pictured = Object.keys(data).some(isImage);
    const saved = (await saver?.save(data, place)) ?? new Map<string, string>();
    // by far the most common, and what is first seen of a kernel should not wait for the rest to be read
    if (!pictured && saved.size === 0 && hasText(data) && choose(data, null, prefer)[0] === 'text/plain')
      return await this.#folded(ended(printable(textOf(data['text/plain']), colour)));
    const { render } = await import('./rich/render.js');
    const canvas = pictured && images ? await this.#options.canvas() : null;
    const target = { colour, columns, prefer, full, canvas, saved, ...(signal !== undefined && { signal }) };
    const { text, whole, isImage: isPicture } = await render(data, metadata, target);
    if (whole !== null) return await this.#told(text, 'folded', whole);
    return isPicture ? text : await this.#folded(text);
  }

  /** On a terminal, the beginning of what is long. */
  async #folded(text: string): Promise<string> {
    if (this.#options.full || this.#options.columns() === null) return text;
    const found = fold(text);
    return found === null ? text : await this.#told(found.shown, found.rest, text);
  }

  /** With a way to what is not shown; where there is none but to run it again, all of it is shown. */
  async #told(shown: string, rest: string, whole: string): Promise<string> {
    const path = await keep(whole);
    if (path === null) return ended(whole);
    const { colour } = this.#options;
    const reset = colour ? '\x1b[0m' : '';
    return `${shown.replace(/\n$/, '')}${reset}\n${painter(colour)('dim', `… ${rest}: all of it is in ${path}; --full shows all`)}\n`;
  }
}

/** A traceback as text; kernels that give none give at least a name and a value. */
export function tracebackText(
  error: { ename: string; evalue: string; traceback: readonly string[] },
  colour: boolean,
): string {
  const lines =
    error.traceback.length > 0
      ? error.traceback
      : [error.evalue === '' ? error.ename : `${error.ename}: ${error.evalue}`];
  return ended(printable(lines.join('\n'), colour));
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
