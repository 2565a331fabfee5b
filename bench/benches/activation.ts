import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ActivationCache, activate, type CatalogEntry, catalog, planKernel, startPlan } from '@kernelkit/core';
import { conda, DiskTarget, groundOf } from '../../testing/environments/index.js';
import type { Bench } from '../harness/bench.js';
import { interleave } from '../harness/interleave.js';
import { atMost, exactly, type Mark, type Row, ratio } from '../harness/rows.js';
import type { Summary } from '../harness/stats.js';

const SCRIPTS = 3;

/** What it costs to start a kernel in its activated environment. */
export const activation: Bench = {
  name: 'activation',
  async run({ quick, directory, kernels }) {
    const rounds = quick ? 5 : 41;
    const home = join(directory, 'home');
    const env = { HOME: home, PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' };
    const [plain, scripted] = layOut(home, { plain: 0, scripted: SCRIPTS }) as [string, string];
    const entries = (await catalog({ env, home, cwd: home, cache: false, deno: false })).kernels;
    const environmentAt = (prefix: string) => {
      const owner = entries.find((entry) => entry.owner?.prefix === prefix)?.owner;
      if (!owner) throw new Error(`${prefix} was not found`);
      return owner;
    };
    const virtual = await entryOf(kernels.get('ipykernel')?.prefix ?? '', directory);
    const caches = { plain: new ActivationCache(), scripted: new ActivationCache() };
    const timed = (name: string, work: () => Promise<unknown>) => ({
      name,
      async measure() {
        const begin = performance.now();
        await work();
        return performance.now() - begin;
      },
    });
    const scripts = Array.from({ length: SCRIPTS }, (_, at) => join(scripted, 'etc/conda/activate.d', `${at}.sh`));
    const cacheless = { env, home };
    const sides = await interleave(rounds, [
      timed('conda, cold', () => activate(environmentAt(plain), cacheless)),
      timed('conda, cached', () => activate(environmentAt(plain), { ...cacheless, cache: caches.plain })),
      timed('venv, cold', () => activate(virtual.owner!, cacheless)),
      timed('conda with scripts, cold', () => activate(environmentAt(scripted), cacheless)),
      timed('conda with scripts, cached', () =>
        activate(environmentAt(scripted), { ...cacheless, cache: caches.scripted }),
      ),
      timed('bare bash --norc', () => bareBash(scripts, env)),
    ]);
    return [
      ms(
        'computed activation without scripts (conda), cold',
        sides,
        'conda, cold',
        atMost(1),
        'warm process; the first call of a process takes some 10 ms',
      ),
      ms('computed activation without scripts (venv), cold', sides, 'venv, cold', atMost(1)),
      ms('computed activation without scripts (conda), cached', sides, 'conda, cached', atMost(0.2)),
      ratio(
        'activation with activate.d scripts ÷ a bare bash --norc that sources them',
        sides,
        ['conda with scripts, cold', 'bare bash --norc'],
        {
          measured: 'ms',
          mark: atMost(1.15),
          note: 'the whole of it: reading the environment, computing, and telling which script set what',
        },
      ),
      ms('activation with activate.d scripts, cached', sides, 'conda with scripts, cached', atMost(1)),
      await shareOfStart(virtual),
      await between(virtual),
    ];
  },
};

function ms(what: string, sides: ReadonlyMap<string, Summary>, name: string, mark: Mark, note?: string): Row {
  const side = { name, ...sides.get(name)! };
  return {
    what,
    figure: side.median,
    unit: 'ms',
    mark,
    measured: 'ms',
    sides: [side],
    ...(note !== undefined && { note }),
  };
}

/** Conda environments under a root that has conda, with their package records, settled long ago as environments are. */
function layOut(home: string, environments: Record<string, number>): string[] {
  const target = new DiskTarget();
  const ground = groundOf(target, home);
  const root = join(home, 'miniconda3');
  conda(ground, root, { version: '3.11.4', packages: ['conda-24.11.3'] });
  target.dir(join(root, 'condabin'));
  const packages = ['ipykernel-6.29.5', ...Array.from({ length: 299 }, (_, at) => `package-${at}-1.0`)];
  const prefixes = Object.entries(environments).map(([name, scripts]) => {
    const prefix = join(root, 'envs', name);
    conda(ground, prefix, { version: '3.11.4', packages });
    target.file(join(prefix, 'etc/conda/env_vars.d/pkg.json'), JSON.stringify({ PKG_HOME: prefix }));
    for (let at = 0; at < scripts; at++) {
      target.file(join(prefix, 'etc/conda/activate.d', `${at}.sh`), `export SCRIPT_${at}="$CONDA_PREFIX/${at}"\n`);
    }
    return prefix;
  });
  target.age();
  return prefixes;
}

function bareBash(scripts: readonly string[], env: Record<string, string>): Promise<void> {
  const program = 'for s in "$@"; do . "$s"; done; exec /usr/bin/env -0';
  return new Promise((resolve, reject) => {
    execFile('/bin/bash', ['--norc', '--noprofile', '-c', program, 'bash', ...scripts], { env }, (error) =>
      error ? reject(error) : resolve(),
    );
  });
}

/** The kernel of an environment that a path names. */
async function entryOf(prefix: string, cwd: string): Promise<CatalogEntry> {
  const { interpreterSource } = await import('@kernelkit/core');
  await mkdir(cwd, { recursive: true });
  const found = await catalog({ cwd, sources: [interpreterSource([{ prefix }])], cache: false });
  return found.kernels.find(({ hidden }) => hidden === null)!;
}

/** How much of a kernel's start is its activation: the second start of a program, as an editor's is. */
async function shareOfStart(entry: CatalogEntry): Promise<Row> {
  const cache = new ActivationCache();
  await planKernel(entry, { activate: { cache } });
  const plan = await planKernel(entry, { activate: { cache } });
  const { kernel, host } = await startPlan(plan);
  await kernel.close();
  const figure = plan.activation?.ms ?? Number.NaN;
  const one = (name: string, value: number) => ({ name, n: 1, median: value, min: value, max: value });
  return {
    what: 'activation’s share of a kernel’s start, cached (ipykernel in a venv)',
    figure,
    unit: 'ms',
    mark: atMost(1),
    measured: 'ms',
    sides: [one('activation', figure), one('start to ready', host.launched.timings.ready ?? Number.NaN)],
  };
}

/** Processes between this one and the kernel: asked of the kernel itself. */
async function between(entry: CatalogEntry): Promise<Row> {
  const { kernel } = await startPlan(planKernel(entry));
  const result = await kernel.execute('import os; print(os.getppid())');
  await kernel.close();
  const text = result.outputs.map((output) => ('text' in output ? output.text : '')).join('');
  return {
    what: 'processes between us and the kernel',
    figure: Number(text) === process.pid ? 0 : 1,
    unit: 'processes',
    mark: exactly(0),
    measured: '',
    sides: [],
  };
}
