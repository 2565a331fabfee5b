import type { Parsers } from '../environments/index.js';
import { FileFaultError, type Files } from '../files/index.js';
import { type ProcessVariables, pathFlavour, type VariableReader, variableReader } from '../specs/index.js';
import type { ActivationNote } from './types.js';

/** What the rules read, and what they have to say: every variable that is asked for is remembered, for the cache. */
export class Context {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly files: Files;
  readonly parsers: Parsers;
  /** The platform's way with paths. */
  readonly path: ReturnType<typeof pathFlavour>;
  /** The variables that were read, with what they were. */
  readonly inputs = new Map<string, string | undefined>();
  readonly notes: ActivationNote[] = [];
  readonly #read: VariableReader;

  constructor(given: {
    platform: NodeJS.Platform;
    home: string;
    files: Files;
    parsers: Parsers;
    env: ProcessVariables;
  }) {
    this.platform = given.platform;
    this.home = given.home;
    this.files = given.files;
    this.parsers = given.parsers;
    this.path = pathFlavour(given.platform);
    this.#read = variableReader(given.platform, given.env);
  }

  get isWindows(): boolean {
    return this.platform === 'win32';
  }

  read(name: string): string | undefined {
    const value = this.#read(name);
    this.inputs.set(name, value);
    return value;
  }

  note(kind: string, message: string, path: string | null = null): void {
    this.notes.push({ kind, message, path });
  }

  /** The value of `look`, or `instead` with a note where a file or directory cannot be read. */
  tolerant<T>(instead: T, look: () => T): T {
    try {
      return look();
    } catch (error) {
      if (!(error instanceof FileFaultError)) throw error;
      this.note('file-unreadable', error.message, error.path);
      return instead;
    }
  }

  /** The names in a directory, in the order of their code points; none where it is not there. */
  names(dir: string): string[] {
    return this.tolerant([], () => [...(this.files.names(dir) ?? [])].sort(byCodePoint));
  }
}

/** As Python and C++ sort; JavaScript compares UTF-16 units, which differs above U+FFFF. */
export function byCodePoint(a: string, b: string): number {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const SURROGATE = /[\uD800-\uDFFF]/;
