import { widthOf } from '../width.js';

/** What stands before code, as in jupyter_console; null: the count is not known. */
export class Prompts {
  readonly #colour: boolean;

  constructor(colour: boolean) {
    this.#colour = colour;
  }

  in(count: number | null): string {
    return this.#painted('32', `In [${count ?? ' '}]: `);
  }

  /** For the lines after the first, as wide. */
  more(count: number | null): string {
    const width = widthOf(`In [${count ?? ' '}]: `);
    return this.#painted('32', `${' '.repeat(Math.max(0, width - 5))}...: `);
  }

  out(count: number | null): string {
    return this.#painted('31', `Out[${count ?? ' '}]: `);
  }

  /** In front of what other clients of the kernel do. */
  get remote(): string {
    return this.#painted('2', '│ ');
  }

  dim(text: string): string {
    return this.#painted('2', text);
  }

  problem(text: string): string {
    return this.#painted('31', text);
  }

  #painted(code: string, text: string): string {
    return this.#colour ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}
