import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { missingRequired } from '../provide/required.mjs';
import { tempDir } from '../support/index.js';

const run = promisify(execFile);
const provide = (name: string) => new URL(`../provide/${name}.mjs`, import.meta.url).href;
const script = fileURLToPath(new URL('../kernels.mjs', import.meta.url));
const list = fileURLToPath(new URL('../.cache/kernels.json', import.meta.url));

/** Runs a program text as a module and gives what it printed. */
async function evaluate(code: string, env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, ...env },
  });
  return stdout;
}

describe('missingRequired', () => {
  const has = (...names: string[]) => names.map((name) => ({ name, available: true }));
  const lacks = (...names: string[]) => names.map((name) => ({ name, available: false }));
  const python = 'a Python kernel (one of ipykernel, ipykernel6, xpython, xpython-raw)';
  test.each<[string | undefined, { name: string; available: boolean }[], string[]]>([
    [undefined, [...has('deno', 'ipykernel6'), ...lacks('ipykernel', 'ir')], []],
    ['', [...has('deno', 'xpython'), ...lacks('ir')], []],
    [undefined, [...has('ipykernel'), ...lacks('deno')], ['deno']],
    [undefined, [...has('deno', 'ir'), ...lacks('ipykernel')], [python]],
    ['all', [...has('deno', 'ipykernel'), ...lacks('ir', 'xpython')], ['ir', 'xpython']],
    ['ir, xpython', [...has('deno', 'ipykernel', 'xpython'), ...lacks('ir')], ['ir']],
    ['nonesuch', has('deno', 'ipykernel'), ['nonesuch']],
    ['all', [], ['deno', python]],
    // heavy, and not asked for (KERNELKIT_TEST_HEAVY)
    ['all', [...has('deno', 'ipykernel'), ...lacks('octave')], []],
    ['octave', [...has('deno', 'ipykernel'), ...lacks('octave')], ['octave']],
  ])('%j of %j', (required, kernels, expected) => {
    vi.stubEnv('KERNELKIT_TEST_HEAVY', undefined);
    expect(missingRequired(kernels, required)).toEqual(expected);
  });

  test('a heavy one that was asked for is one of all', () => {
    const kernels = [...has('deno', 'ipykernel'), ...lacks('octave', 'evcxr')];
    vi.stubEnv('KERNELKIT_TEST_HEAVY', 'octave');
    expect(missingRequired(kernels, 'all')).toEqual(['octave']);
    vi.stubEnv('KERNELKIT_TEST_HEAVY', 'all');
    expect(missingRequired(kernels, 'all')).toEqual(['octave', 'evcxr']);
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('withLock', () => {
  test('lets one process in at a time, and takes over what a killed one left', async () => {
    await using dir = await tempDir();
    const lock = dir.join('lock');
    const count = await dir.write('count', '0');
    // an owner that is killed while it holds the lock
    const held = `import { withLock } from ${JSON.stringify(provide('lock'))};
      await withLock(${JSON.stringify(lock)}, async () => { console.log('held'); await new Promise(() => setInterval(() => {}, 1e6)); });`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', held], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(owner.stdout, 'data');
    const closed = once(owner, 'close');
    owner.kill('SIGKILL');
    await closed;
    expect(await readFile(lock, 'utf8')).toBe(String(owner.pid));
    // reading, waiting and writing loses counts wherever two are in at once
    const bump = `import { withLock } from ${JSON.stringify(provide('lock'))};
      import { readFile, writeFile } from 'node:fs/promises';
      for (let i = 0; i < 5; i += 1) await withLock(${JSON.stringify(lock)}, async () => {
        const old = Number(await readFile(${JSON.stringify(count)}, 'utf8'));
        await new Promise((resolve) => setTimeout(resolve, 20));
        await writeFile(${JSON.stringify(count)}, String(old + 1));
      });`;
    await Promise.all(Array.from({ length: 4 }, () => evaluate(bump)));
    expect(await readFile(count, 'utf8')).toBe('20');
    await expect(stat(lock)).rejects.toThrow('ENOENT');
  });

  test('says who holds it when it waits in vain', async () => {
    await using dir = await tempDir();
    const lock = await dir.write('lock', String(process.pid));
    const waiting = `import { withLock } from ${JSON.stringify(provide('lock'))};
      await withLock(${JSON.stringify(lock)}, async () => {}, { timeoutMs: 100 }).catch((error) => console.log(error.message));`;
    expect(await evaluate(waiting)).toContain(`is held by process ${process.pid}`);
  });
});

describe('findPython', () => {
  test('passes over what is not a working Python, with the reason', async () => {
    await using dir = await tempDir();
    const shim = await dir.write('shim', '#!/bin/sh\necho "no version is set" >&2\nexit 127\n', 0o755);
    const old = await dir.write('old', '#!/bin/sh\necho "/opt/python|3.8.20"\n', 0o755);
    const code = `import { findPython } from ${JSON.stringify(provide('python'))};
      console.log(JSON.stringify(await findPython()));`;
    const find = async (python: string) => JSON.parse(await evaluate(code, { KERNELKIT_TEST_PYTHON: python }));
    expect(await find(shim)).toEqual({ python: null, tried: [`${shim}: no version is set`] });
    expect(await find(old)).toEqual({ python: null, tried: [`${old}: 3.8.20 is older than 3.9`] });
    expect((await find(dir.join('none'))).tried[0]).toContain('ENOENT');
  });
});

describe('findJdk', () => {
  test('passes over what is no JDK with a shell, with the reason', async () => {
    await using dir = await tempDir();
    const settings = (version: string) =>
      `echo "    java.home = /opt/jvm" >&2; echo "    java.version = ${version}" >&2`;
    const jdks = {
      jdk: `${settings('21.0.4')}; echo jdk.jshell@21.0.4`,
      early: `${settings('26-ea')}; echo jdk.jshell@26-ea`,
      old: `${settings('11.0.2')}; echo jdk.jshell@11.0.2`,
      runtime: `${settings('17.0.15')}; echo java.base@17.0.15`,
      stub: 'echo "no Java is installed" >&2; exit 1',
    };
    const find = async (name: string) => {
      const code = `import { findJdk } from ${JSON.stringify(provide('jvm'))};
        console.log(JSON.stringify(await findJdk({ JAVA_HOME: ${JSON.stringify(dir.join(name))}, PATH: '/nonexistent' })));`;
      return JSON.parse(await evaluate(code));
    };
    for (const [name, script] of Object.entries(jdks)) {
      await dir.write(`${name}/bin/java`, `#!/bin/sh\n${script}\n`, 0o755);
    }
    expect(await find('jdk')).toEqual({ home: '/opt/jvm', version: '21.0.4' });
    expect(await find('early')).toEqual({ home: '/opt/jvm', version: '26-ea' });
    // the machine's own may be found in their place
    const reasons = await Promise.all(['old', 'runtime', 'stub'].map((name) => find(name)));
    for (const found of reasons) expect(found.home).not.toBe('/opt/jvm');
  });
});

describe('a virtual environment', () => {
  test('counts as made only when its last step was taken, by this recipe, on a Python that is still there', async () => {
    await using dir = await tempDir();
    const prefix = dir.join('v');
    const ask = async (requirement: string) => {
      const recipe = { name: 'v', requirements: [requirement], imports: ['sys'], distribution: 'x' };
      const code = `import { isMade, makeVenv } from ${JSON.stringify(provide('venv'))};
        const recipe = ${JSON.stringify(recipe)};
        if (process.env.MAKE) console.error(await makeVenv(${JSON.stringify(prefix)}, recipe, process.env.MAKE, ${JSON.stringify(dir.join('log'))}));
        console.log(await isMade(${JSON.stringify(prefix)}, recipe));`;
      return {
        now: async () => (await evaluate(code)).trim(),
        make: async (python: string) => (await evaluate(code, { MAKE: python })).trim(),
      };
    };
    const stamp = `${prefix}/kernelkit-recipe.json`;
    // pip is asked for nothing that it would have to fetch
    const empty = await ask('pip');
    expect(await empty.now()).toBe('false');
    expect(await empty.make('/nonexistent/python')).toBe('false');
    const { stdout } = await run(process.execPath, [
      '--input-type=module',
      '-e',
      `import { findPython } from ${JSON.stringify(provide('python'))}; console.log((await findPython()).python.executable)`,
    ]);
    expect(await empty.make(stdout.trim())).toBe('true');
    expect(await empty.now()).toBe('true');
    expect(await (await ask('pip>=1')).now()).toBe('false');
    const text = await readFile(stamp, 'utf8');
    await rm(stamp);
    expect(await empty.now()).toBe('false');
    await writeFile(stamp, text);
    await rm(`${prefix}/bin/python`);
    expect(await empty.now()).toBe('false');
  });
});

describe('npm run kernels', () => {
  test('changes nothing when everything is there, from two places at once either', async () => {
    const before = await stat(list);
    await Promise.all([1, 2].map(() => run(process.execPath, [script, '--quiet'])));
    const after = await stat(list);
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  test('a kernel that is required and unknown is an error that names it', async () => {
    const env = { ...process.env, KERNELKIT_REQUIRE_KERNELS: 'deno,nonesuch' };
    await expect(run(process.execPath, [script, '--quiet'], { env })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/requires and does not have: nonesuch$/m),
    });
  });
});
