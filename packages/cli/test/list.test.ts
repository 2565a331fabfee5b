import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { isolatedEnv } from '../../../testing/support/index.js';
import { addSpec, ensureBuilt, faultySpec, kernelkit } from './support.js';

beforeAll(ensureBuilt);

interface Listed {
  kernels: Record<string, unknown>[];
  searched: Record<string, unknown>[];
}

const entryFields = [
  'id',
  'source',
  'name',
  'displayName',
  'language',
  'argv',
  'specFile',
  'resourceDir',
  'environment',
  'startable',
  'problem',
  'hidden',
  'server',
];

const environmentFields = ['kind', 'name', 'prefix', 'python', 'version', 'kernelPackage'];

describe('list', () => {
  test("--json is the contract's document, and the only thing on standard output", async () => {
    await using user = await isolatedEnv();
    const directory = await addSpec(user, 'mine', faultySpec());
    const { status, stdout, stderr } = await kernelkit(['list', '--json'], { env: user.env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { kernels, searched }: Listed = JSON.parse(stdout);
    for (const entry of kernels) expect(Object.keys(entry)).toEqual(entryFields);
    for (const { environment } of kernels) {
      if (environment !== null) expect(Object.keys(environment as object)).toEqual(environmentFields);
    }
    const mine = kernels.find(({ name }) => name === 'mine');
    expect(mine).toMatchObject({
      source: 'kernelspec',
      displayName: 'Faulty',
      language: 'steps',
      specFile: `${directory}/kernel.json`,
      resourceDir: directory,
      startable: true,
      problem: null,
      hidden: null,
      server: null,
    });
    expect(mine?.argv).toContain('{connection_file}');
    for (const place of searched) {
      expect(place).toEqual({
        path: expect.any(String),
        kind: expect.any(String),
        found: expect.any(Number),
        error: null,
        ms: expect.any(Number),
      });
    }
    expect(searched.map(({ path }) => path)).toContain(`${user.home}/.local/share/jupyter/kernels`);
  });

  test('ids stay from run to run', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const ids = async () =>
      (JSON.parse((await kernelkit(['list', '--json'], { env: user.env })).stdout) as Listed).kernels.map(
        ({ id }) => id,
      );
    const [first, second] = [await ids(), await ids()];
    expect(first).toEqual(second);
    expect(new Set(first).size).toBe(first.length);
  });

  test('what is shadowed is hidden, and --all shows it with the reason', async () => {
    await using user = await isolatedEnv();
    const path = await user.dir.dir('first');
    await user.dir.write('first/kernels/mine/kernel.json', JSON.stringify(faultySpec()));
    await addSpec(user, 'mine', { ...faultySpec(), display_name: 'Second' });
    const env = { ...user.env, JUPYTER_PATH: path };
    const named = async (...args: string[]) =>
      (JSON.parse((await kernelkit(['list', '--json', ...args], { env })).stdout) as Listed).kernels.filter(
        ({ name }) => name === 'mine',
      );
    const [shown] = await named();
    expect(await named()).toHaveLength(1);
    const all = await named('--all');
    expect(all).toHaveLength(2);
    expect(all.find(({ displayName }) => displayName === 'Second')?.hidden).toEqual({
      reason: 'shadowed',
      by: shown?.id,
    });
    const text = await kernelkit(['list', '--all'], { env });
    expect(text.stdout).toContain(`shadowed by ${shown?.id}`);
    expect(text.stdout).toContain('Searched');
  });

  test.each([
    ['a kernel.json that is cut off', '{"argv": ['],
    ['a kernel.json with wrong types', '{"argv": "python", "display_name": 3}'],
    [
      'a program that does not exist',
      JSON.stringify({ argv: ['/nowhere/kernel', '{connection_file}'], display_name: 'X', language: 'x' }),
    ],
  ])('%s is listed with its problem, and costs no other kernel', async (_, spec) => {
    await using user = await isolatedEnv();
    await addSpec(user, 'bad', spec);
    await addSpec(user, 'good', faultySpec());
    const { status, stdout } = await kernelkit(['list', '--json'], { env: user.env });
    expect(status).toBe(0);
    const { kernels }: Listed = JSON.parse(stdout);
    expect(kernels.find(({ name }) => name === 'bad')).toMatchObject({
      startable: false,
      problem: { kind: expect.any(String), message: expect.any(String), fix: expect.anything() },
    });
    expect(kernels.findIndex(({ name }) => name === 'good')).toBeLessThan(
      kernels.findIndex(({ name }) => name === 'bad'),
    );
    expect((await kernelkit(['list'], { env: user.env })).stdout).toMatch(
      /^bad .*\n {4}does not start: .+\n {4}fix: ./m,
    );
  });

  test('a place that cannot be searched is told on standard error, --quiet or not', async () => {
    await using user = await isolatedEnv();
    mkdirSync(`${user.home}/.local/share/jupyter`, { recursive: true });
    writeFileSync(`${user.home}/.local/share/jupyter/kernels`, 'not a directory');
    const { status, stderr, stdout } = await kernelkit(['list', '--quiet', '--json'], { env: user.env });
    expect(status).toBe(0);
    expect(stderr).toMatch(/warning: .*jupyter\/kernels could not be searched/);
    expect((JSON.parse(stdout) as Listed).searched.filter(({ error }) => error !== null)).toHaveLength(1);
  });

  test('piped, it is a plain table', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const { stdout } = await kernelkit(['list'], { env: user.env });
    expect(stdout).toMatch(/^NAME +LANGUAGE +DISPLAY NAME +ENVIRONMENT +WHERE$/m);
    expect(stdout).toMatch(/^mine +steps +Faulty +- +\/.*\/mine$/m);
    expect(stdout).not.toContain('\x1b');
  });
});

describe('explain', () => {
  test("--json is the contract's document; nothing is started", async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', { ...faultySpec({ exit: 3 }), env: { GREETING: 'hello $HOME', PATH: '/opt/x:$PATH' } });
    const { status, stdout, stderr } = await kernelkit(['explain', 'mine', '--json', '--no-scripts', '--cwd', '/'], {
      env: user.env,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const document: Record<string, unknown> = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual([
      'kernel',
      'argv',
      'cwd',
      'transport',
      'interrupt',
      'environment',
      'scripts',
      'problem',
      // an addition: what the activation came to
      'activation',
    ]);
    expect(Object.keys(document.kernel as object)).toEqual(entryFields);
    expect(document).toMatchObject({ cwd: '/', transport: 'tcp', interrupt: 'message', scripts: [], problem: null });
    const changes = document.environment as {
      name: string;
      value: string;
      was: string | null;
      source: { kind: string; detail: string };
    }[];
    expect(changes.map(({ name }) => name)).toEqual([...changes.map(({ name }) => name)].sort());
    expect(changes.find(({ name }) => name === 'GREETING')).toMatchObject({
      value: `hello ${user.home}`,
      was: null,
      source: { kind: 'kernelspec', detail: expect.stringContaining('kernel.json') },
    });
    expect(changes.find(({ name }) => name === 'PATH')).toMatchObject({
      value: `/opt/x:${user.env.PATH}`,
      was: user.env.PATH,
    });
  });

  test('a kernel that cannot be started is explained too', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'bad', { argv: ['/nowhere/kernel'], display_name: 'X', language: 'x' });
    const { status, stdout } = await kernelkit(['explain', 'bad', '--json'], { env: user.env });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ argv: ['/nowhere/kernel'], problem: { kind: expect.any(String) } });
    expect((await kernelkit(['explain', 'bad'], { env: user.env })).stdout).toMatch(/^problem +/m);
  });

  test('for people: every part has its line', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', { ...faultySpec(), env: { GREETING: 'hello' } });
    const { stdout } = await kernelkit(['explain', 'mine'], { env: user.env });
    for (const label of ['kernel', 'id', 'spec', 'argv', 'directory', 'transport', 'interrupt']) {
      expect(stdout).toMatch(new RegExp(`^${label} +\\S`, 'm'));
    }
    expect(stdout).toMatch(/^ {2}GREETING +hello +kernelspec: /m);
  });

  test('no such kernel: 3, candidates, and a JSON document that names the failure', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const { status, stdout, stderr } = await kernelkit(['explain', 'yours', '--json'], { env: user.env });
    expect(status).toBe(3);
    expect(stderr).toMatch(/mine/);
    const { error }: { error: { kind: string; candidates: { name: string }[] } } = JSON.parse(stdout);
    expect(error.kind).toBe('kernel-not-found');
    expect(error.candidates.map(({ name }) => name)).toContain('mine');
  });

  test('more than one fits: 3, and which', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine-a', faultySpec());
    await addSpec(user, 'mine-b', faultySpec());
    const { status, stderr } = await kernelkit(['explain', 'mine'], { env: user.env });
    expect(status).toBe(3);
    expect(stderr).toMatch(/mine-a[\s\S]*mine-b/);
  });

  test('several at one rung: standard error says which was taken', async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine-a', faultySpec());
    await addSpec(user, 'mine-b', faultySpec());
    const { status, stderr } = await kernelkit(['explain', 'steps'], { env: user.env });
    expect(status).toBe(0);
    expect(stderr).toMatch(/mine-a .*taken for "steps" \(one other fits: mine-b\)/);
    expect((await kernelkit(['explain', 'steps', '--quiet'], { env: user.env })).stderr).toBe('');
  });
});
