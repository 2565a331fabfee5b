import { expect, it } from 'vitest';
import { describeServer, pythonOf } from '../../../../testing/servers/index.js';
import { isolatedEnv, type TempDir } from '../../../../testing/support/index.js';
import { type Environment, findEnvironments, findJupyterServer } from '../../src/index.js';
import { foundServer } from './support.js';

/** A virtual environment as files describe it. */
async function venv(dir: TempDir, at: string, packages: readonly string[]): Promise<string> {
  const python = await dir.write(`${at}/bin/python`, '#!/bin/sh\n', 0o755);
  await dir.write(`${at}/pyvenv.cfg`, 'home = /usr/bin\nversion = 3.11.2\n');
  await dir.dir(`${at}/lib/python3.11/site-packages/pip`);
  for (const each of packages) await dir.dir(`${at}/lib/python3.11/site-packages/${each}.dist-info`);
  return python;
}

async function found(env: Record<string, string>, cwd: string): Promise<Environment[]> {
  const all: Environment[] = [];
  for await (const finding of findEnvironments({ env, cwd, ask: false })) {
    if (finding.type === 'environment') all.push(finding.environment);
  }
  return all;
}

it('the nearest project wins over the activated environment, that over what is newest; a notebook of old will do', async () => {
  await using user = await isolatedEnv();
  const { dir, home } = user;
  const project = await venv(dir, 'home/project/.venv', ['notebook-6.5.7']);
  const active = await venv(dir, 'home/active', ['jupyter_server-1.2.0']);
  await venv(dir, 'home/.virtualenvs/newest', ['jupyter_server-9.0.0']);
  const env = { ...user.env, PATH: '/nowhere' };
  const inProject = await findJupyterServer({ env, cwd: dir.join('home/project') });
  expect(inProject).toMatchObject({ python: project, package: 'notebook', version: '6.5.7' });
  const activated = { ...env, VIRTUAL_ENV: dir.join('home/active') };
  expect(await findJupyterServer({ env: activated, cwd: home })).toMatchObject({ python: active, version: '1.2.0' });
  expect(await findJupyterServer({ env, cwd: home })).toMatchObject({ version: '9.0.0' });
});

it('what is on PATH counts, by the first line of the program', async () => {
  await using user = await isolatedEnv();
  const python = await venv(user.dir, 'opt/tool', ['jupyter_server-2.1.0']);
  await user.dir.write('opt/bin/jupyter', `#!${python}\nimport sys\n`, 0o755);
  const env = { ...user.env, PATH: user.dir.join('opt/bin') };
  const server = await findJupyterServer({ env, cwd: user.home, environments: [] });
  expect(server).toMatchObject({ python, package: 'jupyter_server', version: '2.1.0' });
});

it('where there is none, the command is told, as the manager of the nearest environment wants it', async () => {
  await using user = await isolatedEnv();
  const python = await venv(user.dir, 'home/project/.venv', ['jupyter_server-0.3.0', 'notebook-7.2.0']);
  const env = { ...user.env, PATH: '/nowhere' };
  const cwd = user.dir.join('home/project');
  const environments = (await found(env, cwd)).filter(({ nearness }) => nearness === 'workspace');
  expect(environments).toHaveLength(1);
  const missing = findJupyterServer({ env, cwd, environments });
  const command = `${python} -m pip install jupyter_server`;
  await expect(missing).rejects.toMatchObject({ kind: 'jupyter-server-missing', command });
  await expect(missing).rejects.toMatchObject({
    fix: expect.stringMatching(/pip install jupyter_server .*installPrivateServer/),
  });
  await expect(findJupyterServer({ env, cwd, python })).rejects.toMatchObject({ command });
});

describeServer(['jupyter-server', 'jupyter-server1'], ({ name }) => {
  it('a Python that is named is looked at, and no other', async () => {
    await using user = await isolatedEnv();
    const server = await findJupyterServer({
      env: user.env,
      cwd: user.home,
      python: pythonOf(name as 'jupyter-server'),
    });
    expect(server).toEqual(foundServer(name as 'jupyter-server'));
  });
});
