import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeServer } from '../../../../testing/servers/index.js';
import { isolatedEnv, kernel, kernelTest, tempDir } from '../../../../testing/support/index.js';
import { JupyterServer, startLocalServer, startServerKernel } from '../../src/index.js';
import { childrenOf } from '../../src/process/index.js';
import { until } from '../process/owner.js';
import { printed, resultText } from '../support.js';
import { foundServer, holding, LOCAL, listing, privateDirOf, runs } from './support.js';

const PYTHON = () => kernel('ipykernel').python!;

describeServer(LOCAL, ({ name }) => {
  it('serves this process alone, writes nothing where the user keeps things, and leaves nothing', async () => {
    await using user = await isolatedEnv();
    await user.dir.write('home/.jupyter/jupyter_server_config.py', 'raise SystemExit("the user\'s configuration")\n');
    await user.dir.write('home/.jupyter/jupyter_notebook_config.py', 'raise SystemExit("the user\'s configuration")\n');
    await user.dir.write('root/jupyter_server_config.py', 'raise SystemExit("what lies in the directory")\n');
    await user.dir.write('root/json.py', 'raise SystemExit("what lies in the directory")\n');
    await user.dir.write('root/sub/kept.txt', 'kept');
    const users = JSON.stringify({ argv: [PYTHON(), '-m', 'ipykernel_launcher', '-f', '{connection_file}'] });
    await user.dir.write('home/.local/share/jupyter/kernels/users/kernel.json', users);
    const root = user.dir.join('root');
    const before = listing(user.dir.path);
    const lines: string[] = [];
    const env = {
      ...user.env,
      JUPYTER_PORT: '1',
      JUPYTER_TOKEN: 'not-this-one',
      JUPYTER_GATEWAY_URL: 'http://127.0.0.1:1',
    };
    const server = await startLocalServer({
      ...{ server: foundServer(name), env, cwd: root, onOutput: (line) => lines.push(line) },
      specs: [
        {
          ...{ name: 'private', displayName: 'Private', language: 'python', interruptMode: 'signal' },
          argv: [PYTHON(), '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
          env: { FILLED: '$HOME ${HOME} $$', JUPYTER_DATA_DIR: '' },
        },
      ],
    });
    const { token, baseUrl } = server.settings;
    expect(baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(token).toHaveLength(64);
    const dir = privateDirOf(server.pid);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    const api = new JupyterServer(server.settings);
    const { kernelspecs } = await api.kernelspecs();
    expect(Object.keys(kernelspecs)).toEqual(expect.arrayContaining(['private', 'users']));

    const own = await startServerKernel(server.settings, { name: 'private', path: 'sub/notebook.ipynb' });
    const said = await own.execute('import os; print(os.getcwd(), os.environ["FILLED"], sep="\\n")');
    expect(printed(said)).toBe(`${join(root, 'sub')}\n$HOME \${HOME} $$\n`);
    const theirs = await startServerKernel(server.settings, { name: 'users' });
    const kernels = childrenOf(server.pid);
    expect(kernels).toHaveLength(2);
    expect(holding(token, 'cmdline')).toEqual([]);
    expect(holding(token, 'environ')).toEqual([]);
    expect(JSON.stringify(server.settings) + server.log + lines.join('\n')).not.toContain(token);
    expect(lines.length).toBeGreaterThan(0);

    const put = (path: string) =>
      server.settings.network.fetch(`${baseUrl}api/contents/${path}`, {
        ...{ method: 'PUT', headers: { Authorization: `token ${token}`, 'Content-Type': 'application/json' } },
        body: JSON.stringify({ type: 'file', format: 'text', content: 'written' }),
      });
    expect((await put('new.txt')).status).toBe(403);
    expect((await put('sub/kept.txt')).status).toBe(403);
    const terminals = await server.settings.network.fetch(`${baseUrl}api/terminals`, {
      ...{ method: 'POST', headers: { Authorization: `token ${token}` } },
    });
    expect(terminals.status).toBe(404);
    const stranger = await server.settings.network.fetch(`${baseUrl}api/kernels`);
    expect(stranger.status).toBe(403);

    await own.close();
    await server.close();
    await server.close();
    expect([server.pid, ...kernels].filter(runs)).toEqual([]);
    expect(existsSync(dir)).toBe(false);
    expect(
      listing(user.dir.path).filter((path) => !before.includes(path) && !/^home\/\.(?:ipython|cache)/.test(path)),
    ).toEqual([]);
    await theirs.close().catch(() => {});
  });

  it('ends a kernel that ends for nobody, and is done in a bounded time', async () => {
    await using user = await isolatedEnv();
    const server = await startLocalServer({
      server: foundServer(name),
      env: user.env,
      cwd: user.home,
      specs: [python()],
    });
    const deaf = await startServerKernel(server.settings, { name: 'mine' });
    const code =
      'import signal, os; [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)]; print(os.getpid(), flush=True)\nwhile 1: pass';
    const pid = await new Promise<number>((resolve) => {
      void (async () => {
        for await (const output of deaf.execute(code)) if ('text' in output) resolve(Number(output.text));
      })().catch(() => {});
    });
    expect(runs(pid)).toBe(true);
    await server.close();
    expect([pid, server.pid].filter(runs)).toEqual([]);
    await deaf.close().catch(() => {});
  });

  it('takes its kernels with it when it is killed', async () => {
    await using user = await isolatedEnv();
    await using server = await startLocalServer({
      ...{ server: foundServer(name), env: user.env, cwd: user.home, specs: [sleeper()] },
    });
    await new JupyterServer(server.settings).startKernel({ name: 'sleeper' });
    const kernels = childrenOf(server.pid);
    expect(kernels).toHaveLength(1);
    process.kill(server.pid, 'SIGKILL');
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await until(() => !kernels.some(runs))).not.toBeNull();
  });
});

describe('a kernel of another language', () => {
  describeServer('jupyter-server', () => {
    kernelTest('ir', 'runs through it, from where the machine keeps its kernelspec', async ({ jupyterPath }) => {
      await using user = await isolatedEnv({ jupyterPath: [jupyterPath!] });
      await using server = await startLocalServer({
        ...{ server: foundServer('jupyter-server'), env: user.env, cwd: user.home },
      });
      await using kernel = await startServerKernel(server.settings, { name: 'ir' });
      expect(resultText(await kernel.execute('6 * 7'))).toContain('42');
    });
  });
});

describe('of the owner', () => {
  describeServer('jupyter-server', () => {
    it('the working directory may be gone: it is told', async () => {
      await using dir = await tempDir();
      await using user = await isolatedEnv();
      const failed = startLocalServer({
        ...{ server: foundServer('jupyter-server'), env: user.env, cwd: dir.join('gone') },
      });
      await expect(failed).rejects.toMatchObject({
        kind: 'local-server-failed',
        message: expect.stringContaining('gone'),
      });
    });
  });
});

function python() {
  return {
    ...{ name: 'mine', displayName: 'Python', language: 'python', interruptMode: 'signal' as const, env: {} },
    argv: [PYTHON(), '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
  };
}

/** No kernel, and one that heeds nobody's end. */
function sleeper() {
  return {
    ...python(),
    name: 'sleeper',
    argv: ['/bin/sh', '-c', 'trap "" TERM INT HUP; : {connection_file}; while :; do sleep 1; done'],
  };
}
