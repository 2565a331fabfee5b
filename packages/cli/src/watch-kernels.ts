import { type CatalogEntry, type CatalogEvent, compareEntries, type WatchEvent, watchCatalog } from '@kernelkit/core';
import { warnOfSearchErrors } from './choose.js';
import { KernelNames } from './kernel-names.js';
import { kernelLine } from './kernel-table.js';
import type { Paint } from './paint.js';
import { errorDocument } from './report.js';
import { entryDocument, failureText, newsworthy, serversFirst } from './servers/entries.js';
import type { ServerEvent, ServerWatch } from './servers/watch.js';
import type { Session } from './session.js';
import type { ExitStatus } from './status.js';
import { shortened } from './width.js';

type Change = 'added' | 'removed' | 'changed';

const styles = { added: 'green', removed: 'red', changed: 'yellow' } as const;

/**
 * `list --watch`: tells of every kernel, then of every change, until a signal ends it.
 * @throws the signal's reason
 */
export async function watchKernels(session: Session, options: { all: boolean; cwd: string }): Promise<ExitStatus> {
  const { signal } = session;
  session.failure = (error) => ({ event: 'error', error: errorDocument(error) });
  const servers =
    session.servers.server === undefined ? null : await (await import('./servers/watch.js')).ServerWatch.of(session);
  const list = new LiveList(session, options, (url) => servers?.placeOf(url) ?? 0);
  // whichever fails first ends it
  await Promise.all([watchHere(session, options.cwd, list, servers), servers?.run((event) => list.take(event))]);
  // it ends by the signal alone, which is thrown
  signal.throwIfAborted();
  throw new Error('the watch ended by itself');
}

async function watchHere(
  { signal, cache }: Session,
  cwd: string,
  list: LiveList,
  servers: ServerWatch | null,
): Promise<void> {
  for await (const event of watchCatalog({ cwd, env: process.env, signal, ...(!cache && { cache: false as const }) })) {
    if (event.type === 'ready') await servers?.asked;
    await list.take(event);
  }
}

/** What has been told of, as the user sees it: what is hidden is not there, unless --all was given. */
class LiveList {
  readonly #session: Session;
  readonly #options: { all: boolean; cwd: string };
  readonly #told = new Map<string, CatalogEntry>();
  /** Everything, the hidden too: it decides what a name means. */
  readonly #all = new Map<string, CatalogEntry>();
  /** Made when they are needed, from what is there then. */
  #names: KernelNames | null = null;
  #isReady = false;
  readonly #placeOf: (url: string) => number;
  #turn: Promise<void> = Promise.resolve();

  /** @param placeOf where on the command line a server stands */
  constructor(session: Session, options: { all: boolean; cwd: string }, placeOf: (url: string) => number) {
    this.#session = session;
    this.#options = options;
    this.#placeOf = placeOf;
  }

  /** One event after the other, wherever they come from. */
  take(event: WatchEvent | ServerEvent): Promise<void> {
    const turn = this.#turn.then(() => this.#take(event));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #take(event: WatchEvent | ServerEvent): Promise<void> {
    const { screen, json } = this.#session;
    if (event.type === 'server') {
      const { url, error } = event;
      if (json) await screen.json({ event: 'server', url, error: error && errorDocument(error) });
      else if (error === null) screen.note(`${url} answers again`);
      else screen.warn(`${screen.paintErr('yellow', 'warning:')} ${url} could not be asked: ${failureText(error)}`);
    } else if (event.type === 'polling') {
      if (json) await screen.json({ event: 'polling', reason: event.reason, ms: event.ms });
      else screen.note(`looking every ${event.ms / 1000} s from now on: ${event.reason}`);
    } else if (event.type === 'ready') {
      warnOfSearchErrors(screen, event.catalog.searched);
      this.#isReady = true;
      if (json) await screen.json({ event: 'ready' });
      else {
        // in order, and not as they were found
        for (const { id } of this.#ordered()) {
          const entry = this.#told.get(id);
          if (entry !== undefined) await this.#tell('added', entry, undefined);
        }
        screen.note(`${this.#told.size} kernels; waiting for changes, until Ctrl-C`);
      }
    } else await this.#change(event.type, event.entry);
  }

  #ordered(): CatalogEntry[] {
    return serversFirst([...this.#all.values()].sort(compareEntries), this.#placeOf);
  }

  async #change(type: CatalogEvent['type'], entry: CatalogEntry): Promise<void> {
    if (type !== 'removed') this.#all.set(entry.id, entry);
    this.#names = null;
    await this.#tellOf(type, entry);
    // it is called as it was called
    if (type === 'removed') this.#all.delete(entry.id);
  }

  async #tellOf(type: Change, entry: CatalogEntry): Promise<void> {
    const before = this.#told.get(entry.id);
    if (type === 'removed' || (entry.hidden !== null && !this.#options.all)) {
      if (before === undefined) return;
      this.#told.delete(entry.id);
      await this.#tell('removed', before, before);
      return;
    }
    this.#told.set(entry.id, entry);
    if (before === undefined) await this.#tell('added', entry, before);
    // what only core knows of may change as well
    else if (newsworthy(before) !== newsworthy(entry)) await this.#tell('changed', entry, before);
  }

  async #tell(change: Change, entry: CatalogEntry, before: CatalogEntry | undefined): Promise<void> {
    const { screen, json } = this.#session;
    if (json) await screen.json({ event: change, kernel: entryDocument(entry) });
    else if (this.#isReady) await screen.write(`${this.#line(change, entry, before)}\n`);
  }

  #line(change: Change, entry: CatalogEntry, before: CatalogEntry | undefined): string {
    const { columns, paintOut: paint } = this.#session.screen;
    const options = { cwd: this.#options.cwd, columns, paint: ((_style, text) => text) satisfies Paint };
    this.#names ??= new KernelNames(this.#ordered(), options.cwd);
    const rest = `${kernelLine(entry, this.#names, options)}${newsOf(change, entry, before)}`;
    const word = change.padEnd('changed'.length);
    const shown = columns === null ? rest : shortened(rest, Math.max(columns - word.length - 2, 8));
    return `${paint(styles[change], word)}  ${shown}`;
  }
}

/** What one would want to know of a change at once. */
function newsOf(
  change: Change,
  { startable, problem, hidden }: CatalogEntry,
  before: CatalogEntry | undefined,
): string {
  if (change === 'removed') return '';
  if (hidden !== null) return `  (${hidden.reason} by ${hidden.by})`;
  if (!startable) return `  (does not start: ${problem?.message ?? 'nobody knows why'})`;
  return before !== undefined && !before.startable ? '  (can be started now)' : '';
}
