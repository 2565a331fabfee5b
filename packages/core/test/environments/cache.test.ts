import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  distribution,
  kernelspec,
  type Laid,
  layOut,
  layOutBroken,
  python,
  type RecipeName,
  recipes,
  siteOf,
} from '../../../../testing/environments/index.js';
import { EnvironmentCache, type FindEnvironmentsOptions } from '../../src/environments/index.js';
import { NodeFiles } from '../../src/files/index.js';
import { at, type Found, type Machine, machine, search } from './support.js';

/** One look at the machine, as a process of its own would take it. */
async function once(
  home: Machine,
  options: Partial<FindEnvironmentsOptions> = {},
): Promise<Found & { inspected: number }> {
  const cache = new EnvironmentCache(home.join('cache', 'environments.json'));
  let inspected = 0;
  const files = new NodeFiles();
  const record = files.record.bind(files);
  files.record = (work) => {
    inspected++;
    return record(work);
  };
  const found = await search({ ...home.options, ask: false, cache, files, ...options }, home.home);
  cache.save();
  return { ...found, inspected };
}

async function laidOut(home: Machine): Promise<Laid[]> {
  const names = Object.keys(recipes) as RecipeName[];
  const laid = layOut(
    home.ground,
    names.map((as) => ({ as, version: '3.11.4', specs: { ir: 'R' } })),
    home.workspace,
  );
  layOutBroken(home.ground, false);
  home.target.age();
  return laid;
}

const withoutCache = { cache: new EnvironmentCache(null) } as const;

describe('a valid cache', () => {
  test('tells the same as none, and nothing is inspected', async () => {
    await using home = await machine({ CONDA_ENVS_DIRS: '~/env-dirs' });
    await laidOut(home);
    const cold = await once(home);
    const warm = await once(home);
    expect(cold.inspected).toBeGreaterThan(30);
    expect(warm.environments).toEqual(cold.environments);
    expect(warm.errors).toEqual(cold.errors);
    // what failed is looked at anew each time, and /usr may have changed just now
    expect(warm.inspected).toBeLessThan(cold.inspected / 2);
  });

  test('the way to an environment decides how near it is, not how it was met before', async () => {
    await using home = await machine();
    const [laid] = layOut(home.ground, [{ as: 'uv venv', version: '3.11.4' }], home.workspace);
    home.target.age();
    expect(at(await once(home), laid!.prefix)).toMatchObject({ nearness: 'workspace', distance: 21 });
    const inside = { cwd: join(laid!.prefix, '..') };
    expect(at(await once(home, inside), laid!.prefix)).toMatchObject({ nearness: 'workspace', distance: 0 });
  });

  test('the variables of a given interpreter are the caller’s of now', async () => {
    await using home = await machine();
    const [laid] = layOut(home.ground, [{ as: 'venv' }], home.workspace);
    home.target.age();
    const place = { locator: 'given', path: laid!.prefix, how: 'prefix', nearness: 'user' } as const;
    const given = (value: string) => [{ prefix: laid!.prefix, place, variables: { A: value } }];
    for (const value of ['1', '2']) {
      const found = await once(home, { given: given(value), places: false });
      expect(found.environments[0]!.variables).toEqual({ A: value });
    }
  });

  test('a relative PYTHONPATH is another one in another working directory', async () => {
    await using home = await machine({ PYTHONPATH: 'lib' });
    const [laid] = layOut(home.ground, [{ as: 'venv' }], home.workspace);
    distribution(home.ground, join(home.workspace, 'lib'), 'ipykernel-6.29.5');
    home.target.age();
    expect(at(await once(home), laid!.prefix).kernelPackage).not.toBeNull();
    expect(at(await once(home, { cwd: home.home }), laid!.prefix).kernelPackage).toBeNull();
  });
});

/** What changes, and what has to be seen then. Each would be missed if its file were not in the trail. */
const changes: Record<string, (home: Machine, prefix: string, site: string) => void> = {
  'pip install ipykernel': ({ ground }, _prefix, site) => distribution(ground, site, 'ipykernel-6.29.5'),
  'pip install --user ipykernel, for a Python that is no virtual environment': ({ ground, join }) =>
    distribution(ground, join('.local', 'lib', 'python3.11', 'site-packages'), 'ipykernel-6.29.5'),
  'an editable ipykernel': ({ target, join: inHome }, _prefix, site) => {
    target.file(inHome('src', 'kernel', 'ipykernel.egg-info', 'PKG-INFO'), 'Version: 7.0\n');
    target.file(join(site, '__editable__.pth'), `${inHome('src', 'kernel')}\n`);
  },
  'the first kernelspec': ({ ground }, prefix) => kernelspec(ground, prefix, 'ir', 'R'),
  'pip itself is removed': (_home, _prefix, site) => rmSync(join(site, 'pip'), { recursive: true, force: true }),
  'the prompt': (_home, prefix) => {
    const file = join(prefix, 'pyvenv.cfg');
    if (existsSync(file)) writeFileSync(file, `${readFileSync(file, 'utf8')}prompt = other\n`);
  },
  'the base is upgraded in place': ({ ground, join: inHome }, prefix) => {
    for (const root of [inHome('bases', '3.11.4'), prefix]) {
      const header = join(root, 'include', 'python3.11', 'patchlevel.h');
      if (existsSync(header)) ground.target.file(header, '#define PY_VERSION "3.11.99"\n');
    }
  },
  'the base is removed': ({ join: inHome }) => rmSync(inHome('bases'), { recursive: true }),
  'the environment is removed': (_home, prefix) => rmSync(prefix, { recursive: true }),
  'the interpreter is removed': (_home, prefix) => {
    for (const name of readdirSync(join(prefix, 'bin'))) unlinkSync(join(prefix, 'bin', name));
  },
};

describe('what changed is seen', () => {
  for (const as of ['venv', 'pyenv'] as const) {
    test.each(Object.keys(changes))(`${as}: %s`, async (what) => {
      await using home = await machine();
      const [laid] = layOut(home.ground, [{ as, version: '3.11.4' }], home.workspace);
      home.target.age();
      const before = await once(home);
      expect(before.environments).toHaveLength(1);
      changes[what]!(home, laid!.prefix, siteOf(home.ground, laid!.prefix, 'python3.11'));
      const after = await once(home);
      const truth = await search({ ...home.options, ...withoutCache, ask: false }, home.home);
      expect(after.environments).toEqual(truth.environments);
      const concerned =
        !(as === 'venv' && what.includes('--user')) &&
        !(as === 'pyenv' && /pip itself|prompt|base is removed/.test(what));
      if (concerned) expect(after.environments).not.toEqual(before.environments);
    });
  }

  test('a base that comes back, behind a link that led nowhere', async () => {
    await using home = await machine();
    const [laid] = layOut(home.ground, [{ as: 'venv', version: '3.11.4' }], home.workspace);
    home.target.age();
    renameSync(home.join('bases'), home.join('elsewhere'));
    expect(at(await once(home), laid!.prefix).problem).toMatchObject({ kind: 'interpreter-missing' });
    renameSync(home.join('elsewhere'), home.join('bases'));
    expect(at(await once(home), laid!.prefix).problem).toBeNull();
  });

  test('a kernelspec behind a link to nothing, once it leads somewhere', async () => {
    await using home = await machine();
    const [laid] = layOut(home.ground, [{ as: 'venv', specs: { ir: 'R' } }], home.workspace);
    const kernels = join(laid!.prefix, 'share', 'jupyter', 'kernels');
    home.target.link(join(kernels, 'far'), home.join('later'));
    home.target.age();
    const faults = (found: Found) =>
      at(found, laid!.prefix).specs[0]!.root.read.filter(({ result }) => 'fault' in result);
    expect(faults(await once(home))).toHaveLength(1);
    symlinkSync(join(kernels, 'ir'), home.join('later'));
    expect(faults(await once(home))).toEqual([]);
  });

  test('a link in the path that leads to a moved directory', async () => {
    await using home = await machine();
    const [laid] = layOut(home.ground, [{ as: 'venv', version: '3.11.4' }], home.workspace);
    home.target.age();
    await once(home);
    renameSync(home.join('envs'), home.join('moved'));
    symlinkSync('moved', home.join('envs'));
    expect(at(await once(home), laid!.prefix).real).toBe(home.join('moved', 'venv'));
  });

  test('what changed just now is not remembered: its time of change could not show the next change', async () => {
    await using home = await machine();
    layOut(home.ground, [{ as: 'venv' }], home.workspace);
    await once(home);
    const text = existsSync(home.join('cache', 'environments.json'))
      ? readFileSync(home.join('cache', 'environments.json'), 'utf8')
      : '';
    expect(text).not.toContain(home.join('envs'));
  });
});

describe('the file', () => {
  test('damaged in any byte, cut anywhere, or of another kind: ignored', async () => {
    await using home = await machine();
    layOut(home.ground, [{ as: 'venv' }, { as: 'poetry' }], home.workspace);
    home.target.age();
    const truth = await once(home);
    const file = home.join('cache', 'environments.json');
    const good = readFileSync(file);
    const isIgnored = async (bytes: Uint8Array) => {
      writeFileSync(file, bytes);
      const found = await search({ ...home.options, ask: false, cache: new EnvironmentCache(file) }, home.home);
      expect(found.environments).toEqual(truth.environments);
    };
    for (const text of [
      '',
      'null',
      '[]',
      '{}',
      '{"format":2,"environments":[],"answers":null}',
      'kernelkit environments 2 0\n{}',
      '\0\0',
    ]) {
      await isIgnored(Buffer.from(text));
    }
    const property = fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), fc.boolean(), async (where, byte, cut) => {
      const bytes = Buffer.from(good);
      bytes[where] = byte;
      await isIgnored(cut ? bytes.subarray(0, where) : bytes);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  test('a directory, a pipe, a place that cannot be written: nothing is lost but time', async () => {
    await using home = await machine();
    layOut(home.ground, [{ as: 'venv' }], home.workspace);
    home.target.age();
    const file = home.join('cache', 'environments.json');
    home.target.fifo(file);
    expect((await once(home)).environments).toHaveLength(1);
    // it was replaced by a file
    expect(readFileSync(file, 'utf8')).toContain(home.join('envs', 'venv'));
    rmSync(file);
    mkdirSync(file);
    expect((await once(home)).environments).toHaveLength(1);
    rmSync(home.join('cache'), { recursive: true });
    writeFileSync(home.join('cache'), 'a file in its way');
    expect((await once(home)).environments).toHaveLength(1);
    // no draft is left
    expect(readdirSync(home.home).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  test('several processes that write at once leave a valid file', async () => {
    await using home = await machine();
    layOut(home.ground, [{ as: 'venv' }, { as: 'poetry' }, { as: 'conda root' }], home.workspace);
    python(home.ground, home.join('.pyenv', 'versions', '3.12.1'), '3.12.1');
    home.target.age();
    const script = home.join('writer.mjs');
    const entry = fileURLToPath(new URL('../../src/environments/index.ts', import.meta.url));
    await build({
      ...{
        bundle: true,
        platform: 'node',
        format: 'esm',
        outfile: script,
        conditions: ['kernelkit-source'],
        logLevel: 'error',
      },
      stdin: {
        resolveDir: join(entry, '..'),
        contents: `import { EnvironmentCache, findEnvironments } from './index.ts';
          const [file, home, cwd] = process.argv.slice(2);
          for (let round = 0; round < 10; round++) {
            const cache = new EnvironmentCache(file);
            for await (const _ of findEnvironments({ cache, home, cwd, ask: false }));
            cache.remember('round ' + process.pid, String(round), { prefix: '', version: '', executable: '', ms: 0 });
            cache.save();
          }`,
      },
    });
    const file = home.join('cache', 'environments.json');
    const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.on('exit', resolve));
    const writers = Array.from({ length: 4 }, () => {
      return spawn(process.execPath, [script, file, home.home, home.workspace], {
        env: home.options.env,
        stdio: 'inherit',
      });
    });
    expect(await Promise.all(writers.map(ended))).toEqual([0, 0, 0, 0]);
    const warm = await once(home);
    expect(warm.environments).toHaveLength(4);
    expect(warm.inspected).toBeLessThan(4);
    expect(readdirSync(home.join('cache'))).toEqual(['environments.json']);
  });
});
