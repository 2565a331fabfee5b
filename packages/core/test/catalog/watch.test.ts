import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type CatalogEntry, type WatchEvent, type WatchOptions, watchCatalog } from '../../src/catalog/index.js';
import { AbortedError } from '../../src/errors/index.js';
import { Tree, USER } from './support.js';

/** Far more than the second that a change may take on a machine that is not busy. */
const DEADLINE = 10_000;

/** A watch under way: what it told so far, and a way to wait for more. */
class Watching implements AsyncDisposable {
  readonly events: WatchEvent[] = [];
  readonly #abort = new AbortController();
  readonly #running: Promise<void>;
  #wake: () => void = () => {};

  constructor(options: WatchOptions) {
    this.#running = (async () => {
      for await (const event of watchCatalog({ ...options, signal: this.#abort.signal })) {
        this.events.push(event);
        this.#wake();
      }
    })();
    this.#running.catch(() => this.#wake());
  }

  /** The first event from `from` on that fits. */
  async until(fits: (event: WatchEvent) => boolean, from = 0): Promise<WatchEvent> {
    const timer = setTimeout(() => this.#abort.abort(), DEADLINE);
    try {
      for (let at = from; ; ) {
        for (; at < this.events.length; at++) if (fits(this.events[at]!)) return this.events[at]!;
        if (this.#abort.signal.aborted) throw new Error(`nothing of the kind came; ${this.events.length} events did`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async ready(): Promise<number> {
    await this.until(({ type }) => type === 'ready');
    return this.events.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#running.catch(() => {});
  }
}

const trees: Tree[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) tree[Symbol.dispose]();
});

function treeOf(): { tree: Tree; options: WatchOptions } {
  const tree = new Tree();
  trees.push(tree);
  return { tree, options: { ...tree.options({ WORKON_HOME: tree.at('envs') }), cache: false } };
}

const is = (type: string, test: (entry: CatalogEntry) => boolean) => (event: WatchEvent) =>
  event.type === type && 'entry' in event && test(event.entry);

describe.each(['events', 'polling'] as const)('by %s', (by) => {
  test('a new environment, ipykernel installed in it, and its end', async () => {
    const { tree, options } = treeOf();
    tree.venv('envs/old');
    await using watching = new Watching({ ...options, by, poll: 100 });
    let from = await watching.ready();
    const prefix = tree.venv('envs/new', { ipykernel: null });
    const isNew = ({ owner }: CatalogEntry) => owner?.prefix === prefix;
    await watching.until(is('added', isNew), from);
    await watching.until((event) => is('added', isNew)(event) || is('changed', isNew)(event), from);
    from = watching.events.length;
    tree.ipykernel('envs/new');
    await watching.until(
      is('changed', (entry) => isNew(entry) && entry.startable),
      from,
    );
    from = watching.events.length;
    rmSync(prefix, { recursive: true });
    await watching.until(is('removed', isNew), from);
  });

  test('a new kernelspec, in a directory that is not there yet; changed, and removed', async () => {
    const { tree, options } = treeOf();
    await using watching = new Watching({ ...options, by, poll: 100 });
    let from = await watching.ready();
    const file = tree.spec(USER, 'mine', { display_name: 'One' });
    const named = (name: string) => (entry: CatalogEntry) => entry.name === 'mine' && entry.displayName === name;
    await watching.until(is('added', named('One')), from);
    from = watching.events.length;
    tree.spec(USER, 'mine', { display_name: 'Two' });
    await watching.until(is('changed', named('Two')), from);
    from = watching.events.length;
    rmSync(dirname(file), { recursive: true });
    await watching.until(is('removed', named('Two')), from);
  });
});

test('a root that is deleted and comes back is seen again', async () => {
  const { tree, options } = treeOf();
  tree.venv('envs/one');
  await using watching = new Watching(options);
  const isOne = ({ owner }: CatalogEntry) => owner?.name === 'one';
  let from = await watching.ready();
  for (let round = 0; round < 3; round++) {
    renameSync(tree.at('envs'), tree.at('away'));
    await watching.until(is('removed', isOne), from);
    from = watching.events.length;
    renameSync(tree.at('away'), tree.at('envs'));
    await watching.until(is('added', isOne), from);
    from = watching.events.length;
  }
});

test('a real `python -m venv` is seen', async () => {
  const { tree, options } = treeOf();
  mkdirSync(tree.at('envs'), { recursive: true });
  await using watching = new Watching(options);
  const from = await watching.ready();
  execFileSync('/usr/bin/python3', ['-m', 'venv', '--without-pip', tree.at('envs/real')]);
  const event = await watching.until(
    is('added', ({ owner }) => owner?.name === 'real'),
    from,
  );
  expect(event).toMatchObject({ entry: { startable: false, problem: { kind: 'ipykernel-missing' } } });
});

test('what does not matter to the list wakes nobody', async () => {
  const { tree, options } = treeOf();
  tree.venv('envs/one');
  await using watching = new Watching(options);
  const from = await watching.ready();
  const before = process.cpuUsage();
  // names that nobody asked for in a directory that is watched for others
  for (let number = 0; number < 200; number++) tree.file(`home/.history-${number}`, 'x');
  tree.venv('envs/two');
  await watching.until(
    is('added', ({ owner }) => owner?.name === 'two'),
    from,
  );
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(5000);
  const told = watching.events
    .slice(from)
    .flatMap((event) => ('entry' in event ? [event.entry.owner?.name] : [event.type]));
  expect(new Set(told)).toEqual(new Set(['two']));
});

test('an abort ends it, with nothing left that keeps the process', async () => {
  const { options } = treeOf();
  const abort = new AbortController();
  const running = (async () => {
    for await (const event of watchCatalog({ ...options, signal: abort.signal }))
      if (event.type === 'ready') abort.abort();
  })();
  await expect(running).rejects.toBeInstanceOf(AbortedError);
  await expect.poll(() => process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap')).toEqual([]);
});

test('polling, where the system’s limit is met, is told', async () => {
  const { options } = treeOf();
  await using watching = new Watching({ ...options, by: 'polling', poll: 50 });
  await watching.ready();
  expect(await watching.until(({ type }) => type === 'polling')).toMatchObject({ ms: 50, reason: expect.any(String) });
});
