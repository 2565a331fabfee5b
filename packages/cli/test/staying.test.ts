import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeKernelspecs } from '../../../testing/servers/index.js';
import {
  describeKernel,
  type IsolatedEnv,
  isolatedEnv,
  type KernelName,
  kernel,
} from '../../../testing/support/index.js';
import {
  addSpec,
  alive,
  begin,
  ensureBuilt,
  faultySpec,
  jsonLines,
  kernelkit,
  notebookOf,
  type Ran,
} from './support.js';

beforeAll(ensureBuilt);

interface Staying extends AsyncDisposable {
  user: IsolatedEnv;
  env: Record<string, string>;
  /** The directory that the gateway's files lie in. */
  place: string;
  socket: string;
  run(args: readonly string[], more?: { env?: Record<string, string>; cwd?: string }): Promise<Ran>;
  /** Starts a kernel that stays; its id. */
  start(args: readonly string[], more?: { env?: Record<string, string>; cwd?: string }): Promise<string>;
  /** The gateway's process, as its log has it. */
  pid(): Promise<number>;
  /** Waits until the gateway has gone, with its socket and its log. */
  gone(): Promise<void>;
}

/** A user whose kernels stay in a place of their own; at the end of the scope none of them is left. */
async function staying(names: readonly KernelName[] = []): Promise<Staying> {
  const user = await isolatedEnv();
  await writeKernelspecs(user, names);
  const runtime = await user.dir.dir('run');
  await chmod(runtime, 0o700);
  const env = { ...user.env, XDG_RUNTIME_DIR: runtime };
  const place = `${runtime}/kernelkit`;
  const socket = `${place}/gateway.sock`;
  const run: Staying['run'] = (args, more = {}) =>
    kernelkit(args, { env: { ...env, ...more.env }, ...(more.cwd !== undefined && { cwd: more.cwd }) });
  const gone = () =>
    until(async () => !(await isThere(socket)) && !(await isThere(`${place}/gateway.log`)), 'it to go');
  return {
    ...{ user, env, place, socket, run, gone },
    async start(args, more) {
      const ran = await run(['start', ...args], more);
      expect(ran).toMatchObject({ status: 0, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) });
      return ran.stdout.trim();
    },
    pid: async () => Number(/process (\d+)/.exec(await readFile(`${place}/gateway.log`, 'utf8'))?.[1]),
    async [Symbol.asyncDispose]() {
      await run(['stop', '--all']);
      await gone().catch(() => {});
      await user[Symbol.asyncDispose]();
    },
  };
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 20_000; !(await holds()); await delay(20)) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
  }
}

const idsOf = ({ stdout }: Ran): string[] => JSON.parse(stdout).kernels.map(({ id }: { id: string }) => id);

describeKernel('ipykernel', () => {
  test('a kernel stays from start to stop, for as many commands as come', async () => {
    await using it = await staying(['ipykernel']);
    const none = await it.run(['ps']);
    expect(none).toMatchObject({ status: 0, stdout: '', stderr: expect.stringContaining('No kernel') });
    expect(await isThere(it.place)).toBe(false);

    const id = await it.start(['-k', 'python3']);
    expect([(await stat(it.place)).mode & 0o777, (await stat(it.socket)).mode & 0o777]).toEqual([0o700, 0o600]);
    expect((await it.run(['exec', '-k', id, 'x = 41; x'])).stdout).toBe('41\n');
    expect(await it.run(['exec', '-k', id.slice(0, 8), 'x + 1'])).toMatchObject({ status: 0, stdout: '42\n' });
    const notebook = await it.user.dir.write('n.ipynb', notebookOf(['y = x + 2', 'y']));
    const ran = await it.run(['run', '-k', id, '--stdout', notebook]);
    expect([ran.status, JSON.parse(ran.stdout).cells[1].outputs[0].data['text/plain']]).toEqual([0, ['43']]);
    const listed = JSON.parse((await it.run(['ps', '--json'])).stdout).kernels;
    expect(listed).toEqual([
      expect.objectContaining({
        ...{ id, name: 'python3', language: 'python', state: 'idle', connections: 0, cwd: it.user.home },
        server: { url: `unix:${it.socket}` },
        log: { first: 1, last: expect.any(Number), bytes: expect.any(Number) },
      }),
    ]);
    expect((await it.run(['__complete', 'stop', id.slice(0, 4)])).stdout).toMatch(
      new RegExp(`^${id}\\t.*\\n:none\\n$`),
    );
    // for what knows nothing of the gateway: jupyter console --existing
    expect((await it.run(['exec', '--existing', listed[0].connectionFile, 'y'])).stdout).toBe('43\n');

    // busy, and nobody there any more who asked for it
    const code = 'import time\ntry:\n  print("in", flush=True); time.sleep(100)\nexcept KeyboardInterrupt: z = "told"';
    {
      await using asking = begin(['exec', '-k', id, code], { env: it.env });
      await asking.until('stdout', /in\n/);
      asking.child.kill('SIGKILL');
      await asking.ended;
    }
    expect((await it.run(['ps'])).stdout).toMatch(new RegExp(`^${id} .* busy`, 'm'));
    expect((await it.run(['interrupt', id.slice(0, 8)])).status).toBe(0);
    expect((await it.run(['exec', '-k', id, 'z'])).stdout).toBe("'told'\n");
    expect((await it.run(['restart', id])).status).toBe(0);
    expect(await it.run(['exec', '-k', id, 'x'])).toMatchObject({ status: 1 });

    const killed = await it.run(['exec', '-k', id, 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)']);
    expect(killed).toMatchObject({ status: 5, stderr: expect.stringContaining('SIGKILL') });
    expect(killed.stderr).not.toContain('What to do');
    for (const args of [
      ['exec', '-k', id, '1'],
      ['interrupt', id],
    ]) {
      const dead = await it.run(args);
      expect(dead).toMatchObject({ status: 5, stderr: expect.stringContaining(`kernelkit restart ${id}`) });
      expect(dead.stderr).not.toMatch(/What to do|localhost/);
    }
    expect((await it.run(['restart', id])).status).toBe(0);
    expect((await it.run(['exec', '-k', id, '6 * 7'])).stdout).toBe('42\n');

    const pid = await it.pid();
    // what clears up after others leaves it alone
    const { steps } = JSON.parse((await it.run(['doctor', '--json'])).stdout);
    const journal = steps.find(({ name }: { name: string }) => name === 'journal');
    expect(journal).toMatchObject({ status: 'ok', details: [expect.stringContaining(id)] });
    expect(idsOf(await it.run(['ps', '--json']))).toEqual([id]);
    expect(await it.run(['stop', id])).toMatchObject({ status: 0 });
    await it.gone();
    await until(() => !alive(pid), 'its process to end');
    expect(await isThere(it.place)).toBe(false);
    expect((await it.run(['exec', '-k', id, '1'])).status).toBe(3);
  });

  test('code that waits behind what another client runs is not told to be interrupted: it runs when its turn comes', async () => {
    await using it = await staying(['ipykernel']);
    const id = await it.start(['-k', 'python3']);
    const code = 'import os, time\nran = []\nprint("in", flush=True)\nwhile not os.path.exists("go"): time.sleep(0.05)';
    await using first = begin(['exec', '-k', id, code], { env: it.env });
    await first.until('stdout', /in\n/);
    const late = await it.run(['exec', '-k', id, '--timeout', '0.5', 'ran.append("late")']);
    expect(late).toMatchObject({ status: 6, stderr: expect.stringMatching(/0\.5 s .*has not begun, and will run/) });
    await using left = begin(['exec', '-k', id, 'ran.append("left")'], { env: it.env });
    await left.until('stderr', /the kernel is busy/);
    left.child.kill('SIGINT');
    expect(await left.ended).toMatchObject({ status: 130, stderr: expect.stringContaining('has not begun') });
    await writeFile(`${it.user.home}/go`, '');
    expect(await first.ended).toMatchObject({ status: 0 });
    expect((await it.run(['exec', '-k', id, 'print(ran)'])).stdout).toBe("['late', 'left']\n");
  });

  test("a kernel is its client's: variables, directory, environments nearby; also after a restart", async () => {
    await using it = await staying();
    const python = kernel('ipykernel').python!;
    const project = async (name: string) => {
      const venv = `${name}/.venv`;
      await it.user.dir.write(`${venv}/pyvenv.cfg`, 'home = /usr/bin\nversion = 3.11.2\n');
      await it.user.dir.write(`${venv}/bin/python`, `#!/bin/sh\nexec ${python} "$@"\n`);
      await chmod(it.user.dir.join(`${venv}/bin/python`), 0o755);
      const site = `${venv}/lib/python3.11/site-packages`;
      await it.user.dir.write(`${site}/ipykernel_launcher.py`, '');
      await it.user.dir.write(`${site}/ipykernel/__init__.py`, '');
      await it.user.dir.write(
        `${site}/ipykernel-7.0.0.dist-info/METADATA`,
        'Metadata-Version: 2.1\nName: ipykernel\nVersion: 7.0.0\n',
      );
      const cwd = it.user.dir.join(name);
      return { cwd, id: await it.start(['-k', '.venv'], { cwd, env: { WHOSE: name, KERNELKIT_TOKEN: 'a-secret' } }) };
    };
    const [a, b] = [await project('a'), await project('b')];
    const code =
      'import os; print(os.environ["WHOSE"], os.environ["VIRTUAL_ENV"], os.getcwd(), "KERNELKIT_TOKEN" in os.environ)';
    const seen = async (id: string) => (await it.run(['exec', '-k', id, code], { env: { WHOSE: 'nobody' } })).stdout;
    expect(await seen(a.id)).toBe(`a ${a.cwd}/.venv ${a.cwd} False\n`);
    await it.run(['restart', b.id], { env: { WHOSE: 'nobody' } });
    expect(await seen(b.id)).toBe(`b ${b.cwd}/.venv ${b.cwd} False\n`);
  });

  test('a kernel that does not start is told as it always is, and leaves nothing', async () => {
    await using it = await staying(['ipykernel']);
    const argv = [kernel('ipykernel').python, '-m', 'no_such_kernel', '-f', '{connection_file}'];
    await addSpec(it.user, 'broken', { argv, display_name: 'Broken', language: 'python' });
    const failed = await it.run(['start', '--json', '-k', 'broken']);
    expect(failed.status).toBe(4);
    expect(JSON.parse(failed.stdout).error).toMatchObject({
      ...{ kind: 'kernel-package-missing', argv: expect.arrayContaining(['no_such_kernel']) },
      stderr: expect.stringContaining('no_such_kernel'),
    });
    await it.gone();
  });
});

test.skipIf(process.platform !== 'linux')(
  'ten starts at once on what a killed gateway left: one gateway and ten kernels; its own have ended',
  async () => {
    await using it = await staying();
    await addSpec(it.user, 'mine', faultySpec());
    await it.start(['-k', 'mine']);
    const killed = await it.pid();
    const { entries } = JSON.parse((await it.run(['doctor', '--json'])).stdout).steps.reduce(
      (found: { entries: string[] }, step: { name: string; details: string[] }) =>
        step.name === 'journal' ? { entries: step.details } : found,
      { entries: [] },
    );
    const orphan = Number(/process (\d+)/.exec(entries[0])![1]);
    process.kill(killed, 'SIGKILL');
    await until(() => !alive(orphan), 'its kernel to end');
    expect(await isThere(it.socket)).toBe(true);

    const ids = await Promise.all(Array.from({ length: 10 }, () => it.start(['-k', 'mine'])));
    const pid = await it.pid();
    expect(pid).not.toBe(killed);
    expect(idsOf(await it.run(['ps', '--json'])).sort()).toEqual([...ids].sort());
    // one after the other ends while another one comes: none is lost, whichever gateway takes it
    const [ended, next] = await Promise.all([it.run(['stop', '--all', '--json']), it.run(['start', '-k', 'mine'])]);
    // the other one may end it before it is up
    expect([ended.status, next.status]).toEqual([0, next.status === 5 ? 5 : 0]);
    const left = idsOf(await it.run(['ps', '--json']));
    const stopped: string[] = JSON.parse(ended.stdout).stopped;
    expect(new Set([...left, ...stopped]).size).toBe(11);
    if (next.status === 0) expect([...left, ...stopped].sort()).toEqual([...ids, next.stdout.trim()].sort());
    else expect(left).toEqual([]);
  },
  90_000,
);

describe('where it is', () => {
  test('a directory that others can reach into is refused, with what to do', async () => {
    await using it = await staying();
    await addSpec(it.user, 'mine', faultySpec());
    await mkdir(it.place, { mode: 0o755 });
    const open = await it.run(['start', '-k', 'mine']);
    expect(open).toMatchObject({ status: 7, stderr: expect.stringContaining(`chmod 700 ${it.place}`) });
    expect((await it.run(['ps'])).status).toBe(7);
    const link = it.user.dir.join('link');
    await symlink(await it.user.dir.dir('elsewhere'), link);
    const linked = await it.run(['start', '-k', 'mine'], { env: { KERNELKIT_GATEWAY_SOCKET: `${link}/x.sock` } });
    expect(linked).toMatchObject({ status: 7, stderr: expect.stringContaining('a link') });
    const long = await it.run(['ps', '--json'], { env: { KERNELKIT_GATEWAY_SOCKET: `/tmp/${'x'.repeat(120)}` } });
    expect([long.status, JSON.parse(long.stdout).error.kind]).toEqual([7, 'background-place']);
    await chmod(it.place, 0o700);

    // one of one's own choice, by a path from here
    const here = await it.user.dir.dir('here');
    await chmod(here, 0o700);
    const named = { cwd: here, env: { KERNELKIT_GATEWAY_SOCKET: 'own.sock' } };
    const id = await it.start(['-k', 'mine'], named);
    expect([idsOf(await it.run(['ps', '--json'], named)), idsOf(await it.run(['ps', '--json']))]).toEqual([[id], []]);
    await it.run(['stop', id], named);
    await until(async () => !(await isThere(`${here}/own.log`)), 'the gateway to go');
  });

  test('what is no gateway of ours there, and one of another release', async () => {
    await using it = await staying();
    await addSpec(it.user, 'mine', faultySpec());
    await mkdir(it.place, { mode: 0o700 });
    let said: object = { version: '2.0.0' };
    const other = createServer(({ url }, response) => {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(url === '/api' ? said : []));
    }).listen(it.socket);
    try {
      expect(await it.run(['ps'])).toMatchObject({ status: 7, stderr: expect.stringContaining('is not kernelkit') });
      said = { version: '2.17.0', kernelkit: '9.9.9' };
      expect(await it.run(['ps'])).toMatchObject({ status: 0, stderr: expect.stringContaining('is kernelkit 9.9.9') });
    } finally {
      await new Promise((done) => other.close(done));
    }
    // a file of somebody's that is no socket: the gateway says why it cannot start, and its client tells it
    await it.user.dir.write('run/kernelkit/gateway.sock', 'mine');
    await chmod(it.socket, 0o600);
    const taken = await it.run(['start', '--json', '-k', 'mine']);
    expect([taken.status, jsonLines(taken.stdout)[0]]).toEqual([
      7,
      { error: expect.objectContaining({ kind: 'background-failed', message: expect.stringContaining(it.socket) }) },
    ]);
    expect(await readFile(it.socket, 'utf8')).toBe('mine');
    await rm(it.place, { recursive: true });
  });
});
