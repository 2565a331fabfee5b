import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFile, catalog, discover, EnvironmentCache, whereOf } from '@kernelkit/core';
import { type Crowd, DiskTarget, groundOf, layOutCrowd } from '../../testing/environments/index.js';
import type { Bench } from '../harness/bench.js';
import { interleave } from '../harness/interleave.js';
import { command, sourceOf } from '../harness/places.js';
import { atMost, exactly, type Mark, type Row } from '../harness/rows.js';
import { type Summary, summarise } from '../harness/stats.js';
import { wholeProcess } from '../harness/whole-process.js';

const ORDINARY: Crowd = { conda: 100, packages: 300, venv: 100, pyenv: 9 };
const THOUSAND: Crowd = { conda: 495, packages: 300, venv: 495, pyenv: 9 };

/** Kernels on a machine with many environments: found in this process, and by the command. */
export const discovery: Bench = {
  name: 'discovery',
  async run({ quick, directory }) {
    const rounds = quick ? 3 : 11;
    const rows: Row[] = [];
    const small = await home(directory, 'small', ORDINARY);
    const large = await home(directory, 'large', THOUSAND);
    const find = (user: Home, cache: false | EnvironmentCache) => async () => {
      const found = await catalog({ ...user.options, cache });
      const count = found.kernels.filter(({ source }) => source === 'environment').length;
      if (count < user.count) throw new Error(`${count} of ${user.count} environments were found`);
    };
    const cached = (user: Home) => async () => {
      await find(user, new EnvironmentCache(user.cache))();
    };
    for (const user of [small, large]) {
      const cache = new EnvironmentCache(user.cache);
      await find(user, cache)();
      cache.save();
    }
    const sides = await interleave(rounds, [
      timed('209 environments, no cache', find(small, false)),
      timed('bare file calls for the same', async () => bareCalls(small)),
      timed('209 environments, valid cache', cached(small)),
      timed('1,000 environments, no cache', find(large, false)),
      timed('1,000 environments, valid cache', cached(large)),
    ]);
    const of = (name: string) => ({ name, ...sides.get(name)! });
    const ms = (what: string, name: string, mark: Mark, note?: string): Row => ({
      what,
      figure: of(name).median,
      unit: 'ms',
      mark,
      measured: 'ms',
      sides: [of(name)],
      ...(note !== undefined && { note }),
    });
    const crowd = '100 conda (300 packages each) + 100 venv + 9 pyenv';
    rows.push(
      {
        ...ms(`in-process discovery, no cache: ${crowd}`, '209 environments, no cache', atMost(120)),
        sides: [of('209 environments, no cache'), of('bare file calls for the same')],
      },
      ms('in-process discovery, no cache: 1,000 environments', '1,000 environments, no cache', atMost(600)),
      ms(
        `in-process discovery, valid cache: ${crowd}`,
        '209 environments, valid cache',
        atMost(25),
        'the file is read each time',
      ),
      ms('in-process discovery, valid cache: 1,000 environments', '1,000 environments, valid cache', {
        is: 'at most',
        value: 120,
      }),
      await streams(large),
    );
    rows.push(...(await wholeProcesses(small, large, directory, rounds)));
    return rows;
  },
};

interface Home {
  count: number;
  cache: string;
  env: Record<string, string>;
  options: { env: Record<string, string>; home: string; cwd: string; deno: false };
}

async function home(directory: string, name: string, crowd: Crowd): Promise<Home> {
  const path = join(directory, name);
  const cwd = join(path, 'work');
  await mkdir(cwd, { recursive: true });
  const count = layOutCrowd(groundOf(new DiskTarget(), path), crowd);
  const env = { HOME: path, PATH: '/usr/local/bin:/usr/bin:/bin' };
  const cache = cacheFile(whereOf({ platform: process.platform, env, home: path, cwd }));
  return { count, cache, env, options: { env, home: path, cwd, deno: false } };
}

function timed(name: string, work: () => Promise<void>) {
  return {
    name,
    async measure() {
      const begin = performance.now();
      await work();
      return performance.now() - begin;
    },
  };
}

/** What cannot be avoided: each environment's directories listed, its deciding files looked at, nothing thought about them. */
function bareCalls({ options }: Home): void {
  const look = (path: string) => statSync(path, { throwIfNoEntry: false });
  for (const [parent, meta] of [
    ['miniconda3/envs', 'conda-meta'],
    ['.venvs', 'lib/python3.11/site-packages'],
    ['.pyenv/versions', 'lib'],
  ] as const) {
    const dir = join(options.home, parent);
    for (const name of readdirSync(dir)) {
      const prefix = join(dir, name);
      look(prefix);
      look(join(prefix, 'bin/python'));
      look(join(prefix, 'share/jupyter/kernels'));
      const cfg = join(prefix, 'pyvenv.cfg');
      if (look(cfg)) readFileSync(cfg, 'utf8');
      readdirSync(join(prefix, meta));
    }
  }
}

/** The first environment is told before the last is found. */
async function streams(user: Home): Promise<Row> {
  const firsts: number[] = [];
  const lasts: number[] = [];
  for (let round = 0; round < 5; round++) {
    const begin = performance.now();
    let first = 0;
    for await (const { entry } of discover({ ...user.options, cache: false })) {
      if (first === 0 && entry.owner !== null) first = performance.now() - begin;
    }
    firsts.push(first);
    lasts.push(performance.now() - begin);
  }
  const [first, all] = [summarise(firsts), summarise(lasts)];
  return {
    what: 'the first environment is told ÷ the last is found (1,000 environments)',
    figure: first.median / all.median,
    unit: '÷',
    mark: { is: 'at most', value: 0.5 },
    measured: 'ms',
    sides: [
      { name: 'first', ...first },
      { name: 'all', ...all },
    ],
  };
}

async function wholeProcesses(small: Home, large: Home, directory: string, rounds: number): Promise<Row[]> {
  const peaks = new Map<string, number[]>();
  const side = (name: string, user: Home, argv: readonly [string, ...string[]]) => ({
    name,
    async measure() {
      const { ms, peakMB } = await wholeProcess(argv, { cwd: user.options.cwd, env: user.env });
      peaks.set(name, [...(peaks.get(name) ?? []), peakMB]);
      return ms;
    },
  });
  const list = [process.execPath, command, 'list', '--json'] as const;
  const CACHED = 'kernelkit list, 209 environments, cached';
  const FRESH = 'kernelkit list, 1,000 environments, no cache';
  const BARE = 'node -e 0';
  const sides = await interleave(rounds, [
    side(CACHED, small, list),
    side(FRESH, large, [...list, '--no-cache']),
    side(BARE, small, [process.execPath, '-e', '0']),
  ]);
  const of = (name: string, from: ReadonlyMap<string, Summary> = sides) => ({ name, ...from.get(name)! });
  const memory = new Map([...peaks].map(([name, values]) => [name, summarise(values.slice(1))]));
  const more = of(FRESH, memory).median - of(BARE, memory).median;
  return [
    {
      what: 'kernelkit list, whole process, cached (209 environments)',
      figure: of(CACHED).median,
      unit: 'ms',
      mark: atMost(150),
      measured: 'ms',
      sides: [of(CACHED), of(BARE)],
    },
    {
      what: 'memory for 1,000 environments, over node’s own',
      figure: more,
      unit: 'MB',
      mark: atMost(40),
      measured: 'MB',
      sides: [of(FRESH, memory), of(BARE, memory)],
      note: 'the high-water mark of `kernelkit list --no-cache`, the command itself included',
    },
    {
      what: 'processes started by kernelkit list',
      figure: await spawned(small, directory),
      unit: 'processes',
      mark: exactly(0),
      measured: '',
      sides: [],
      note: 'counted inside the command, no cache',
    },
  ];
}

/** How many processes the command starts: counted by a module that is loaded before it. */
async function spawned(user: Home, directory: string): Promise<number> {
  const count = join(directory, 'spawned');
  await rm(count, { force: true });
  const argv = [process.execPath, '--require', sourceOf('count-spawns.cjs'), command, 'list', '--no-cache'] as const;
  await wholeProcess(argv, { cwd: user.options.cwd, env: { ...user.env, KERNELKIT_COUNT_SPAWNS: count } });
  return Number(await readFile(count, 'utf8'));
}
