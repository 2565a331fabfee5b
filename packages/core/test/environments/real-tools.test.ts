import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeKernel, describeTool } from '../../../../testing/support/index.js';
import { start } from '../../src/index.js';
import { printed } from '../support.js';
import { at } from './support.js';
import {
  basePython,
  checkFound,
  checkInstall,
  entryAt,
  hatchMake,
  look,
  type Made,
  pipenvMake,
  poetryMake,
  rattlerInstall,
  type ToolUser,
  toolUser,
  truthOf,
} from './tools.js';

/** An environment in the project's folder. */
const here = (kind: Made['kind'], rest: Partial<Made> = {}): Made => {
  return { kind, name: '.venv', nearness: 'workspace', project: null, install: '', ...rest };
};

/** An environment in a place that the user keeps for them. */
const kept = (kind: Made['kind'], name: string, rest: Partial<Made> = {}): Made => {
  return { kind, name, nearness: 'user', project: null, install: '', ...rest };
};

/** The source tree of an ipykernel that somebody works on. */
async function sourceTree(user: ToolUser): Promise<string> {
  await user.dir.write('source/ipykernel/__init__.py', '');
  const text = `[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"
[project]\nname = "ipykernel"\nversion = "7.0.0.dev0"\n`;
  await user.dir.write('source/pyproject.toml', text);
  return user.dir.join('source');
}

describe('python -m venv', () => {
  test('in the project; ipykernel comes by the command that is proposed', async () => {
    await using user = await toolUser([]);
    const prefix = join(user.project, '.venv');
    await user.run(basePython, '-m', 'venv', prefix);
    await checkInstall(user, prefix, here('venv', { install: `${prefix}/bin/python -m pip install ipykernel` }));
  });

  test('with a prompt, and with what the system has', async () => {
    await using user = await toolUser([]);
    const prefix = join(user.project, 'venv');
    const options = ['--prompt', 'the "prompt"', '--system-site-packages', '--without-pip'];
    await user.run(basePython, '-m', 'venv', ...options, prefix);
    const { ipykernel, pip } = await truthOf(user, `${prefix}/bin/python`);
    const python = `${prefix}/bin/python`;
    const command = pip ? `${python} -m pip install ipykernel` : `uv pip install --python ${python} ipykernel`;
    await checkFound(user, prefix, here('venv', { name: 'the "prompt"', install: ipykernel ? '' : command }));
  });
});

describeTool('virtualenv', (virtualenv) => {
  test('with pip; ipykernel by the command that is proposed, then from its source tree', async () => {
    await using user = await toolUser([virtualenv]);
    const prefix = join(user.project, '.venv');
    const python = join(prefix, 'bin', 'python');
    await user.run('virtualenv', '--no-download', '--setuptools', 'bundle', '-p', basePython, prefix);
    const made = here('virtualenv', { install: `${python} -m pip install ipykernel` });
    await checkInstall(user, prefix, made);
    const editable = ['-m', 'pip', 'install', '--no-deps', '--no-index', '--no-build-isolation'];
    const source = await sourceTree(user);
    for (const mode of ['lenient', 'compat']) {
      await user.run(python, ...editable, '--config-settings', `editable_mode=${mode}`, '-e', source);
      const { kernelPackage } = await checkFound(user, prefix, { ...made, install: '' });
      expect(kernelPackage?.version).toBe('7.0.0.dev0');
    }
  });

  test('without anything in it, in the home', async () => {
    await using user = await toolUser([virtualenv]);
    const prefix = user.join('.virtualenvs', 'bare');
    await user.run('virtualenv', '--no-seed', '-p', basePython, prefix);
    const install = `uv pip install --python ${prefix}/bin/python ipykernel`;
    await checkFound(user, prefix, kept('virtualenv', 'bare', { install }));
  });
});

describeTool('uv', (uv) => {
  const project = '[project]\nname = "of-uv"\nversion = "1"\nrequires-python = ">=3.9"\n';

  test('a project', async () => {
    await using user = await toolUser([uv]);
    await user.write('pyproject.toml', project);
    await user.run('uv', 'sync', '--offline', '--python', basePython);
    const prefix = join(user.project, '.venv');
    const install = `uv add --project ${user.project} --dev ipykernel`;
    // uv calls a project's environment as the project
    await checkInstall(user, prefix, here('uv', { name: 'of-uv', install }));
    // what uv's project does not know of, it takes away
    await user.run('uv', 'sync');
    await checkFound(user, prefix, here('uv', { name: 'of-uv', install: '' }));
  });

  test('a virtual environment with a prompt and blanks in its path', async () => {
    await using user = await toolUser([uv], {}, 'my project');
    const prefix = join(user.project, 'env');
    await user.run('uv', 'venv', '--offline', '--python', basePython, '--prompt', 'prompted', prefix);
    const install = `uv pip install --python '${prefix}/bin/python' ipykernel`;
    await checkInstall(user, prefix, here('uv', { name: 'prompted', install }));
  });

  test('a tool', async () => {
    await using user = await toolUser([uv]);
    await user.run('uv', 'tool', 'install', '--python', basePython, 'hello-app');
    const prefix = user.join('.local', 'share', 'uv', 'tools', 'hello-app');
    const install = 'uv tool install --with ipykernel hello-app';
    await checkInstall(user, prefix, kept('uv', 'hello-app', { nearness: 'tool', install }));
  });
});

describeTool('poetry', (poetry) => {
  test('in its own place', async () => {
    await using user = await toolUser([poetry]);
    const prefix = await poetryMake(user);
    expect(prefix).toContain(user.join('.cache', 'pypoetry', 'virtualenvs'));
    const install = `cd ${user.project} && poetry add --group dev ipykernel`;
    const name = prefix.slice(prefix.lastIndexOf('/') + 1);
    await checkInstall(user, prefix, here('poetry', { name, project: user.project, install }));
  });

  test('in the project', async () => {
    await using user = await toolUser([poetry], { POETRY_VIRTUALENVS_IN_PROJECT: '1' });
    const { project } = user;
    expect(await poetryMake(user)).toBe(join(project, '.venv'));
    const install = `cd ${project} && poetry add --group dev ipykernel`;
    await checkInstall(user, join(project, '.venv'), here('poetry', { name: 'project', project, install }));
  });
});

describeTool('pipenv', (pipenv) => {
  test('in its own place', async () => {
    await using user = await toolUser([pipenv]);
    const prefix = await pipenvMake(user);
    expect(prefix).toContain(user.join('.local', 'share', 'virtualenvs', 'project-'));
    const install = `cd ${user.project} && pipenv install --dev ipykernel`;
    const name = prefix.slice(prefix.lastIndexOf('/') + 1);
    await checkInstall(user, prefix, here('pipenv', { name, project: user.project, install }));
  });

  test('in the project', async () => {
    await using user = await toolUser([pipenv], { PIPENV_VENV_IN_PROJECT: '1' });
    const { project } = user;
    expect(await pipenvMake(user)).toBe(join(project, '.venv'));
    const install = `cd ${project} && pipenv install --dev ipykernel`;
    await checkInstall(user, join(project, '.venv'), here('pipenv', { name: 'project', project, install }));
  });
});

describeTool('hatch', (hatch) => {
  test('the environments of a project', async () => {
    await using user = await toolUser([hatch]);
    for (const [name, called] of [
      ['default', 'of-hatch'],
      ['docs', 'of-hatch:docs'],
    ] as const) {
      const prefix = await hatchMake(user, name);
      const install = `${prefix}/bin/python -m pip install ipykernel`;
      await checkInstall(user, prefix, here('hatch', { name: called, project: user.project, install }));
    }
  });
});

describeTool('pipx', (pipx) => {
  describeTool('uv', (uv) => {
    test('an application', async () => {
      await using user = await toolUser([pipx, uv]);
      await user.run('pipx', 'install', '--backend', 'uv', '--python', basePython, user.wheels.helloApp);
      const prefix = user.join('.local', 'share', 'pipx', 'venvs', 'hello-app');
      const made = kept('pipx', 'hello-app', { nearness: 'tool', install: 'pipx inject hello-app ipykernel' });
      await checkInstall(user, prefix, made);
    });
  });
});

describeTool('rattler', (rattler) => {
  test('a conda environment: by name, in the project, and one without Python', async () => {
    await using user = await toolUser([]);
    const named = user.join('micromamba', 'envs', 'analysis');
    // micromamba keeps its packages beside its environments
    await mkdir(user.join('micromamba', 'pkgs'), { recursive: true });
    const inProject = join(user.project, '.conda');
    const other = user.join('.conda', 'envs', 'statistics');
    await rattlerInstall(user, rattler, named, ['python']);
    const install = (prefix: string, program = 'conda') => `${program} install -p ${prefix} ipykernel`;
    const made = kept('mamba', 'analysis', { install: install(named, 'micromamba') });
    await checkFound(user, named, made);
    await rattlerInstall(user, rattler, named, ['python', 'ipykernel']);
    const { kernelPackage } = await checkFound(user, named, { ...made, install: '' });
    expect(kernelPackage?.version).toBe('6.99.1');
    await rattlerInstall(user, rattler, inProject, ['python']);
    await checkFound(user, inProject, here('conda', { name: '.conda', install: install(inProject) }));
    await rattlerInstall(user, rattler, other, ['r-base']);
    expect(at(await look(user), other)).toMatchObject({
      ...{ kind: 'conda', name: 'statistics', python: null, version: null, problem: null },
      install: `conda install -p ${other} python ipykernel`,
    });
  });
});

describe('pyenv', () => {
  const root = process.env.PYENV_ROOT ?? join(homedir(), '.pyenv');
  const versions = existsSync(join(root, 'versions')) ? readdirSync(join(root, 'versions')) : [];

  test.skipIf(versions.length === 0)('its versions on this machine, and an environment among them', async () => {
    await using user = await toolUser([]);
    const dir = user.join('.pyenv', 'versions');
    await mkdir(dir, { recursive: true });
    for (const version of versions) await symlink(join(root, 'versions', version), join(dir, version));
    await user.run(basePython, '-m', 'venv', '--without-pip', join(dir, 'named'));
    const found = await look(user);
    for (const version of versions) {
      const environment = at(found, join(dir, version));
      const said = await user.run(environment.python!, '-c', 'import sys; print(sys.version.split()[0])');
      expect(environment).toMatchObject({ kind: 'pyenv', name: version, version: said.trim(), problem: null });
    }
    const install = `uv pip install --python ${dir}/named/bin/python ipykernel`;
    await checkFound(user, join(dir, 'named'), kept('pyenv-virtualenv', 'named', { install }));
  });
});

describe('Debian', () => {
  test.skipIf(!existsSync('/etc/debian_version') || !existsSync('/usr/bin/python3'))('its own Python', async () => {
    await using user = await toolUser([]);
    const found = (await look(user)).environments.filter(({ prefix }) => prefix === '/usr');
    expect(found.length).toBeGreaterThan(0);
    const truth = await truthOf(user, '/usr/bin/python3');
    const own = found.filter(({ aliases, python }) => [python, ...aliases].includes('/usr/bin/python3'));
    expect(own).toMatchObject([
      {
        ...{ kind: 'system', nearness: 'system', version: truth.version, problem: null },
        kernelPackage: truth.ipykernel && { name: 'ipykernel', version: truth.ipykernel },
        install: truth.ipykernel === null ? 'apt install python3-ipykernel' : '',
      },
    ]);
  });
});

describeKernel('ipykernel', (provided) => {
  const code = 'import sys; print(sys.prefix)';

  test('is started through the prefix that it is installed in', async () => {
    await using user = await toolUser([], { VIRTUAL_ENV: provided.prefix! });
    const entry = await entryAt(user, provided.prefix!);
    expect(entry).toMatchObject({ startable: true, environment: { kernelPackage: { version: provided.version } } });
    await using kernel = await start(entry, { env: user.env, cwd: user.project, home: user.home });
    expect(printed(await kernel.execute(code))).toBe(`${provided.prefix}\n`);
  });

  test('is started in an environment without a kernelspec, which finds it by a .pth file', async () => {
    await using user = await toolUser([]);
    const prefix = join(user.project, '.venv');
    await user.run(basePython, '-m', 'venv', '--without-pip', prefix);
    const sites = async (of: string) => {
      const [library] = (await readdir(join(of, 'lib'))).filter((name) => name.startsWith('python'));
      return join(of, 'lib', library!, 'site-packages');
    };
    await writeFile(join(await sites(prefix), 'elsewhere.pth'), `${await sites(provided.prefix!)}\n`);
    await checkFound(user, prefix, here('venv'));
    const entry = await entryAt(user, prefix);
    expect(entry).toMatchObject({ source: 'environment', specFile: null });
    await using kernel = await start(entry, { env: user.env, cwd: user.project, home: user.home });
    expect(printed(await kernel.execute(code))).toBe(`${prefix}\n`);
  });
});
