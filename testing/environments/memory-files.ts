import { posix, win32 } from 'node:path';
import {
  type EntryType,
  FileFaultError,
  type FileInfo,
  type Files,
  fingerprint,
  Recorder,
  type Trail,
} from '../../packages/core/src/files/index.js';
import type { Target } from './target.js';

interface Node {
  type: EntryType;
  ino: number;
  mode: number;
  data?: Uint8Array;
  to?: string;
  /** A directory's: folded name → as it was made. */
  entries?: Map<string, { name: string; node: Node }>;
}

const MAX_LINKS = 40;

/**
 * A file system in memory, of any platform: layouts of macOS and Windows are tested on Linux. Names are compared without
 * case but on Linux, as those systems do.
 */
export class MemoryFiles implements Files, Target {
  readonly platform: NodeJS.Platform;
  readonly #path: typeof posix;
  readonly #roots: Node;
  readonly #recorder = new Recorder();
  /** Every path that was looked at. */
  readonly touched = new Set<string>();
  #inodes = 1;

  constructor(platform: NodeJS.Platform) {
    this.platform = platform;
    this.#path = platform === 'win32' ? win32 : posix;
    this.#roots = this.#directory();
  }

  file(path: string, data: string | Uint8Array, mode = 0o644): void {
    this.#put(path, { type: 'file', ino: this.#inodes++, mode, data: Buffer.from(data as Uint8Array) });
  }

  link(path: string, to: string): void {
    this.#put(path, { type: 'link', ino: this.#inodes++, mode: 0o777, to });
  }

  fifo(path: string): void {
    this.#put(path, { type: 'other', ino: this.#inodes++, mode: 0o644 });
  }

  dir(path: string): void {
    this.#make(path);
  }

  stat(path: string): FileInfo | null {
    this.touched.add(path);
    const node = this.#find(path);
    const type: FileInfo['type'] = node?.type === 'file' || node?.type === 'directory' ? node.type : 'other';
    const info = node && { type, size: node.data?.length ?? 0, mtimeMs: 1e12, ino: node.ino, mode: node.mode, uid: 0 };
    this.#recorder.add(path, fingerprint(info));
    return info;
  }

  executable(file: string): boolean {
    const info = this.stat(file);
    return info?.type === 'file' && (this.platform === 'win32' || (info.mode & 0o111) !== 0);
  }

  names(dir: string): readonly string[] | null {
    const listing = this.list(dir);
    return listing && [...listing.keys()];
  }

  list(dir: string): ReadonlyMap<string, EntryType> | null {
    if (this.stat(dir) === null) return null;
    const { entries } = this.#find(dir)!;
    if (entries === undefined) throw new FileFaultError(dir, 'ENOTDIR');
    return new Map([...entries.values()].map(({ name, node }) => [name, node.type]));
  }

  bytes(file: string, limit = 4 * 1024 * 1024): Buffer | null {
    const info = this.stat(file);
    if (info === null) return null;
    if (info.type !== 'file') throw new FileFaultError(file, 'not-a-file');
    if (info.size > limit) throw new FileFaultError(file, 'too-large');
    return Buffer.from(this.#find(file)!.data!);
  }

  text(file: string, limit?: number): string | null {
    return (
      this.bytes(file, limit)
        ?.toString('utf8')
        .replace(/^\ufeff/, '') ?? null
    );
  }

  readLink(path: string): string | null {
    const parent = this.#find(this.#path.dirname(path));
    return parent?.entries?.get(this.#fold(this.#path.basename(path)))?.node.to ?? null;
  }

  real(path: string): string {
    try {
      return this.#walk(path, 0)?.real ?? path;
    } catch {
      return path;
    }
  }

  record<T>(work: () => T): { value: T; trail: Trail } {
    return this.#recorder.record(work);
  }

  note(trail: Trail): void {
    this.#recorder.note(trail);
  }

  #directory(): Node {
    return { type: 'directory', ino: this.#inodes++, mode: 0o755, entries: new Map() };
  }

  #fold(name: string): string {
    return this.platform === 'linux' ? name : name.toLowerCase();
  }

  #steps(path: string): string[] {
    const full = this.#path.normalize(path);
    const { root } = this.#path.parse(full);
    return [root, ...full.slice(root.length).split(this.#path.sep)].filter((step) => step !== '');
  }

  #make(path: string): Node {
    let at = this.#roots;
    let place = '';
    for (const name of this.#steps(path)) {
      const key = this.#fold(name);
      const link = at.entries!.get(key)?.node.to;
      const parent = place;
      place = place === '' ? name : this.#path.join(place, name);
      if (link !== undefined) {
        at = this.#make(this.#path.resolve(parent, link));
        continue;
      }
      const known = at.entries!.get(key)?.node;
      const next = known ?? this.#directory();
      if (next.entries === undefined) throw new Error(`${path}: ${name} is no directory`);
      if (known === undefined) at.entries!.set(key, { name, node: next });
      at = next;
    }
    return at;
  }

  #put(path: string, node: Node): void {
    const name = this.#path.basename(path);
    this.#make(this.#path.dirname(path)).entries!.set(this.#fold(name), { name, node });
  }

  #find(path: string): Node | null {
    return this.#walk(path, 0)?.node ?? null;
  }

  /** @throws FileFaultError for a loop of links */
  #walk(path: string, links: number): { node: Node; real: string } | null {
    let at: { node: Node; real: string } = { node: this.#roots, real: '' };
    for (const [index, step] of this.#steps(path).entries()) {
      const found = at.node.entries?.get(this.#fold(step));
      if (found === undefined) return null;
      const real = index === 0 ? found.name : this.#path.join(at.real, found.name);
      if (found.node.to === undefined) at = { node: found.node, real };
      else {
        if (links >= MAX_LINKS) throw new FileFaultError(path, 'ELOOP');
        const next = this.#walk(this.#path.resolve(at.real, found.node.to), links + 1);
        if (next === null) return null;
        at = next;
      }
    }
    return at;
  }
}
