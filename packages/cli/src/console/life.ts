import { type Kernel, KernelkitError } from '@kernelkit/core';
import { reportError } from '../report.js';
import type { Session } from '../session.js';
import { ExitStatus } from '../status.js';
import type { Editor } from './editor.js';
import type { Keyboard } from './keyboard.js';
import type { Surface } from './surface.js';

export interface LifeOptions {
  keyboard: Keyboard;
  editor: Editor;
  surface: Surface;
  /** The kernel ends with the console. */
  isOurs: boolean;
  /** Somebody whom we can ask has started it. */
  canRestart: boolean;
  /** How the user calls it, where it goes on. */
  name: string;
  onRestarted: () => void;
}

/** The kernel ended while something was being entered. */
export class DeadWhileEntering extends KernelkitError {
  constructor() {
    super('kernel-died', 'the kernel ended');
  }
}

/** Code that ends the kernel of a language, and not only the console. */
const ENDING: Readonly<Record<string, RegExp>> = {
  python: /^\s*(?:exit|quit)\s*(?:\(\s*\))?[\s;]*$/,
  r: /^\s*(?:q|quit)\s*\([^()]*\)[\s;]*$/,
};

/** Failures after which a kernel that is alive is a new one. */
const OVERCOME = new Set(['kernel-died', 'kernel-restarted', 'kernel-removed']);

/** The end of the kernel, and of the console: what is told, what is asked, and what then happens. */
export class Life {
  readonly #session: Session;
  readonly #kernel: Kernel;
  readonly #options: LifeOptions;
  #restarting: Promise<unknown> | null = null;
  #isRestarting = false;

  constructor(session: Session, kernel: Kernel, options: LifeOptions) {
    this.#session = session;
    this.#kernel = kernel;
    this.#options = options;
  }

  /** Whether it is us who restart it now. */
  get restarts(): boolean {
    return this.#isRestarting;
  }

  /** Asks whether to restart it, and does; once at a time. */
  askRestart(): void {
    if (!this.#options.canRestart) {
      const line = 'Another program has started this kernel, and can restart it: the console cannot.\n';
      // what it fails with aborts the session
      this.#options.surface.print(line).catch(() => {});
      return;
    }
    this.#restarting ??= this.#restart('Restart the kernel? What it holds is lost.', false)
      // what it fails with ends what waits for the kernel
      .catch(() => {})
      .finally(() => {
        this.#restarting = null;
      });
  }

  /** There is no such question, and no restart, any more. */
  async restarted(): Promise<void> {
    await this.#restarting;
  }

  /** Nobody's kernel but ours is ended without a question. */
  async mayLeave(othersUseIt: boolean): Promise<boolean> {
    const { isOurs, name } = this.#options;
    if (isOurs) return !othersUseIt || (await this.#confirm('Others use this kernel. End it all the same?', false));
    this.#session.screen.note(`The kernel goes on: kernelkit console -k ${name} joins it again.`);
    return true;
  }

  /** Asks whether code is meant that ends a kernel that would go on, or that others use: whoever types `exit` wants to leave, mostly. */
  async mayRun(code: string, othersUseIt: boolean): Promise<boolean> {
    const { isOurs } = this.#options;
    const language = (this.#kernel.info.language_info?.name ?? '').toLowerCase();
    const ends = Object.hasOwn(ENDING, language) && ENDING[language]!.test(code);
    if (!ends || (isOurs && !othersUseIt)) return true;
    const who = isOurs ? 'This ends the kernel, which others use.' : 'This ends the kernel: Ctrl-D leaves it running.';
    return await this.#confirm(`${who} End it all the same?`, false);
  }

  /** @returns what the console ends with; null: it goes on. @throws what is no end of the kernel */
  async takeFailure(error: unknown): Promise<ExitStatus | null> {
    // the code has ended with the old kernel, and the new one is not there yet
    await this.#restarting;
    await this.#settled();
    if (this.#kernel.status !== 'dead') {
      if (!OVERCOME.has((error as { kind?: string }).kind ?? '')) throw error;
      return null;
    }
    await this.#options.surface.endLine();
    reportError(this.#session.screen, 'console', await this.#reasonOfDeath(error));
    if (!this.#options.canRestart) return ExitStatus.died;
    return (await this.#restart('Restart it?', true)) ? null : ExitStatus.died;
  }

  /** Whoever runs the kernel has started it again by now, or given it up. */
  async #settled(): Promise<void> {
    const { signal } = this.#session;
    while (this.#kernel.status === 'restarting') {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const done = (): void => {
          stop();
          signal.removeEventListener('abort', done);
          resolve();
        };
        const stop = this.#kernel.on('status', done);
        signal.addEventListener('abort', done, { once: true });
      });
    }
  }

  /** What anybody is told who asks something of it now. */
  async #reasonOfDeath(error: unknown): Promise<unknown> {
    return await this.#kernel.kernelInfo().then(
      () => error,
      (reason: unknown) => reason,
    );
  }

  /** @returns whether there is a kernel to go on with */
  async #restart(question: string, isDefault: boolean): Promise<boolean> {
    if (!(await this.#confirm(question, isDefault))) return false;
    this.#isRestarting = true;
    try {
      await this.#kernel.restart(this.#session.signal);
    } catch (error) {
      this.#session.signal.throwIfAborted();
      reportError(this.#session.screen, 'console', error);
      return false;
    } finally {
      this.#isRestarting = false;
    }
    this.#options.onRestarted();
    return true;
  }

  /** Asks for yes or no, until it is one of them. Ctrl-C and Ctrl-D are no. */
  async #confirm(question: string, isDefault: boolean): Promise<boolean> {
    const { keyboard, editor } = this.#options;
    keyboard.discard();
    for (;;) {
      const edited = await editor.edit({
        prompt: () => `${question} ${isDefault ? '[Y/n]' : '[y/N]'} `,
        continuation: () => '',
        signal: this.#session.signal,
      });
      if (edited.kind !== 'text') return false;
      const text = edited.text.trim();
      if (text === '') return isDefault;
      if (/^(y|yes|n|no)$/i.test(text)) return /^y/i.test(text);
    }
  }
}
