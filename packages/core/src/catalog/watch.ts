import { type FSWatcher, watch as watchDirectory } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { EnvironmentCache } from '../environments/index.js';
import { AbortedError } from '../errors/index.js';
import { NodeFiles } from '../files/index.js';
import { type CatalogEvent, type CatalogOptions, changes, contextOf, discover } from './discover.js';
import { Interests } from './interests.js';
import type { Catalog, CatalogEntry } from './types.js';

/** What `catalog` takes, and how the machine is watched. */
export interface WatchOptions extends Omit<CatalogOptions, 'files'> {
  /** How long it may be quiet before a change is looked at, in milliseconds. Default: 80. */
  settle?: number;
  /** How often is looked where the system does not tell of changes, in milliseconds. Default: 2000. */
  poll?: number;
  /** Forces polling, for directories whose system tells of nothing (some network mounts). Default: 'events', as long as it can. */
  by?: 'events' | 'polling';
}

/** What a watch tells beside the changes. */
export type WatchEvent =
  | CatalogEvent
  /** Everything that is there has been told; from now on only changes are. */
  | { type: 'ready'; catalog: Catalog }
  /** The system's limit of watched directories was met, or its watching failed: from now on it is looked now and then. */
  | { type: 'polling'; reason: string; ms: number };

/** However busy the disk is, a change is looked at after so many milliseconds. */
const PATIENCE_MS = 400;

/**
 * The list as a live thing: first every kernel as it is found, then what is added, removed and changed, until the signal fires or
 * the caller stops listening. Only directories that the list stands on are watched, including those that are not there
 * yet; while nothing changes in them nothing is done.
 *
 * @throws AbortedError when the signal fires
 */
export async function* watchCatalog(options: WatchOptions = {}): AsyncGenerator<WatchEvent, void> {
  using watcher = new Watcher(options);
  yield* watcher.run();
}

class Watcher implements Disposable {
  readonly #options: WatchOptions;
  readonly #cache: EnvironmentCache;
  readonly #watched = new Map<string, { watcher: FSWatcher; ino: number }>();
  #interests = new Interests();
  #by: 'events' | 'polling';
  #reason = 'polling was asked for';
  #dirty = false;
  #wake: () => void = () => {};
  readonly #stopped = new AbortController();

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#by = options.by ?? 'events';
    // kept for as long as it is watched: an unchanged environment costs a few looks
    this.#cache = contextOf(options).cache ?? new EnvironmentCache(null);
  }

  async *run(): AsyncGenerator<WatchEvent, void> {
    const { signal } = this.#options;
    const told = new Map<string, CatalogEntry>();
    const stop = () => this.#stopped.abort();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    try {
      const first = discover(this.#search());
      let step = await first.next();
      for (; !step.done; step = await first.next()) {
        told.set(step.value.entry.id, step.value.entry);
        yield step.value;
      }
      yield { type: 'ready', catalog: step.value };
      this.#watch();
      if (this.#by === 'polling') yield this.#pollingEvent();
      for (;;) {
        const before = this.#by;
        await this.#change();
        const { kernels } = await this.#everything();
        this.#watch();
        if (this.#by !== before) yield this.#pollingEvent();
        for (const event of changes(told, kernels)) {
          if (event.type === 'removed') told.delete(event.entry.id);
          else told.set(event.entry.id, event.entry);
          yield event;
        }
      }
    } catch (error) {
      throw signal?.aborted ? new AbortedError('Watching for kernels', signal.reason) : error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  [Symbol.dispose](): void {
    this.#stopped.abort();
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  /** Options for one search, whose look-ups are noted. */
  #search(): CatalogOptions {
    this.#interests = new Interests();
    const { platform = process.platform } = this.#options;
    return { ...this.#options, cache: this.#cache, files: new NodeFiles({ platform, observe: this.#interests }) };
  }

  async #everything(): Promise<Catalog> {
    this.#dirty = false;
    const search = discover(this.#search());
    for (;;) {
      const step = await search.next();
      if (step.done) return step.value;
    }
  }

  /** Resolves when something has changed and it has become quiet, or it is time to look. @throws the signal's reason, as AbortError */
  async #change(): Promise<void> {
    const { settle = 80, poll = 2000 } = this.#options;
    const { signal } = this.#stopped;
    if (this.#by === 'polling') {
      await delay(poll, undefined, { signal });
      return;
    }
    await this.#whenDirty();
    const began = performance.now();
    do {
      this.#dirty = false;
      await delay(settle, undefined, { signal });
    } while (this.#dirty && performance.now() - began < PATIENCE_MS);
  }

  #whenDirty(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { signal } = this.#stopped;
      const end = () => reject(signal.reason as Error);
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      this.#wake = () => {
        signal.removeEventListener('abort', end);
        resolve();
      };
      if (this.#dirty) this.#wake();
    });
  }

  /** Watches what the last search looked at, and nothing else. */
  #watch(): void {
    if (this.#by === 'polling') return;
    const wanted = this.#interests.directories();
    for (const [dir, { watcher, ino }] of this.#watched) {
      // deleted and made again: the old one's watcher hears nothing of it
      if (wanted.get(dir) === ino) continue;
      watcher.close();
      this.#watched.delete(dir);
    }
    for (const [dir, ino] of wanted) {
      if (this.#watched.has(dir)) continue;
      try {
        const watcher = watchDirectory(dir, { persistent: true }, (type, name) => this.#heard(dir, type, name));
        watcher.on('error', (error: NodeJS.ErrnoException) => this.#failed(error, dir));
        this.#watched.set(dir, { watcher, ino });
        // it may have changed between the look at it and now: one more look settles that
        this.#dirty = true;
      } catch (error) {
        this.#failed(error as NodeJS.ErrnoException, dir);
        if (this.#by !== 'events') return;
      }
    }
  }

  #heard(dir: string, type: string, name: string | null): void {
    if (!this.#interests.isAffected(dir, type, name)) return;
    this.#dirty = true;
    this.#wake();
  }

  #failed(error: NodeJS.ErrnoException, dir: string): void {
    // it went in the meantime, which its parent tells
    if (error.code === 'ENOENT' || error.code === 'EPERM' || error.code === 'EACCES') return;
    const limit = error.code === 'ENOSPC' || error.code === 'EMFILE';
    this.#by = 'polling';
    this.#reason = limit
      ? `the system's limit of watched directories was met at ${dir} (${error.code}; fs.inotify.max_user_watches)`
      : `${dir} cannot be watched: ${error.message}`;
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
    this.#dirty = true;
    this.#wake();
  }

  #pollingEvent(): WatchEvent {
    return { type: 'polling', reason: this.#reason, ms: this.#options.poll ?? 2000 };
  }
}
