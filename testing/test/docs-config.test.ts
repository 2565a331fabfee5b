/** What pages show for other programs (a pipeline, systemd, Jupyter), as far as it can be tried without them. */
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ensureBuilt, Running } from '../../packages/cli/test/support.js';
import { allBlocks, root } from '../docs/blocks.js';
import { runSteps } from '../docs/examples.js';
import { reader } from '../docs/reader.js';
import { describeServer, freePort, jupyterServer, pythonOf } from '../servers/index.js';

beforeAll(ensureBuilt);

const shown = (page: string, language: string) =>
  allBlocks().find(({ file, language: its }) => file === page && its === language)!.code;

test('the pipeline of docs/tutorials/ci.md runs notebooks, and compares them', async () => {
  await using user = await reader();
  const env = { ...user.env, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: user.home };
  const bash = (line: string) =>
    new Running('bash', ['-e', '-o', 'pipefail', '-c', line], { env, cwd: user.home, input: '' }).ended;
  await mkdir(join(user.home, 'notebooks'));
  await rename(join(user.home, 'report.ipynb'), join(user.home, 'notebooks/report.ipynb'));
  expect(await bash('kernelkit run notebooks/report.ipynb --inplace -k .venv')).toMatchObject({ status: 0 });
  const workflow = await user.dir.write('notebooks.yml', shown('docs/tutorials/ci.md', 'yaml'));
  const step = [...(await runSteps(workflow)).values()].find((line) => line.startsWith('npx kernelkit run '));
  expect(await bash(step!)).toMatchObject({ status: 0 });
  const { stdout } = await bash('cat junit.xml');
  expect(stdout).toMatch(/<testsuites[^>]* failures="0"/);
});

test('the unit of docs/gateway.md starts a gateway, which ends as the unit expects', async () => {
  await using user = await reader();
  const unit = shown('docs/gateway.md', 'ini');
  const values = (name: string) =>
    [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value!.replaceAll('%h', user.home));
  const environment = values('Environment').flatMap((line) => line.split(' ').map((pair) => pair.split('=')));
  const [file, ...args] = values('ExecStart')[0]!.split(' ');
  const env = { ...user.env, ...Object.fromEntries(environment) };
  for (const dir of ['notebooks', '.config/kernelkit']) await mkdir(join(user.home, dir), { recursive: true });
  await writeFile(env.KERNELKIT_SERVE_TOKEN_FILE, 'of-the-unit\n');
  await chmod(env.KERNELKIT_SERVE_TOKEN_FILE, 0o600);
  expect(env.KERNELKIT_SERVE_PORT).toBe('9000');
  env.KERNELKIT_SERVE_PORT = String(await freePort());
  await using served = new Running(file!, args, { env, cwd: user.home, input: null });
  const [url] = await served.until('stdout', /^http.*$/m);
  const headers = { Authorization: 'token of-the-unit' };
  expect(await (await fetch(`${url}api/kernels`, { headers })).json()).toEqual([]);
  served.child.kill('SIGTERM');
  expect(String((await served.ended).status)).toBe(values('SuccessExitStatus')[0]);
  expect(JSON.parse(served.stderr.split('\n')[0]!)).toHaveProperty('event');
});

/** What a file of Jupyter's configuration sets, as JSON. */
const EVALUATE = `
import json, sys
class Section(dict):
    def __getattr__(self, name):
        return self.setdefault(name, Section())
    __setattr__ = dict.__setitem__
c = Section()
exec(sys.stdin.read())
print(json.dumps(c))
`;

describeServer('jupyter-server', () => {
  test('the configuration of docs/servers.md lets a page of that origin read answers, refusals too', async () => {
    await using python = new Running(pythonOf('jupyter-server'), ['-c', EVALUATE], {
      ...{ env: {}, cwd: root, input: shown('docs/servers.md', 'python') },
    });
    await using server = await jupyterServer({ config: JSON.parse((await python.ended).stdout) });
    const Origin = 'https://app.example.org';
    for (const [path, status] of [
      ['api', 200],
      ['api/kernels', 403],
    ] as const) {
      const answer = await fetch(`${server.url}${path}`, { headers: { Origin } });
      expect([answer.status, answer.headers.get('Access-Control-Allow-Origin')]).toEqual([status, Origin]);
    }
  });
});
