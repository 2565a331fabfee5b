import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isolatedEnv, kernel, kernelTest, tempDir } from '../../../../testing/support/index.js';
import {
  findJupyterServer,
  installPrivateServer,
  privateServerDir,
  startLocalServer,
  whereOf,
} from '../../src/index.js';
import { naming, until } from '../process/owner.js';

const program = fileURLToPath(new URL('owner.mjs', import.meta.url));
/** How pip gets to its index here. */
const pip = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(?:PIP_|SSL_|.*_proxy$)/i.test(name)));

describe('where the private environment lies', () => {
  const rows: [NodeJS.Platform, Record<string, string>, string, string][] = [
    ['linux', {}, '/h/ann', '/h/ann/.local/share/kernelkit/jupyter-server'],
    ['linux', { XDG_DATA_HOME: '/data' }, '/h/ann', '/data/kernelkit/jupyter-server'],
    ['linux', { XDG_DATA_HOME: 'relative' }, '/h/ann', '/h/ann/.local/share/kernelkit/jupyter-server'],
    ['linux', { KERNELKIT_SERVER_DIR: '/elsewhere' }, '/h/ann', '/elsewhere'],
    ['darwin', {}, '/Users/ann', '/Users/ann/Library/Application Support/kernelkit/jupyter-server'],
    ['win32', { LOCALAPPDATA: 'D:\\Local' }, 'C:\\Users\\ann', 'D:\\Local\\kernelkit\\jupyter-server'],
    ['win32', {}, 'C:\\Users\\ann', 'C:\\Users\\ann\\AppData\\Local\\kernelkit\\jupyter-server'],
  ];
  it.each(rows)('%s %o', (platform, env, home, dir) => {
    expect(privateServerDir(whereOf({ platform, env, home, cwd: home }))).toBe(dir);
  });
});

describe('an installation that fails', () => {
  it('says what was printed, and leaves nothing of it', async () => {
    await using dir = await tempDir();
    const python = await dir.write('bin/python', '#!/bin/sh\necho ensurepip is not available; exit 1\n', 0o755);
    const env = { PATH: '/nowhere', HOME: dir.path };
    const failed = installPrivateServer({ dir: dir.join('own'), python, env });
    await expect(failed).rejects.toMatchObject({
      ...{ kind: 'private-server-failed', output: 'ensurepip is not available' },
      fix: expect.stringContaining('python3-venv'),
    });
    expect(readdirSync(dir.join('own'))).toEqual([]);
  });

  it('is given up when asked to', async () => {
    await using dir = await tempDir();
    const python = await dir.write('bin/python', '#!/bin/sh\necho begun; exec sleep 1000\n', 0o755);
    const env = { PATH: '/usr/bin:/bin', HOME: dir.path };
    const controller = new AbortController();
    const given = installPrivateServer({
      ...{ dir: dir.join('own'), python, env, signal: controller.signal, onOutput: () => controller.abort() },
    });
    await expect(given).rejects.toMatchObject({ kind: 'aborted' });
    expect(readdirSync(dir.join('own'))).toEqual([]);
  });
});

kernelTest(
  'peer',
  'an installation that is killed half-way is made anew; then it is found, used, and not made again',
  async () => {
    await using user = await isolatedEnv({ extra: pip });
    const { env, home } = user;
    const dir = user.dir.join('own');
    const options = { dir, python: kernel('peer').python! };
    const child = spawn(process.execPath, [program, 'install', JSON.stringify(options)], {
      ...{ cwd: dirname(program), env: { ...env, TMPDIR: await user.dir.dir('tmp') }, stdio: 'ignore' },
    });
    const ended = once(child, 'exit');
    const begun = () => (existsSync(dir) ? readdirSync(dir).filter((name) => name.startsWith('env-')) : []);
    expect(await until(() => begun().some((name) => existsSync(join(dir, name, 'venv', 'pyvenv.cfg'))))).not.toBeNull();
    child.kill('SIGKILL');
    await ended;
    expect(await until(() => naming(dir).length === 0)).not.toBeNull();
    expect(existsSync(join(dir, 'server.json'))).toBe(false);

    const without = { env, home, cwd: home, environments: [], privateDir: dir };
    await expect(findJupyterServer({ ...without, env: { ...env, PATH: '' } })).rejects.toMatchObject({
      ...{ kind: 'jupyter-server-missing', command: null, fix: expect.stringContaining('installPrivateServer') },
    });
    const server = await installPrivateServer({ ...options, env, home });
    expect(server.package).toBe('jupyter_server');
    expect(begun()).toHaveLength(1);
    expect(await installPrivateServer({ ...options, env, home })).toEqual(server);
    const found = await findJupyterServer({ ...without, env: { ...env, PATH: '' } });
    expect(found).toEqual(server);
    await using running = await startLocalServer({ server: found, env, cwd: home });
    expect(running.version).toBe(server.version);
  },
  400_000,
);
