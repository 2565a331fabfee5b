import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { isolatedEnv, kernel, type TempDir } from '../../../../testing/support/index.js';
import { type CatalogEntry, catalog } from '../../src/catalog/index.js';
import type { Environment } from '../../src/environments/index.js';
import { at, type Found, search } from './support.js';

const exec = promisify(execFile);

/** The Python that every environment here is made with: the one that the provided kernels were made with. */
export const basePython = basePythonOf(kernel('ipykernel').python ?? '/usr/bin/python3');

function basePythonOf(python: string): string {
  return existsSync(python) ? realpathSync(python) : python;
}

/** Somebody who has a home, a project, and some tools on PATH; every index of packages is ours, and holds next to nothing. */
export interface ToolUser extends AsyncDisposable {
  dir: TempDir;
  home: string;
  project: string;
  env: Record<string, string>;
  join(...parts: string[]): string;
  /** Runs a program to its end, in the project; gives what it printed. */
  run(file: string, ...args: string[]): Promise<string>;
  /** Runs a command line as a user would type it. */
  shell(command: string): Promise<string>;
  write(name: string, text: string): Promise<string>;
  /** The address of the index, as Pipfile and pyproject.toml name it. */
  index: string;
  /** A wheel without anything in it, and the source tree of another. */
  wheels: { ipykernel: string; helloApp: string };
}

export async function toolUser(
  programs: readonly string[],
  extra: Record<string, string> = {},
  folder = 'project',
): Promise<ToolUser> {
  const isolated = await isolatedEnv({ extra: { PYENV_ROOT: undefined } });
  const { home, dir } = isolated;
  const bin = await dir.dir('tools');
  for (const program of programs) await symlink(program, join(bin, program.slice(dirname(program).length + 1)));
  const project = join(home, 'work', folder);
  await mkdir(project, { recursive: true });
  const wheels = await makeWheels(dir);
  const index = await serveIndex(Object.values(wheels));
  const env: Record<string, string> = {
    ...isolated.env,
    PATH: `${bin}:/usr/bin:/bin`,
    PIP_INDEX_URL: index.url,
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    UV_DEFAULT_INDEX: index.url,
    UV_PYTHON_DOWNLOADS: 'never',
    UV_NO_PROGRESS: '1',
    POETRY_VIRTUALENVS_OPTIONS_NO_PIP: 'true',
    POETRY_NO_INTERACTION: '1',
    PIPENV_NOSPIN: '1',
    PIPENV_YES: '1',
    VIRTUALENV_NO_PERIODIC_UPDATE: '1',
    NO_COLOR: '1',
    ...extra,
  };
  const run = async (file: string, ...args: string[]) => {
    try {
      const options = { cwd: project, env, timeout: 120_000, killSignal: 'SIGKILL', maxBuffer: 1 << 24 } as const;
      return (await exec(file, args, options)).stdout;
    } catch (error) {
      const { message, stdout, stderr } = error as Error & { stdout?: string; stderr?: string };
      throw new Error(`${message}\n${stdout ?? ''}\n${stderr ?? ''}`);
    }
  };
  return {
    ...{ dir, home, project, env, run, wheels, index: index.url },
    join: (...parts) => join(home, ...parts),
    shell: (command) => run('/bin/sh', '-ec', command),
    async write(name, text) {
      const file = join(project, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      return file;
    },
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      await isolated[Symbol.asyncDispose]();
    },
  };
}

const WHEELS = `
import sys, zipfile
def wheel(name, version, points=''):
    info = f'{name}-{version}.dist-info'
    with zipfile.ZipFile(f'{sys.argv[1]}/{name}-{version}-py3-none-any.whl', 'w') as file:
        file.writestr(f'{name}.py', 'def main(): pass\\n')
        file.writestr(f'{info}/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n')
        file.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        file.writestr(f'{info}/entry_points.txt', points)
        file.writestr(f'{info}/RECORD', ''.join(f'{each.filename},,\\n' for each in file.filelist) + f'{info}/RECORD,,\\n')
wheel('ipykernel', '6.99.1')
wheel('hello_app', '1.0', '[console_scripts]\\nhello-app = hello_app:main\\n')
`;

async function makeWheels(dir: TempDir): Promise<ToolUser['wheels']> {
  const wheels = await dir.dir('wheels');
  await exec(basePython, ['-I', '-c', WHEELS, wheels], { timeout: 30_000 });
  return {
    ipykernel: join(wheels, 'ipykernel-6.99.1-py3-none-any.whl'),
    helloApp: join(wheels, 'hello_app-1.0-py3-none-any.whl'),
  };
}

/** PEP 503, for a few wheels. */
async function serveIndex(wheels: readonly string[]): Promise<AsyncDisposable & { url: string }> {
  const byName = new Map(wheels.map((wheel) => [wheel.slice(dirname(wheel).length + 1), wheel]));
  const server = createServer(async (request, response) => {
    const [, kind, name = ''] = (request.url ?? '').split('/');
    const file = kind === 'files' ? byName.get(name) : undefined;
    if (file !== undefined) {
      response.end(await readFile(file));
      return;
    }
    const links = [...byName.keys()].filter((wheel) => wheel.split('-')[0]!.replaceAll('_', '-') === name);
    response.statusCode = kind === 'simple' && links.length > 0 ? 200 : 404;
    response.setHeader('content-type', 'text/html');
    response.end(links.map((wheel) => `<a href="/files/${wheel}">${wheel}</a>`).join('\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const TRUTH = `
import importlib.metadata, importlib.util, json, sys
level = '' if sys.version_info[3] == 'final' else {'alpha': 'a', 'beta': 'b', 'candidate': 'rc'}[sys.version_info[3]] + str(sys.version_info[4])
try: ipykernel = importlib.metadata.version('ipykernel')
except importlib.metadata.PackageNotFoundError: ipykernel = None
print(json.dumps(dict(prefix=sys.prefix, version='%d.%d.%d' % sys.version_info[:3] + level, ipykernel=ipykernel, pip=importlib.util.find_spec('pip') is not None)))
`;

/** What an environment's own Python says of it. */
export interface Truth {
  prefix: string;
  version: string;
  ipykernel: string | null;
  pip: boolean;
}

export async function truthOf(user: ToolUser, python: string): Promise<Truth> {
  return JSON.parse(await user.run(python, '-c', TRUTH));
}

/** What the test knows of an environment because it had it made so. */
export type Made = Pick<Environment, 'kind' | 'name' | 'nearness' | 'project' | 'install'>;

/** Everything that is found, no interpreter being asked. */
export function look(user: ToolUser): Promise<Found> {
  return search({ env: user.env, cwd: user.project, home: user.home, ask: false });
}

/**
 * Whether the search finds the environment as it was made, and says of its Python what that says itself; in the catalog
 * it is a kernel, which can be started if ipykernel is there.
 */
export async function checkFound(user: ToolUser, prefix: string, made: Made): Promise<Environment> {
  const found = await look(user);
  expect(found.errors).toEqual({});
  const environment = at(found, prefix);
  const { kind, name, nearness, project, install, version, real, kernelPackage, problem } = environment;
  expect({ kind, name, nearness, project, install }).toEqual(made);
  const truth = await truthOf(user, environment.python!);
  expect({ version, real, problem }).toEqual({
    version: truth.version,
    real: realpathSync(truth.prefix),
    problem: null,
  });
  expect(kernelPackage).toEqual(truth.ipykernel && { name: 'ipykernel', version: truth.ipykernel });
  const entry = await entryAt(user, prefix);
  expect(entry).toMatchObject({
    startable: truth.ipykernel !== null,
    problem: truth.ipykernel === null ? { kind: 'ipykernel-missing', fix: install } : null,
  });
  return environment;
}

/** The catalog's row of an environment. */
export async function entryAt(user: ToolUser, prefix: string): Promise<CatalogEntry> {
  const { kernels } = await catalog({ env: user.env, cwd: user.project, home: user.home, cache: false });
  const rows = kernels.filter(({ environment, hidden }) => environment?.prefix === prefix && hidden === null);
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

/** Types the command that the search proposes, and looks again. */
export async function checkInstall(user: ToolUser, prefix: string, made: Made): Promise<Environment> {
  await checkFound(user, prefix, made);
  await user.shell(made.install);
  const environment = await checkFound(user, prefix, { ...made, install: '' });
  expect(environment.kernelPackage).toEqual({ name: 'ipykernel', version: '6.99.1' });
  return environment;
}

/** Has poetry make the environment of the project, where it is set up to; gives its prefix. */
export async function poetryMake(user: ToolUser): Promise<string> {
  const text = `[project]\nname = "of-poetry"\nversion = "1"\nrequires-python = ">=3.9,<4"\n[tool.poetry]\npackage-mode = false
[[tool.poetry.source]]\nname = "local"\nurl = "${user.index}/"\npriority = "primary"\n`;
  await user.write('pyproject.toml', text);
  await user.run('poetry', 'env', 'use', basePython);
  return (await user.run('poetry', 'env', 'info', '--path')).trim();
}

/** The same of pipenv. */
export async function pipenvMake(user: ToolUser): Promise<string> {
  await user.write('Pipfile', `[[source]]\nname = "local"\nurl = "${user.index}"\nverify_ssl = false\n[packages]\n`);
  await user.run('pipenv', '--python', basePython);
  return (await user.run('pipenv', '--venv')).trim();
}

/** The same of one of the two that hatch knows of the project: `default` and `docs`. */
export async function hatchMake(user: ToolUser, name: string): Promise<string> {
  const of = (name: string) => `[tool.hatch.envs.${name}]\nskip-install = true\npython = "${basePython}"\n`;
  await user.write('pyproject.toml', `[project]\nname = "of-hatch"\nversion = "1"\n${of('default')}${of('docs')}`);
  await user.run('hatch', 'env', 'create', name);
  return (await user.run('hatch', 'env', 'find', name)).trim();
}

const RATTLER = `
import asyncio, hashlib, io, json, os, pathlib, rattler, subprocess, sys, tarfile
base, work, prefix, specs = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4:]
ask = "import sys, sysconfig; print(sysconfig.get_path('stdlib')); print('%d.%d' % sys.version_info[:2]); print('%d.%d.%d' % sys.version_info[:3])"
stdlib, minor, version = subprocess.run([base, '-I', '-c', ask], capture_output=True, text=True, check=True, timeout=30).stdout.splitlines()
here = str(rattler.Platform.current())
repodata = {here: {}, 'noarch': {}}
for subdir in repodata: (work / 'channel' / subdir).mkdir(parents=True, exist_ok=True)

def package(subdir, name, version, build, files, links={}, **fields):
    index = dict(name=name, version=version, build=build, build_number=0, subdir=subdir, depends=[], **fields)
    paths = [dict(_path=path, path_type='hardlink', sha256=hashlib.sha256(data).hexdigest(), size_in_bytes=len(data)) for path, data in files.items()]
    paths += [dict(_path=path, path_type='softlink', sha256=hashlib.sha256(b'').hexdigest(), size_in_bytes=0) for path in links]
    info = {'info/index.json': index, 'info/paths.json': dict(paths=paths, paths_version=1)}
    if 'noarch' in fields: info['info/link.json'] = dict(noarch=dict(type='python'), package_metadata_version=1)
    file = work / 'channel' / subdir / f'{name}-{version}-{build}.tar.bz2'
    with tarfile.open(file, 'w:bz2', compresslevel=1) as tar:
        for path, data in {**files, **{path: json.dumps(text).encode() for path, text in info.items()}}.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(data), 0o755
            tar.addfile(member, io.BytesIO(data))
        for path, target in links.items():
            member = tarfile.TarInfo(path)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    data = file.read_bytes()
    repodata[subdir][file.name] = dict(index, md5=hashlib.md5(data).hexdigest(), sha256=hashlib.sha256(data).hexdigest(), size=len(data))

links = {'bin/python3': f'python{minor}', 'bin/python': f'python{minor}'}
for entry in os.listdir(stdlib):
    if entry not in ('site-packages', 'dist-packages', 'EXTERNALLY-MANAGED', '__pycache__'): links[f'lib/python{minor}/{entry}'] = f'{stdlib}/{entry}'
# Debian's Python looks for packages under this name
links[f'lib/python{minor}/dist-packages'] = 'site-packages'
package(here, 'python', version, '0_cpython', {f'bin/python{minor}': pathlib.Path(base).read_bytes()}, links)
info = 'site-packages/ipykernel-6.99.1.dist-info'
package('noarch', 'ipykernel', '6.99.1', 'pyh0_0', {'site-packages/ipykernel/__init__.py': b'', f'{info}/RECORD': b'',
    f'{info}/METADATA': b'Metadata-Version: 2.1\\nName: ipykernel\\nVersion: 6.99.1\\n'}, noarch='python')
package('noarch', 'r-base', '4.4.1', 'h0_0', {'lib/R/README': b''})
for subdir, packages in repodata.items():
    text = dict(info=dict(subdir=subdir), packages=packages, repodata_version=1)
    (work / 'channel' / subdir / 'repodata.json').write_text(json.dumps(text))

async def main():
    channel = rattler.Channel((work / 'channel').as_uri())
    gateway = rattler.Gateway(cache_dir=str(work / 'cache'))
    records = await rattler.solve(sources=[channel], specs=specs, platforms=[here, 'noarch'], gateway=gateway)
    await rattler.install(records, target_prefix=prefix, cache_dir=work / 'packages', show_progress=False)
asyncio.run(main())
# py-rattler 0.28's own threads crash an interpreter that takes itself apart, about one run in nine; the work is done here
os._exit(0)
`;

/**
 * Has rattler, which is pixi's installer, make a conda environment from a channel of three packages: a Python (the base's program, and
 * links to its library), `ipykernel`, and something that is no Python's.
 */
export async function rattlerInstall(user: ToolUser, rattler: string, prefix: string, specs: readonly string[]) {
  const script = await user.dir.write('rattler.py', RATTLER);
  await user.run(rattler, '-I', script, basePython, user.dir.join('conda'), prefix, ...specs);
}
