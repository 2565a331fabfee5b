import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * What a search looked at, turned around: which directories would tell of a change, and which of their entries matter. A path that is not
 * there is told of by the nearest directory above it that is.
 */
export class Interests {
  /** Directories whose names were listed: anything new or gone matters. */
  readonly #listed = new Set<string>();
  /** Directory → entries of it that matter. */
  readonly #named = new Map<string, Set<string>>();

  path(path: string): void {
    const dir = dirname(path);
    let names = this.#named.get(dir);
    if (names === undefined) {
      names = new Set();
      this.#named.set(dir, names);
      // what is not there yet may come with any of the directories above it
      if (dir !== dirname(dir)) this.path(dir);
    }
    names.add(basename(path));
  }

  listing(dir: string): void {
    this.#listed.add(dir);
    this.path(dir);
  }

  /** The directories that are there now, with their inodes: what can be watched. */
  directories(): Map<string, number> {
    const there = new Map<string, number>();
    for (const dir of new Set([...this.#listed, ...this.#named.keys()])) {
      try {
        const info = statSync(dir, { throwIfNoEntry: false });
        if (info?.isDirectory()) there.set(dir, info.ino);
      } catch {
        // what may not be looked at cannot be watched
      }
    }
    return there;
  }

  /** Whether an event of `fs.watch` may change what was found. */
  isAffected(dir: string, type: string, name: string | null): boolean {
    if (name === null) return true;
    if (this.#named.get(dir)?.has(name)) return true;
    // a listing changes with what comes and goes, and not with what is written
    return type === 'rename' && this.#listed.has(dir);
  }
}
