import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeServer, type RunningJupyter } from '../../../../testing/servers/index.js';
import { isolatedEnv } from '../../../../testing/support/index.js';
import {
  catalog,
  isServerEntry,
  JupyterServer,
  listServer,
  type Network,
  planServer,
  type ServerEntry,
  type ServerSettings,
  type StartNotice,
  start,
  toJson,
} from '../../src/index.js';
import { network, settingsOf, unlimitedServer } from '../jupyter/kernel-support.js';
import { entryOf, printed, resultText } from '../support.js';

/** Notes every request, as `METHOD URL BODY`. */
function noting(asked: { method: string; url: string; body: unknown }[]): Network {
  return {
    ...network,
    fetch(input, init) {
      const { method = 'GET', body } = init ?? {};
      asked.push({ method, url: input, body: typeof body === 'string' ? JSON.parse(body) : null });
      return network.fetch(input, init);
    },
  };
}

describeServer('jupyter-server', () => {
  let server: RunningJupyter;
  let settings: ServerSettings;
  let rest: JupyterServer;

  beforeAll(async () => {
    server = await unlimitedServer();
    settings = settingsOf(server);
    rest = new JupyterServer(settings);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  const entries = async (by = settings): Promise<ServerEntry[]> => (await listServer(by)).entries;
  const python = async (by = settings): Promise<ServerEntry> =>
    (await entries(by)).find(({ source, name }) => source === 'server' && name === 'python3')!;
  const runningEntry = async (id: string): Promise<ServerEntry> =>
    (await entries()).find(({ remote }) => remote.kernelId === id)!;

  describe('start', () => {
    test('an entry to be started: close ends it and its session', async () => {
      const kernel = await start(await python(), { server: { path: 'a.ipynb', type: 'notebook' }, sessionName: 'A' });
      expect(resultText(await kernel.execute('6 * 7'))).toBe('42');
      const [session] = (await rest.sessions()).filter((each) => each.kernel?.id === kernel.id);
      expect(session).toMatchObject({ path: 'a.ipynb', type: 'notebook', name: 'A' });
      await kernel.close();
      expect(await rest.kernel(kernel.id)).toBeNull();
      expect(await rest.session(session!.id)).toBeNull();
    });

    test('an entry that runs: it is joined, and goes on', async () => {
      await using owner = await start(await python());
      await owner.execute('kept = 5');
      const entry = await runningEntry(owner.id);
      expect(entry.source).toBe('running');
      const guest = await start(entry);
      expect(guest.id).toBe(owner.id);
      expect(resultText(await guest.execute('kept'))).toBe('5');
      await guest.close();
      expect(resultText(await owner.execute('kept'))).toBe('5');
    });

    test('names: of the server where this machine has none, a kernel that runs there only by its id', async () => {
      await using home = await isolatedEnv();
      const options = { env: home.env, cwd: home.dir.path, servers: [settings] };
      await using owner = await start(await python());
      // the machine's own Python may be a kernel, too: then that one comes first, and is another test's
      const fresh = await start((await python()).id, options);
      expect(fresh.id).not.toBe(owner.id);
      await fresh.close();
      const joined = await start(owner.id, options);
      expect(joined.id).toBe(owner.id);
      await joined.close();
      const byEntry = await start((await runningEntry(owner.id)).id, options);
      expect(byEntry.id).toBe(owner.id);
      await byEntry.close();
      await expect(start('nobody-has-this', options)).rejects.toMatchObject({ kind: 'kernel-not-found' });
    });
  });

  describe('a path that has a session already', () => {
    test('its kernel is joined, told, and not ended, whatever runs there', async () => {
      const session = await rest.createSession({ path: 'used.ipynb', type: 'notebook', name: 'mine' });
      await using owner = await start(await runningEntry(session.kernel!.id));
      const running = owner.execute('import time\nprint("in", flush=True)\ntime.sleep(2)\nprint("done")');
      for await (const _ of running) break;
      const notices: StartNotice[] = [];
      const guest = await start(await python(), {
        server: { path: 'used.ipynb', type: 'notebook' },
        onServerNotice: (notice) => notices.push(notice),
      });
      expect(guest.id).toBe(owner.id);
      expect(notices).toEqual([{ kind: 'session-joined', message: expect.stringContaining('used.ipynb') }]);
      await guest.close();
      expect(printed(await running)).toBe('in\ndone\n');
      expect(await rest.session(session.id)).toMatchObject({ name: 'mine' });
      await rest.deleteSession(session.id);
    });

    test('two at the same time: one starts it, and only that one ends it', async () => {
      const entry = await python();
      const notices: string[] = [];
      const options = {
        server: { path: 'race.ipynb' },
        onServerNotice: ({ kind }: StartNotice) => void notices.push(kind),
      };
      const kernels = await Promise.all([start(entry, options), start(entry, options), start(entry, options)]);
      const ids = new Set(kernels.map(({ id }) => id));
      // the server may give two of them kernels of their own, when both ask before it has written the first down
      expect(notices).toHaveLength(kernels.length - ids.size);
      for (const kernel of kernels) await kernel.close();
      for (const id of ids) expect(await rest.kernel(id)).toBeNull();
      expect((await rest.sessions()).filter(({ path }) => path === 'race.ipynb')).toEqual([]);
    });

    test('a kernel of another kernelspec is none to give out as the one that was asked for', async () => {
      const session = await rest.createSession({ path: 'other.ipynb', type: 'notebook', kernel: { name: 'python3' } });
      const entry = await python();
      await expect(start({ ...entry, name: 'ir' }, { server: { path: 'other.ipynb' } })).rejects.toMatchObject({
        kind: 'session-taken',
        kernelId: session.kernel!.id,
      });
      expect(await rest.session(session.id)).not.toBeNull();
      await rest.deleteSession(session.id);
    });
  });

  describe('what a server cannot heed', () => {
    test.each([
      ['overrides', { overrides: { A: 'secret-value' } }],
      ['dotenv', { dotenv: true as const }],
      ['transport', { transport: 'ipc' as const }],
      ['mode', { mode: 'raw' as const }],
    ])('%s is refused before anything is asked', async (option, options) => {
      const asked: never[] = [];
      const entry = await python();
      const remote = { ...entry.remote, settings: settingsOf(server, noting(asked)) };
      const failed = await start({ ...entry, remote } as ServerEntry, options).catch((error: Error) => error);
      expect(failed).toMatchObject({ kind: 'server-option', option, fix: expect.any(String) });
      expect(JSON.stringify(failed) + String(failed)).not.toContain('secret-value');
      expect(() => planServer(entry, options)).toThrow(expect.objectContaining({ kind: 'server-option' }));
      expect(asked).toEqual([]);
    });

    test('the rest is told', async () => {
      const notices: StartNotice[] = [];
      const options = { cwd: '/elsewhere', autoRestart: true, activate: {} };
      await using _ = await start(await python(), { ...options, onServerNotice: (notice) => notices.push(notice) });
      expect(notices.map(({ kind, message }) => `${kind}: ${message.split(' ')[0]}`)).toEqual([
        'option-unheeded: cwd',
        'option-unheeded: activate',
        'option-unheeded: autoRestart',
      ]);
    });
  });

  describe('planServer', () => {
    test.each([
      ['plain', {}],
      ['with a path', { server: { path: 'sub/plan.ipynb', type: 'notebook' } }],
      ['without a session', { server: { withoutSession: true } }],
      ['not owned', { server: { withoutSession: true, owned: false } }],
    ])('says what is then asked: %s', async (_what, options) => {
      const asked: { method: string; url: string; body: unknown }[] = [];
      const by = settingsOf(server, noting(asked));
      const entry = await python(by);
      const plan = planServer(entry, options);
      expect(plan).toMatchObject({ transport: 'server', argv: [], problem: null });
      expect(plan.spec!.argv).toContain('ipykernel_launcher');
      expect(inspect(plan, { depth: 9 }) + JSON.stringify(plan)).not.toContain(server.token);
      asked.length = 0;
      const kernel = await start(entry, options);
      const { id } = kernel;
      const session = (await rest.sessions()).find((each) => each.kernel?.id === id)?.id ?? 'none';
      await kernel.close();
      const general = (text: string) =>
        text
          .replaceAll(id, '{kernel}')
          .replaceAll(session, '{session}')
          .replace(/kernelkit-[0-9a-f-]{36}/g, 'kernelkit-{uuid}');
      // where the kernel takes long, it is looked after again and again
      const once = asked.filter(({ method, url }, at) => method !== 'GET' || url !== asked[at - 1]?.url);
      expect(JSON.parse(general(JSON.stringify(once)))).toEqual(plan.requests);
      if (await rest.kernel(id)) await rest.deleteKernel(id);
    });

    test('of a kernel that runs', async () => {
      await using owner = await start(await python());
      const plan = planServer(await runningEntry(owner.id));
      expect(plan).toMatchObject({
        requests: [{ method: 'GET', url: `${server.url}api/kernels/${owner.id}`, body: null }],
        webSocket: `${server.url.replace('http', 'ws')}api/kernels/${owner.id}/channels`,
        owned: false,
      });
    });
  });

  test('an entry shows no secret, and says as JSON what its contract says; a copy that the catalog makes is still a server entry', async () => {
    await using home = await isolatedEnv();
    const handMade = { ...settings, headers: { Cookie: 'sid=very-secret-value' } };
    const { serverSource } = await import('../../src/index.js');
    const sources = [serverSource(handMade)];
    const found = await catalog({ env: home.env, cwd: home.dir.path, home: home.dir.path, sources, cache: false });
    const own = found.kernels.filter(isServerEntry);
    expect(own.length).toBeGreaterThan(0);
    for (const entry of own) {
      expect(entry.remote.settings.token).toBe(server.token);
      const shown = inspect(entry, { depth: 9 }) + JSON.stringify(entry) + JSON.stringify(toJson(entry)) + entry.id;
      expect(shown).not.toContain(server.token);
      expect(shown).not.toContain('very-secret-value');
      expect(toJson(entry)).not.toHaveProperty('remote');
    }
    expect(isServerEntry(entryOf({ argv: ['x'] }))).toBe(false);
  });
});
