import { stripVTControlCharacters } from 'node:util';
import { type ExecuteResult, homeDirectory, type Kernel, type MimeBundle } from '@kernelkit/core';
import type { Display } from '../display.js';
import type { Session } from '../session.js';
import { ExitStatus } from '../status.js';
import { runCell } from './cell.js';
import type { Edited } from './edit-options.js';
import { Editor } from './editor.js';
import { type Highlighter, highlighter } from './highlight.js';
import { History } from './history.js';
import { HistoryFile, historyPath } from './history-file.js';
import { Keyboard } from './keyboard.js';
import { DeadWhileEntering, Life } from './life.js';
import { Others } from './others.js';
import { page } from './pager.js';
import { Prompts } from './prompts.js';
import { Questions } from './questions.js';
import { readableText } from './rich-text.js';
import { Surface } from './surface.js';

export interface ConsoleOptions {
  /** It ends with the console. */
  isOurs: boolean;
  /** Somebody whom we can ask has started it. */
  canRestart: boolean;
  /** How the user calls it, where it goes on. */
  name: string;
  display: Display;
}

/**
 * An interactive session with a kernel on this process's terminal, until it is left.
 * @throws what aborts the session
 */
export async function runConsole(session: Session, kernel: Kernel, options: ConsoleOptions): Promise<ExitStatus> {
  using keyboard = new Keyboard(process.stdin, process.stdout);
  const console = new Console(session, kernel, keyboard, options);
  return await console.run();
}

class Console {
  readonly #session: Session;
  readonly #kernel: Kernel;
  readonly #keyboard: Keyboard;
  readonly #life: Life;
  readonly #display: Display;
  readonly #surface: Surface;
  readonly #editor: Editor;
  readonly #prompts: Prompts;
  readonly #history = new History();
  /** Of the code's questions: of this session only. */
  readonly #answers = new History();
  readonly #file: HistoryFile;
  readonly #questions: Questions;
  #others: Others;
  #highlight: Highlighter | null = null;
  /** The number of the next input; null: not known yet. */
  #count: number | null;
  /** What the next input begins with. */
  #next = '';
  /** Ends what is being entered: the kernel has died. */
  #entering: AbortController | null = null;

  constructor(session: Session, kernel: Kernel, keyboard: Keyboard, options: ConsoleOptions) {
    const { screen } = session;
    this.#session = session;
    this.#kernel = kernel;
    this.#keyboard = keyboard;
    this.#display = options.display;
    this.#surface = new Surface(screen, process.stdout);
    this.#editor = new Editor(keyboard, this.#surface, screen.colour.out);
    this.#prompts = new Prompts(screen.colour.out);
    this.#questions = new Questions(kernel, () => this.#others.run);
    this.#others = new Others(kernel, this.#surface, this.#prompts, screen.colour.out, options.display);
    this.#others.highlight = () => this.#highlight;
    this.#others.onCount = (count) => {
      this.#count = count + 1;
      this.#editor.redraw();
    };
    this.#life = new Life(session, kernel, {
      ...{ keyboard, editor: this.#editor, surface: this.#surface, ...options },
      onRestarted: () => {
        this.#count = 1;
        this.#say('The kernel was restarted: what it held is lost.');
      },
    });
    this.#count = options.isOurs ? 1 : null;
    const path = historyPath(process.platform, process.env, homeDirectory(process.platform, process.env));
    this.#file = new HistoryFile(path, this.#language, (message) => this.#say(message));
  }

  async run(): Promise<ExitStatus> {
    const resized = (): void => this.#editor.resized();
    process.stdout.on('resize', resized);
    const stops = [
      this.#kernel.on('status', (status) => {
        if (status === 'dead') this.#entering?.abort(new DeadWhileEntering());
        if (status === 'restarting' && !this.#life.restarts) this.#say('The kernel is being restarted.');
      }),
      this.#kernel.on('revival', ({ kind }) => {
        if (kind !== 'restarted') return;
        this.#count = 1;
        this.#say('The kernel was started again: what it held is lost.');
      }),
    ];
    try {
      this.#history.addOlder(await this.#file.read());
      this.#beginInBackground();
      await this.#greet();
      return await this.#loop();
    } finally {
      for (const stop of stops) stop();
      this.#others[Symbol.dispose]();
      process.stdout.off('resize', resized);
      await this.#file.flush();
    }
  }

  get #language(): string {
    return (this.#kernel.info.language_info?.name ?? '').toLowerCase();
  }

  async #loop(): Promise<ExitStatus> {
    for (;;) {
      try {
        await this.#life.restarted();
        const entered = await this.#enter();
        if (entered.kind === 'hangup') return ExitStatus.ok;
        if (entered.kind === 'end' && (await this.#life.mayLeave(this.#others.seen))) return ExitStatus.ok;
        if (entered.kind === 'restart') this.#life.askRestart();
        if (entered.kind !== 'text' || entered.text.trim() === '') continue;
        if (this.#history.add(entered.text)) this.#file.add(entered.text);
        if (!(await this.#life.mayRun(entered.text, this.#others.seen))) continue;
        const result = await this.#run(entered.text);
        const leaves = await this.#takePayloads(result);
        await this.#surface.print('\n');
        if (leaves !== null && (leaves.endsKernel || (await this.#life.mayLeave(this.#others.seen))))
          return ExitStatus.ok;
      } catch (error) {
        this.#session.signal.throwIfAborted();
        const ended = await this.#life.takeFailure(error);
        if (ended !== null) return ended;
      }
    }
  }

  async #enter(): Promise<Edited> {
    const initial = this.#next;
    this.#next = '';
    const { enter, complete, inspect } = this.#questions;
    return await this.#whileAlive((signal) =>
      this.#editor.edit({
        prompt: () => this.#prompts.in(this.#count),
        continuation: () => this.#prompts.more(this.#count),
        highlight: () => this.#highlight,
        page: (text) => this.#page(text),
        ...{ initial, history: this.#history, enter, complete, inspect, signal },
      }),
    );
  }

  /** Does what waits for the keyboard, until the session ends or the kernel dies. @throws the reason of that */
  async #whileAlive<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#session;
    const stop = new AbortController();
    const forward = (): void => stop.abort(signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    this.#entering = stop;
    try {
      if (this.#kernel.status === 'dead') stop.abort(new DeadWhileEntering());
      return await work(stop.signal);
    } finally {
      this.#entering = null;
      signal.removeEventListener('abort', forward);
    }
  }

  async #run(code: string): Promise<ExecuteResult> {
    const before = this.#count;
    const result = await runCell(code, {
      ...{ kernel: this.#kernel, keyboard: this.#keyboard, surface: this.#surface, editor: this.#editor },
      ...{
        others: this.#others,
        answers: this.#answers,
        prompts: this.#prompts,
        colour: this.#session.screen.colour.out,
      },
      display: this.#display,
      signal: this.#session.signal,
      onRestart: () => this.#life.askRestart(),
    });
    // what others ran meanwhile may have a greater one
    const isNewest = this.#count === before || (this.#count ?? 0) <= (result.executionCount ?? 0);
    if (result.executionCount !== null && isNewest) this.#count = result.executionCount + 1;
    return result;
  }

  /** @returns whether the kernel asks to leave: null for no. IPython's `exit` ends the kernel, too, whoever else uses it */
  async #takePayloads({ reply }: ExecuteResult): Promise<{ endsKernel: boolean } | null> {
    const content = reply?.content as { payload?: readonly unknown[] } | undefined;
    let leaves: { endsKernel: boolean } | null = null;
    for (const each of content?.payload ?? []) {
      const payload = each as {
        source?: string;
        data?: MimeBundle;
        text?: unknown;
        filename?: unknown;
        keepkernel?: unknown;
      };
      const text = payload.source === 'page' ? await readableText(payload.data) : null;
      if (text !== null) await this.#page(text);
      if (payload.source === 'set_next_input' && typeof payload.text === 'string') this.#next = payload.text;
      if (payload.source === 'edit' || payload.source === 'edit_magic')
        this.#say(`The kernel asks for an editor, for ${String(payload.filename)}.`);
      if (payload.source === 'ask_exit') leaves = { endsKernel: payload.keepkernel !== true };
    }
    return leaves;
  }

  #page(text: string): Promise<void> {
    const { signal, screen } = this.#session;
    return page(text, { surface: this.#surface, keyboard: this.#keyboard, colour: screen.colour.out, signal });
  }

  async #greet(): Promise<void> {
    if (this.#session.screen.quiet) return;
    const banner = stripVTControlCharacters(this.#kernel.info.banner ?? '').trimEnd();
    const keys = 'Tab completes, Shift-Tab explains, Ctrl-R searches the history, Ctrl-D leaves.';
    await this.#surface.print(`${banner === '' ? '' : `${banner}\n`}${this.#prompts.dim(keys)}\n\n`);
  }

  /** What the first prompt does not wait for. */
  #beginInBackground(): void {
    const { signal, screen } = this.#session;
    void this.#questions.history(signal).then((entries) => this.#history.addOlder(entries));
    if (screen.colour.out) {
      void highlighter(this.#language).then((found) => {
        this.#highlight = found;
        this.#editor.redraw();
      });
    }
    if (this.#count !== null) return;
    // not with a signal: giving it up would interrupt what somebody else runs
    this.#kernel.execute('', { silent: true, storeHistory: false }).then(
      ({ executionCount }) => {
        this.#count ??= executionCount === null ? null : executionCount + 1;
        this.#editor.redraw();
      },
      () => {},
    );
  }

  /** A line above what is being entered. */
  #say(line: string): void {
    const gap = this.#surface.atLineStart ? '' : '\n';
    this.#surface.print(`${gap}${this.#prompts.dim(line)}\n`).catch(() => {});
  }
}
