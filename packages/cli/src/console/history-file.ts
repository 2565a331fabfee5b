import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, posix, win32 } from 'node:path';

/** Entries that are kept, of all languages together, and characters of one of them. */
export const MOST_ENTRIES = 5000;
export const MOST_CHARACTERS = 20_000;

/**
 * Where the console remembers what was entered: in the user's directory for state (XDG Base Directory Specification).
 * KERNELKIT_STATE_DIR names another.
 */
export function historyPath(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  const { join, isAbsolute } = platform === 'win32' ? win32 : posix;
  const named = env.KERNELKIT_STATE_DIR ?? '';
  const xdg = env.XDG_STATE_HOME ?? '';
  const directory = (): string => {
    if (named !== '') return named;
    if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'kernelkit');
    if (isAbsolute(xdg)) return join(xdg, 'kernelkit');
    if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'kernelkit');
    return join(home, '.local', 'state', 'kernelkit');
  };
  return join(directory(), 'console-history.jsonl');
}

interface Entry {
  language: string;
  code: string;
}

/**
 * The history between sessions: a line of JSON for each entry, that only its owner can read. Consoles that run at once add to it each; it is
 * made shorter when one of them begins. What cannot be read or written costs the history, and nothing else.
 */
export class HistoryFile {
  readonly #path: string;
  readonly #language: string;
  /** What goes wrong is told once. */
  readonly #onProblem: (message: string) => void;
  #isBroken = false;
  #last: Promise<void> = Promise.resolve();

  constructor(path: string, language: string, onProblem: (message: string) => void) {
    this.#path = path;
    this.#language = language;
    this.#onProblem = onProblem;
  }

  /** The language's entries, the newest last. */
  async read(): Promise<string[]> {
    try {
      const all = entriesOf(await readFile(this.#path, 'utf8'));
      if (all.length > MOST_ENTRIES * 1.2) await this.#shorten(all.slice(-MOST_ENTRIES));
      return all.filter(({ language }) => language === this.#language).map(({ code }) => code);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#tell(error as Error);
      return [];
    }
  }

  /** Does not fail; one after the other. */
  add(code: string): void {
    if (this.#isBroken || code.length > MOST_CHARACTERS) return;
    const line = `${JSON.stringify({ language: this.#language, code } satisfies Entry)}\n`;
    this.#last = this.#last
      .then(async () => {
        await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
        // one write that appends: consoles that run at once do not mix
        await appendFile(this.#path, line, { mode: 0o600 });
      })
      .catch((error: Error) => this.#tell(error));
  }

  /** Everything is written. */
  flush(): Promise<void> {
    return this.#last;
  }

  async #shorten(entries: readonly Entry[]): Promise<void> {
    const draft = `${this.#path}.${process.pid}`;
    try {
      await writeFile(draft, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { mode: 0o600 });
      await rename(draft, this.#path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  #tell({ message }: Error): void {
    if (!this.#isBroken) this.#onProblem(`the history is not kept: ${message}`);
    this.#isBroken = true;
  }
}

/** A line that is no entry (half of one, after a full disk) is passed over. */
function entriesOf(text: string): Entry[] {
  return text.split('\n').flatMap((line) => {
    try {
      const { language, code } = JSON.parse(line) as Partial<Entry>;
      return typeof language === 'string' && typeof code === 'string' ? [{ language, code }] : [];
    } catch {
      return [];
    }
  });
}
