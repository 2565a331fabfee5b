import { chmod, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeServer, jupyterServer } from '../../../testing/servers/index.js';
import { isolatedEnv } from '../../../testing/support/index.js';
import { configDirectory } from '../src/servers/config-place.js';
import { addSpec, begin, ensureBuilt, faultySpec, kernelkit } from './support.js';

beforeAll(ensureBuilt);

const TOKEN = 'a-secret-token';

test.each([
  ['linux', {}, '/h/a', '/h/a/.config/kernelkit'],
  ['linux', { XDG_CONFIG_HOME: '/x' }, '/h/a', '/x/kernelkit'],
  ['linux', { XDG_CONFIG_HOME: 'relative' }, '/h/a', '/h/a/.config/kernelkit'],
  ['darwin', {}, '/Users/a', '/Users/a/Library/Application Support/kernelkit'],
  ['win32', { APPDATA: 'C:\\Users\\a\\R' }, 'C:\\Users\\a', 'C:\\Users\\a\\R\\kernelkit'],
  ['win32', {}, 'C:\\Users\\a', 'C:\\Users\\a\\AppData\\Roaming\\kernelkit'],
  ['linux', { KERNELKIT_CONFIG_DIR: '/k' }, '/h/a', '/k'],
] as const)('the directory on %s with %j', (platform, env, home, expected) => {
  expect(configDirectory(platform, env, home)).toBe(expected);
});

describe('kernelkit server', () => {
  test('a token of the URL, of standard input, of none; apart, and for its owner only', async () => {
    await using user = await isolatedEnv();
    const { env } = user;
    const dir = join(env.XDG_CONFIG_HOME!, 'kernelkit');
    const added = await kernelkit(['server', 'add', 'lab', `http://h:8888/lab?token=${TOKEN}`], { env });
    expect([added.status, added.stdout, added.stderr.includes(TOKEN)]).toEqual([0, '', false]);
    const input = await kernelkit(['server', 'add', 'gpu', 'https://g/x/', '--token-stdin'], {
      env,
      input: 'other-1\n',
    });
    expect(input.status).toBe(0);
    const [servers, tokens] = await Promise.all(
      ['servers.json', 'tokens.json'].map((name) => readFile(join(dir, name), 'utf8')),
    );
    expect(JSON.parse(servers!).servers).toEqual({
      lab: { url: 'http://h:8888/', token: 'file' },
      gpu: { url: 'https://g/x/', token: 'file' },
    });
    expect(JSON.parse(tokens!).tokens).toEqual({ lab: TOKEN, gpu: 'other-1' });
    expect((await stat(join(dir, 'tokens.json'))).mode & 0o777).toBe(0o600);
    expect((await kernelkit(['server', 'add', 'lab', 'http://h'], { env })).status).toBe(2);
    const listed = await kernelkit(['server', 'list', '--json'], { env });
    expect(JSON.parse(listed.stdout).servers).toHaveLength(2);
    expect((await kernelkit(['server', 'remove', 'lab'], { env })).status).toBe(0);
    expect(await readFile(join(dir, 'tokens.json'), 'utf8')).not.toContain(TOKEN);
    expect((await kernelkit(['server', 'remove', 'lab'], { env })).status).toBe(2);

    await chmod(join(dir, 'tokens.json'), 0o644);
    const open = await kernelkit(['list', '--json', '--server', 'gpu'], { env });
    expect([open.status, JSON.parse(open.stdout).error]).toEqual([
      8,
      expect.objectContaining({ kind: 'servers-file', fix: expect.stringContaining('chmod 600') }),
    ]);
  });

  test('a file that cannot be read is left as it is', async () => {
    await using user = await isolatedEnv();
    for (const text of [
      '{"version": 1, "servers": {',
      '{"version": 9, "servers": {}}',
      '{"version": 1, "servers": {"a": 1}}',
    ]) {
      const path = await user.dir.write('home/.config/kernelkit/servers.json', text);
      for (const args of [['add', 'b', 'http://h'], ['list'], ['remove', 'a']]) {
        expect((await kernelkit(['server', ...args], { env: user.env })).status).toBe(8);
      }
      expect(await readFile(path, 'utf8')).toBe(text);
    }
  });

  test.skipIf(process.platform !== 'linux')('where secret-tool works the token is there, and in no argv', async () => {
    await using user = await isolatedEnv();
    const store = user.dir.join('stored');
    const script = `#!/bin/sh
echo "$@" >> ${user.dir.join('argv')}
case "$1" in
  store) cat > ${store} ;;
  lookup) cat ${store} ;;
  clear) rm ${store} ;;
esac
`;
    await user.dir.write('bin/secret-tool', script, 0o755);
    const env = {
      ...user.env,
      PATH: `${user.dir.join('bin')}:${user.env.PATH}`,
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x',
    };
    expect((await kernelkit(['server', 'add', 'lab', `http://h/?token=${TOKEN}`], { env })).status).toBe(0);
    expect(await readFile(store, 'utf8')).toBe(TOKEN);
    expect(await readFile(user.dir.join('argv'), 'utf8')).not.toContain(TOKEN);
    const dir = join(user.env.XDG_CONFIG_HOME!, 'kernelkit');
    expect(await readFile(join(dir, 'servers.json'), 'utf8')).not.toContain(TOKEN);
    await expect(stat(join(dir, 'tokens.json'))).rejects.toThrow('ENOENT');
    expect((await kernelkit(['server', 'remove', 'lab'], { env })).status).toBe(0);
    await expect(stat(store)).rejects.toThrow('ENOENT');
  });
});

describeServer('jupyter-server', () => {
  test('a name stands for the server and its token', async () => {
    await using server = await jupyterServer();
    await using user = await isolatedEnv();
    const { env } = user;
    await kernelkit(['server', 'add', 'lab', `${server.url}?token=${server.token}`], { env });
    expect((await kernelkit(['exec', '--server', 'lab', '-k', 'python3', '6 * 7'], { env })).stdout).toBe('42\n');
    const checked = await kernelkit(['server', 'check', 'lab', '--json'], { env });
    expect([checked.status, JSON.parse(checked.stdout).verdict]).toEqual([0, 'ok']);
    const doctor = await kernelkit(['doctor', 'python3', '--server', 'lab', '--json'], { env });
    expect([doctor.status, JSON.parse(doctor.stdout).steps[0].name]).toEqual([0, 'server']);
  });
});

test('no kernel of this machine gets the token, and explain does not show it', async () => {
  await using user = await isolatedEnv();
  await addSpec(user, 'shows', {
    argv: ['/bin/sh', '-c', 'env >&2; exit 1', '{connection_file}'],
    display_name: 'S',
    language: 's',
  });
  const env = { ...user.env, KERNELKIT_TOKEN: TOKEN, KERNELKIT_PASSWORD: 'a-secret-word' };
  const ran = await kernelkit(['exec', '--verbose', '-k', 'shows', 'x'], { env });
  expect(ran.status).toBe(4);
  expect(ran.stderr).toContain('PATH=');
  expect(ran.stderr).not.toMatch(/KERNELKIT_(TOKEN|PASSWORD)|a-secret/);
  const { stdout } = await kernelkit(['explain', '--json', 'shows'], { env });
  expect(stdout).not.toMatch(/KERNELKIT_(TOKEN|PASSWORD)|a-secret/);
});

test.skipIf(process.platform !== 'linux')('without a server nothing of undici and ws is loaded', async () => {
  await using user = await isolatedEnv();
  await addSpec(user, 'mine', faultySpec());
  for (const [args, isLoaded] of [
    [['list'], false],
    [['list', '--server', 'http://127.0.0.1:1'], true],
  ] as const) {
    // Node itself tells which modules it loads
    await using running = begin([...args], { env: { ...user.env, NODE_DEBUG: 'esm' } });
    const { stderr } = await running.ended;
    expect(stderr).toMatch(/chunks\/list-/);
    expect(/chunks\/(undici|wrapper)-/.test(stderr)).toBe(isLoaded);
  }
});
