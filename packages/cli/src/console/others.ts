import type { Kernel, OutputEvent } from '@kernelkit/core';
import { type Display, tracebackText } from '../display.js';
import type { Highlighter } from './highlight.js';
import { layout } from './layout.js';
import type { Prompts } from './prompts.js';
import { richText } from './rich-text.js';
import type { Surface } from './surface.js';

/** What the kernel does for its other clients, and what our own code prints when it is done: shown above what is being entered. */
export class Others implements Disposable {
  /** Whether somebody else has been seen to run code. */
  seen = false;
  /** Called with the number of each input of somebody else's. */
  onCount: (count: number) => void = () => {};
  /** What colours their code. */
  highlight: () => Highlighter | null = () => null;
  readonly #surface: Surface;
  readonly #prompts: Prompts;
  readonly #colour: boolean;
  readonly #display: Display;
  /** What is not out yet: a rich output takes its time, and the next one waits for it. */
  #last: Promise<void> = Promise.resolve();
  readonly #own = new Set<string>();
  /** Whose code runs, by its request; `unknown`: what ran when the kernel was joined. */
  #runs: string | null = null;
  readonly #stops: (() => void)[];

  constructor(kernel: Kernel, surface: Surface, prompts: Prompts, colour: boolean, display: Display) {
    this.#surface = surface;
    this.#prompts = prompts;
    this.#colour = colour;
    this.#display = display;
    if (kernel.status === 'busy') this.#runs = 'unknown';
    this.#stops = [
      kernel.on('iopub', ({ header, parent_header, content }) => {
        const id = parent_header.msg_id;
        const isIdle =
          header.msg_type === 'status' && (content as { execution_state?: string }).execution_state === 'idle';
        if (isIdle && (this.#runs === 'unknown' || this.#runs === id)) this.#runs = null;
        if (header.msg_type !== 'execute_input' || this.#isOwn(id)) return;
        this.#runs = id ?? null;
        this.#then(() => this.#input(content as { code?: unknown; execution_count?: unknown }));
      }),
      kernel.on('lateOutput', ({ parent, output }) => this.#then(() => this.#output(output, this.#isOwn(parent)))),
    ];
  }

  /** Whether somebody else's code runs. */
  get run(): boolean {
    return this.#runs !== null;
  }

  /** An execution of ours. */
  add(id: string): void {
    this.#own.add(id);
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }

  /** What belongs to nothing is nobody else's either. */
  #isOwn(id: string | null | undefined): boolean {
    return id === null || id === undefined || this.#own.has(id);
  }

  #input({ code, execution_count }: { code?: unknown; execution_count?: unknown }): void {
    this.seen = true;
    const count = typeof execution_count === 'number' ? execution_count : null;
    if (count !== null) this.onCount(count);
    const text = String(code ?? '');
    // as one's own code is drawn: with its colours, and no control character of it obeyed
    const { rows } = layout({
      ...{ text, cursor: 0, spans: this.highlight()?.(text) ?? [], columns: Number.MAX_SAFE_INTEGER },
      ...{ prompt: this.#prompts.in(count), continuation: this.#prompts.more(count) },
    });
    this.#print(`${rows.join('\n')}\n`, false, true);
  }

  #then(work: () => void | Promise<void>): void {
    // what it fails with aborts the session
    this.#last = this.#last.then(work).catch(() => {});
  }

  async #output(output: OutputEvent, isOwn: boolean): Promise<void> {
    if (output.output_type === 'clear_output') return;
    if (output.output_type === 'stream') {
      this.#print(output.text, isOwn, false);
      return;
    }
    if (output.output_type === 'error') {
      this.#print(tracebackText(output, this.#colour), isOwn, true);
      return;
    }
    const lead = output.output_type === 'execute_result' ? this.#prompts.out(output.execution_count) : '';
    // an image has no lines that could be marked
    this.#print(lead + (await richText(this.#display, output, 'others', { images: false })), isOwn, true);
  }

  #print(text: string, isOwn: boolean, fromStart: boolean): void {
    const begins = fromStart && !this.#surface.atLineStart ? '\n' : '';
    const body = isOwn ? text : this.#marked(text, begins !== '' || this.#surface.atLineStart);
    // what it fails with aborts the session
    this.#surface.print(begins + body).catch(() => {});
  }

  /** Each line with a mark before it, also one that is drawn anew (`\r`). */
  #marked(text: string, atStart: boolean): string {
    const mark = this.#prompts.remote;
    return (atStart ? mark : '') + text.replace(/(\r?\n|\r(?!\n))(?!$)/g, `$1${mark}`);
  }
}
