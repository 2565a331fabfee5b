import type { OutputEvent } from '@kernelkit/core';
import { type Display, tracebackText } from '../display.js';
import { richText } from './rich-text.js';
import type { Surface } from './surface.js';

/** Text with which a display's last lines are known to be the last still. */
interface Shown {
  id: string;
  row: number;
  end: number;
}

type RichOutput = Parameters<Display['text']>[0];

/** How rich outputs are shown, and the cell that they are of, for the names of files. */
interface Rich {
  display: Display;
  place: () => string;
}

/** The outputs of one cell on a surface, as they come: what is cleared goes, what is updated changes where it is the last. */
export class CellOutputs {
  readonly #surface: Surface;
  readonly #colour: boolean;
  readonly #rich: Rich;
  readonly #label: (count: number | null) => string;
  #begin: number;
  /** clear_output(wait=True): goes with the next output. */
  #clears = false;
  #display: Shown | null = null;
  /** Images that are not part of the text have been drawn (kitty's protocol). */
  #isPictured = false;

  /** @param label what stands before a result */
  constructor(surface: Surface, colour: boolean, rich: Rich, label: (count: number | null) => string) {
    this.#surface = surface;
    this.#colour = colour;
    this.#rich = rich;
    this.#label = label;
    this.#begin = surface.row;
  }

  async take(output: OutputEvent): Promise<void> {
    if (output.output_type === 'clear_output') {
      if (output.wait) this.#clears = true;
      else this.#clear();
      return;
    }
    if (this.#clears) this.#clear();
    switch (output.output_type) {
      case 'stream':
        return this.#surface.print(output.text);
      case 'error':
        await this.#surface.endLine();
        return this.#surface.print(tracebackText(output, this.#colour));
      case 'execute_result': {
        await this.#surface.endLine();
        const text = await this.#text(output);
        const isShort = text.trimEnd().split('\n').length === 1;
        return this.#surface.print(`${this.#label(output.execution_count)}${isShort ? '' : '\n'}${text}`);
      }
      case 'display_data':
        return this.#show(output, output.transient?.display_id);
      case 'update_display_data':
        return this.#update(output, output.transient.display_id);
    }
  }

  async #show(output: RichOutput, id: string | undefined): Promise<void> {
    const text = await this.#text(output);
    await this.#surface.endLine();
    const { row } = this.#surface;
    await this.#surface.print(text);
    this.#display = id === undefined ? null : { id, row, end: this.#surface.row };
  }

  /** In its place where nothing came after it; else it is told again. */
  async #update(output: RichOutput, id: string | undefined): Promise<void> {
    const last = this.#display;
    if (last !== null && last.id === id && this.#surface.row === last.end && this.#surface.atLineStart)
      this.#surface.eraseFrom(last.row, { images: this.#isPictured });
    await this.#show(output, id);
  }

  #clear(): void {
    this.#clears = false;
    this.#display = null;
    this.#surface.eraseFrom(this.#begin, { images: this.#isPictured });
    this.#isPictured = false;
    this.#begin = this.#surface.row;
  }

  async #text(output: RichOutput): Promise<string> {
    const text = await richText(this.#rich.display, output, this.#rich.place());
    this.#isPictured ||= text.includes('\x1b_G');
    return text;
  }
}
