import { execFileSync } from 'node:child_process';
import { chmodSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a layout is written to: a disk, or the memory of a test. Folders above a path come into being by themselves. */
export interface Target {
  readonly platform: NodeJS.Platform;
  file(path: string, data: string | Uint8Array, mode?: number): void;
  /** A link that says `to`, whether it leads anywhere or not. */
  link(path: string, to: string): void;
  dir(path: string): void;
  /** A named pipe: whoever opens it to read waits until somebody writes. */
  fifo(path: string): void;
}

/** Writes to this machine's disk. */
export class DiskTarget implements Target {
  readonly platform = process.platform;
  readonly #dirs = new Set<string>();
  readonly #made: string[] = [];

  file(path: string, data: string | Uint8Array, mode?: number): void {
    this.dir(dirname(path));
    writeFileSync(path, data);
    if (mode !== undefined) chmodSync(path, mode);
    this.#made.push(path);
  }

  link(path: string, to: string): void {
    this.dir(dirname(path));
    symlinkSync(to, path);
    this.#made.push(path);
  }

  dir(path: string): void {
    if (this.#dirs.has(path)) return;
    const first = mkdirSync(path, { recursive: true });
    // every folder that was made on the way is one to age
    for (let at = path; first !== undefined; at = dirname(at)) {
      this.#dirs.add(at);
      if (at === first) break;
    }
    this.#dirs.add(path);
  }

  fifo(path: string): void {
    this.dir(dirname(path));
    execFileSync('mkfifo', [path]);
  }

  /** Makes everything as old as if it had been made an hour ago: what changed just now is not cached. */
  age(minutes = 60): void {
    const then = new Date(Date.now() - minutes * 60_000);
    for (const path of this.#made) lutimesSync(path, then, then);
    for (const path of [...this.#dirs].sort().reverse()) lutimesSync(path, then, then);
  }
}
