/**
 * An editor's kernel picker, at a terminal: every kernel in groups, each with its number; those that do not start with the reason and the
 * command that helps. The list is live: what is installed while it is open appears. A number starts that kernel and runs a line on it.
 */
import { createInterface } from 'node:readline';
import { type CatalogEntry, KernelStartError, start, watchCatalog } from '@kernelkit/core';

/** What a picker shows: a title, and rows in the catalog's order, the best first. */
interface Group {
  title: string;
  entries: CatalogEntry[];
}

function titleOf({ startable, server, owner, isJupyters }: CatalogEntry): string {
  if (!startable) return 'Cannot be started';
  if (server !== null) return `On ${server.url}`;
  if (owner?.nearness === 'workspace') return 'In this folder';
  if (owner?.nearness === 'active') return 'The active environment';
  return isJupyters || owner === null ? 'Kernels' : 'Environments';
}

class KernelPicker {
  readonly #rows = new Map<string, CatalogEntry>();
  #order: string[] = [];

  get groups(): Group[] {
    const groups = new Map<string, Group>();
    const rank = ({ id }: CatalogEntry) => this.#order.indexOf(id) + 1 || this.#order.length + 1;
    // doubles, and what an application has for itself, are hidden: an editor shows them on request
    const rows = [...this.#rows.values()].filter(({ hidden }) => hidden === null);
    for (const entry of rows.sort((a, b) => rank(a) - rank(b))) {
      const title = titleOf(entry);
      const group = groups.get(title) ?? { title, entries: [] };
      group.entries.push(entry);
      groups.set(title, group);
    }
    // what cannot be picked comes last
    return [...groups.values()].sort((a, b) => Number(!a.entries[0]?.startable) - Number(!b.entries[0]?.startable));
  }

  /** The entries as they are numbered. */
  get picks(): CatalogEntry[] {
    return this.groups.flatMap(({ entries }) => entries.filter(({ startable }) => startable));
  }

  /** Follows the machine until the signal fires; `changed` is called when there is something new to draw. */
  async follow(cwd: string, signal: AbortSignal, changed: () => void): Promise<void> {
    let isReady = false;
    for await (const event of watchCatalog({ cwd, signal })) {
      if (event.type === 'polling') continue;
      if (event.type === 'ready') {
        isReady = true;
        this.#order = event.catalog.kernels.map(({ id }) => id);
      } else if (event.type === 'removed') this.#rows.delete(event.entry.id);
      else this.#rows.set(event.entry.id, event.entry);
      // an editor draws rows as they come; a terminal once everything is there
      if (isReady) changed();
    }
  }
}

function draw({ groups, picks }: KernelPicker): string {
  const lines = groups.flatMap(({ title, entries }) => [
    `${title}:`,
    ...entries.map((entry) => {
      const { displayName, environment, problem } = entry;
      const where = environment === null ? '' : `  ${environment.name} ${environment.version ?? ''}`;
      if (entry.startable) return `  ${picks.indexOf(entry) + 1}. ${displayName}${where}`;
      return `  ✗ ${displayName}${where}: ${problem?.message}${problem?.fix ? `\n      ${problem.fix}` : ''}`;
    }),
  ]);
  return `${lines.join('\n')}\nNumber?\n`;
}

async function tryOut(entry: CatalogEntry): Promise<void> {
  try {
    const kernel = await start(entry, { timeout: 30_000 });
    const { outputs } = await kernel.execute('6 * 7');
    const [first] = outputs;
    const shown = first && 'data' in first ? String(first.data['text/plain']) : JSON.stringify(outputs);
    console.log(`${entry.displayName} runs (${kernel.info.implementation}): 6 * 7 is ${shown}`);
    await kernel.close();
  } catch (error) {
    if (!(error instanceof KernelStartError)) throw error;
    console.log(`${entry.displayName} did not start: ${error.failure.diagnosis}; ${error.failure.fix ?? ''}`);
  }
}

const picker = new KernelPicker();
const closed = new AbortController();
const following = picker
  .follow(process.cwd(), closed.signal, () => process.stdout.write(draw(picker)))
  .catch((error) => {
    if (!closed.signal.aborted) throw error;
  });
for await (const line of createInterface({ input: process.stdin })) {
  const entry = picker.picks[Number(line) - 1];
  if (entry === undefined) console.log(`There is no ${line}.`);
  else await tryOut(entry);
}
closed.abort();
await following;
