import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { IsolatedEnv } from '../../../testing/support/index.js';
import { alive, command } from './support.js';

const run = promisify(execFile);

export interface TerminalOptions {
  columns?: number;
  rows?: number;
}

/** Nothing of the user's, keys at once, and the screen stays when the program has ended. */
const CONFIG = `set -g default-terminal tmux-256color
set -g escape-time 10
set -g status off
set -g remain-on-exit on
set -g history-limit 5000
`;

/** Leaves the program's process id and its status in files: tmux 3.3 sometimes does not hear that a program has ended, and keeps a zombie. */
const RUN = `sh -c 'echo $$ > "$0.pid"; exec "$@"' "$@"; echo $? > "$1.status"`;

/** `kernelkit ARGS` in a terminal of its own (tmux: within `describeTool('tmux', …)`), with somebody who types. Disposing of it hangs up. */
export class TestTerminal implements AsyncDisposable {
  readonly #socket: string;
  readonly #env: Record<string, string>;
  #server = 0;

  private constructor(user: IsolatedEnv, at: number) {
    this.#socket = join(user.home, `tmux-${at}`);
    const { TMUX: _outer, ...env } = user.env as Record<string, string>;
    this.#env = { TERM: 'xterm-256color', LANG: 'C.UTF-8', PAGER: 'cat', ...env };
  }

  static #opened = 0;

  static async open(
    user: IsolatedEnv,
    args: readonly string[],
    { columns = 80, rows = 24 }: TerminalOptions = {},
  ): Promise<TestTerminal> {
    TestTerminal.#opened += 1;
    const terminal = new TestTerminal(user, TestTerminal.#opened);
    const config = await user.dir.write('home/tmux.conf', CONFIG);
    const size = ['-x', String(columns), '-y', String(rows)];
    const program = ['sh', '-c', RUN, 'sh', terminal.#socket, process.execPath, command, ...args];
    await terminal.#tmux(['-u', '-f', config, 'new-session', '-d', ...size, '-c', user.home, ...program]);
    terminal.#server = Number(await terminal.#tmux(['display-message', '-p', '#{pid}']));
    return terminal;
  }

  /** Keys by tmux's names for them: `Enter`, `C-c`, `BTab`, … */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux(['send-keys', ...keys]);
  }

  async type(text: string): Promise<void> {
    await this.#tmux(['send-keys', '-l', '--', text]);
  }

  /** A line, and Enter. */
  async enter(text: string): Promise<void> {
    await this.type(text);
    await this.press('Enter');
  }

  /** As a terminal pastes: marked, where the program asked for that. */
  async paste(text: string): Promise<void> {
    await this.#tmux(['set-buffer', '--', text]);
    await this.#tmux(['paste-buffer', '-p']);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux(['resize-window', '-x', String(columns), '-y', String(rows)]);
  }

  /** What is on the screen, and with `all` what has left it, too; without blanks at the ends. */
  async screen({ colours = false, all = false } = {}): Promise<string> {
    const more = [...(colours ? ['-e'] : []), ...(all ? ['-S', '-'] : [])];
    return (await this.#tmux(['capture-pane', '-p', ...more])).trimEnd();
  }

  /** Waits until the screen matches. @throws Error with what is on it */
  async until(pattern: RegExp, options: { colours?: boolean; all?: boolean; ms?: number } = {}): Promise<string> {
    const end = performance.now() + (options.ms ?? 20_000);
    for (;;) {
      const screen = await this.screen(options);
      if (pattern.test(screen)) return screen;
      if (performance.now() > end) throw new Error(`the screen never had ${pattern}:\n${screen}`);
      await delay(50);
    }
  }

  /** Waits until the program has ended. @returns its exit status */
  async ended(): Promise<number> {
    const end = performance.now() + 20_000;
    for (;;) {
      const status = await this.#left('status');
      if (status !== null) return status;
      if (performance.now() > end) throw new Error(`it did not end:\n${await this.screen()}`);
      await delay(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const program = await this.#left('pid');
    await this.#tmux(['kill-server']).catch(() => {});
    // it ends its kernel, and then itself
    const end = performance.now() + 20_000;
    const goesOn = (): boolean => [this.#server, program ?? 0].some((pid) => pid > 0 && alive(pid));
    while (goesOn() && performance.now() < end) await delay(20);
  }

  /** A number in one of the files of RUN; null: it is not there yet. */
  async #left(name: 'pid' | 'status'): Promise<number | null> {
    const text = await readFile(`${this.#socket}.${name}`, 'utf8').catch(() => '');
    return text.endsWith('\n') ? Number(text) : null;
  }

  async #tmux(args: readonly string[]): Promise<string> {
    return (await run('tmux', ['-S', this.#socket, ...args], { env: this.#env })).stdout.trimEnd();
  }
}
