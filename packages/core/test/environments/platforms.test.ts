import { describe, expect, test } from 'vitest';
import { conda, interpreterBytes, python, venv } from '../../../../testing/environments/index.js';
import type { Candidate } from '../../src/environments/index.js';
import { parseRegistry } from '../../src/environments/locators/windows.js';
import { whereOf } from '../../src/environments/where.js';
import { at, memoryMachine, search } from './support.js';

const brew = [
  { platform: 'darwin', prefix: '/opt/homebrew', framework: true },
  { platform: 'darwin', prefix: '/usr/local', framework: true },
  { platform: 'linux', prefix: '/home/linuxbrew/.linuxbrew', framework: false },
] as const;

describe('macOS', () => {
  for (const { platform, prefix: root, framework } of brew) {
    test(`Homebrew in ${root} on ${platform}`, async () => {
      const { files, options } = memoryMachine(platform, { PATH: `${root}/bin` });
      const keg = `${root}/Cellar/python@3.12/3.12.4_1`;
      const own = framework ? `${keg}/Frameworks/Python.framework/Versions/3.12` : keg;
      files.file(`${own}/bin/python3.12`, interpreterBytes('3.12.4'), 0o755);
      if (framework) files.link(`${keg}/bin/python3.12`, '../Frameworks/Python.framework/Versions/3.12/bin/python3.12');
      files.file(`${own}/lib/python3.12/EXTERNALLY-MANAGED`, '');
      files.link(`${root}/bin/python3.12`, '../Cellar/python@3.12/3.12.4_1/bin/python3.12');
      files.link(`${root}/bin/python3`, '../Cellar/python@3.12/3.12.4_1/bin/python3.12');
      files.file(`${root}/lib/python3.12/site-packages/ipykernel-6.29.5.dist-info/METADATA`, '');
      files.file(
        `${root}/share/jupyter/kernels/brewed/kernel.json`,
        '{"argv":["x"],"display_name":"X","language":"x"}',
      );
      const { environments, errors } = await search(options);
      expect(errors).toEqual({});
      expect(environments).toHaveLength(1);
      // the path that the next upgrade keeps, and the kernelspecs beside the kegs
      expect(environments[0]).toMatchObject({
        ...{ kind: 'homebrew', name: 'python@3.12', version: '3.12.4', prefix: own, python: `${root}/bin/python3.12` },
        ...{ kernelPackage: { name: 'ipykernel', version: '6.29.5' }, problem: null },
      });
      expect(environments[0]!.specs.map(({ path }) => path)).toEqual([`${root}/share/jupyter/kernels`]);
    });
  }

  test('python.org, Xcode and the Command Line Tools; never the stub in /usr/bin', async () => {
    const { files, options } = memoryMachine('darwin', { PATH: '/usr/local/bin:/usr/bin' });
    const install = (prefix: string, minor: string, version: string) => {
      files.file(`${prefix}/bin/python${minor}`, '\x7fELF', 0o755);
      files.link(`${prefix}/bin/python3`, `python${minor}`);
      files.file(`${prefix}/Headers/patchlevel.h`, `#define PY_VERSION "${version}"\n`);
      files.dir(`${prefix}/lib/python${minor}/site-packages`);
    };
    const org = '/Library/Frameworks/Python.framework/Versions';
    install(`${org}/3.12`, '3.12', '3.12.5');
    files.link(`${org}/Current`, '3.12');
    files.link('/usr/local/bin/python3', `${org}/3.12/bin/python3.12`);
    const tools = '/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions';
    install(`${tools}/3.9`, '3.9', '3.9.6');
    const xcode = '/Applications/Xcode-beta.app/Contents/Developer/Library/Frameworks/Python3.framework/Versions';
    install(`${xcode}/3.9`, '3.9', '3.9.6');
    files.file('/usr/bin/python3', '\x7fELF', 0o755);
    const { environments, errors } = await search(options);
    expect(errors).toEqual({});
    const rows = environments.map(({ kind, name, version, prefix }) => [kind, name, version, prefix]);
    expect(rows.sort()).toEqual([
      ['python.org', 'Python 3.12', '3.12.5', `${org}/3.12`],
      ['xcode', 'Command Line Tools', '3.9.6', `${tools}/3.9`],
      ['xcode', 'Xcode', '3.9.6', `${xcode}/3.9`],
    ]);
    expect([...files.touched].filter((path) => path.startsWith('/usr/bin/python'))).toEqual([]);
  });
});

describe('Windows', () => {
  test('the Store’s Pythons, with the packages of this user; the aliases beside them are not looked at', async () => {
    const { files, home, options } = memoryMachine('win32');
    const family = 'PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0';
    const apps = `${home}\\AppData\\Local\\Microsoft\\WindowsApps`;
    files.file(`${apps}\\python.exe`, '');
    files.file(`${apps}\\python3.12.exe`, '');
    files.file(`${apps}\\${family}\\python3.12.exe`, '');
    const packages = `${home}\\AppData\\Local\\Packages\\${family}\\LocalCache\\local-packages\\Python312`;
    files.file(`${packages}\\site-packages\\ipykernel-6.29.5.dist-info\\METADATA`, '');
    const { environments, errors } = await search({ ...options, env: { ...options.env, PATH: apps } });
    expect(errors).toEqual({});
    expect(environments).toMatchObject([
      {
        ...{ kind: 'windows-store', version: '3.12', problem: null, python: `${apps}\\${family}\\python3.12.exe` },
        kernelPackage: { name: 'ipykernel', version: '6.29.5' },
      },
    ]);
    expect(files.touched.has(`${apps}\\python.exe`)).toBe(false);
  });

  test('WinPython by its folder, and by its mark', async () => {
    const { files, home, ground, options } = memoryMachine('win32', { WINPYTHON_HOME: 'D:\\portable' });
    python(ground, `${home}\\Downloads\\WPy64-31380\\python-3.13.8.amd64`, '3.13.8', { bytes: null, header: false });
    python(ground, 'D:\\portable\\python-3.11.1', '3.11.1', { bytes: null });
    files.file('D:\\portable\\winpython.ini', '');
    files.file(`${home}\\Downloads\\WPy64-broken.zip`, '');
    const { environments, errors } = await search(options);
    expect(errors).toEqual({});
    expect(environments.map(({ kind, name, version }) => [kind, name, version]).sort()).toEqual([
      ['winpython', 'WPy64-31380', '3.13.8'],
      ['winpython', 'portable', '3.11.1'],
    ]);
  });

  test('the registry knows more of a Python than the PATH that leads to it', async () => {
    const prefix = 'C:\\Python312';
    const { ground, options } = memoryMachine('win32', { PATH: prefix });
    python(ground, prefix, '3.12.4', { bytes: null });
    const place = {
      locator: 'windows-registry',
      path: 'HKCU\\Software\\Python',
      how: 'own',
      nearness: 'system',
    } as const;
    const known: Candidate = { prefix, python: `${prefix}\\python.exe`, place, name: 'Python 3.12 (64-bit)' };
    const { environments } = await search({ ...options, registry: async () => [known] });
    expect(environments).toMatchObject([{ kind: 'windows-registry', name: 'Python 3.12 (64-bit)', version: '3.12.4' }]);
    // PowerShell takes a quoted path for text without the call operator
    const quoted = { ...known, prefix: 'C:\\Program Files\\Py', python: 'C:\\Program Files\\Py\\python.exe' };
    python(ground, quoted.prefix, '3.12.4');
    const [first] = (await search({ ...options, registry: async () => [quoted] })).environments;
    expect(first!.install).toBe("& 'C:\\Program Files\\Py\\python.exe' -m pip install ipykernel");
  });

  test('conda by CONDA_PREFIX, with the root that it belongs to', async () => {
    const root = 'E:\\tools\\forge';
    const { ground, files, options } = memoryMachine('win32', { CONDA_PREFIX: `${root}\\envs\\ml` });
    conda(ground, root, { version: '3.11.4', packages: ['conda-24.7.1'] });
    files.dir(`${root}\\condabin`);
    for (const name of ['ml', 'other']) conda(ground, `${root}\\envs\\${name}`, { version: '3.10.13' });
    const found = await search(options);
    expect(at(found, `${root}\\envs\\ml`)).toMatchObject({ kind: 'conda', name: 'ml', nearness: 'active' });
    expect(at(found, `${root}\\envs\\other`)).toMatchObject({ kind: 'conda', name: 'other', nearness: 'user' });
    expect(at(found, root)).toMatchObject({ name: 'base', manager: { tool: 'conda', root } });
  });

  test('a virtual environment has the version of its base’s headers', async () => {
    const { ground, home, options } = memoryMachine('win32');
    python(ground, 'C:\\Python312', '3.12.9', { bytes: null });
    venv(ground, `${home}\\Envs\\x`, { base: 'C:\\Python312', version: '3.12.4' });
    expect(at(await search(options), `${home}\\Envs\\x`).version).toBe('3.12.9');
  });

  test('a virtual environment whose Python is gone: its program is a copy, and there all the same', async () => {
    const { ground, home, options } = memoryMachine('win32');
    venv(ground, `${home}\\Envs\\old`, { base: 'C:\\Python39', version: '3.9.13' });
    const found = await search(options);
    expect(at(found, `${home}\\Envs\\old`)).toMatchObject({
      version: '3.9.13',
      problem: { kind: 'interpreter-missing' },
    });
  });
});

describe('parseRegistry', () => {
  const where = whereOf({ platform: 'win32', env: {}, home: 'C:\\Users\\ann', cwd: 'C:\\' });
  const key = 'HKCU\\Software\\Python';
  const query = (...lines: string[]) => parseRegistry(where, key, lines.join('\r\n'));

  test('PythonCore as an installer writes it', () => {
    const base = 'HKEY_CURRENT_USER\\Software\\Python\\PythonCore\\3.12';
    const found = query(
      '',
      base,
      '    DisplayName    REG_SZ    Python 3.12 (64-bit)',
      '    SysVersion    REG_SZ    3.12',
      '    Version    REG_SZ    3.12.4',
      '',
      `${base}\\InstallPath`,
      '    (Default)    REG_SZ    C:\\Program Files\\Python312\\',
      '    ExecutablePath    REG_SZ    C:\\Program Files\\Python312\\python.exe',
      '    WindowedExecutablePath    REG_SZ    C:\\Program Files\\Python312\\pythonw.exe',
      '',
    );
    expect(found).toMatchObject([
      {
        ...{ prefix: 'C:\\Program Files\\Python312', python: 'C:\\Program Files\\Python312\\python.exe' },
        ...{ name: 'Python 3.12 (64-bit)', version: '3.12.4' },
      },
    ]);
  });

  test.each([
    // the system translates the name of a key's own value
    ['(Standard)', 'C:\\Py', 'C:\\Py\\python.exe'],
    ['(par défaut)', 'C:\\Py', 'C:\\Py\\python.exe'],
  ])('a path under the name %s, and no program', (name, prefix, program) => {
    const found = query(
      'HKEY_LOCAL_MACHINE\\Software\\Python\\PythonCore\\3.9\\InstallPath',
      `    ${name}    REG_SZ    ${prefix}`,
    );
    expect(found).toMatchObject([{ prefix, python: program }]);
  });

  test.each([
    ['the launcher', 'PyLauncher\\1', 'C:\\Windows\\py.exe'],
    ['the Store', 'PythonCore\\3.10', 'C:\\Users\\ann\\AppData\\Local\\Microsoft\\WindowsApps\\python3.10.exe'],
  ])('%s is left out', (_what, tag, program) => {
    expect(
      query(
        `HKEY_CURRENT_USER\\Software\\Python\\${tag}\\InstallPath`,
        '    (Default)    REG_SZ    C:\\X',
        `    ExecutablePath    REG_SZ    ${program}`,
      ),
    ).toEqual([]);
  });

  test('Anaconda’s own release number is no version of Python', () => {
    const base = 'HKEY_CURRENT_USER\\Software\\Python\\ContinuumAnalytics\\Anaconda39-64';
    const found = query(
      base,
      '    DisplayName    REG_SZ    Anaconda py39_4.12.0',
      '    Version    REG_SZ    py39_4.12.0',
      `${base}\\InstallPath`,
      '    (Default)    REG_SZ    C:\\Anaconda3',
    );
    expect(found).toHaveLength(1);
    expect(found[0]).not.toHaveProperty('version');
    expect(found[0]).not.toHaveProperty('name');
  });

  test.each(['', 'nonsense', 'HKEY_CURRENT_USER\\Software\\Python', '    (Default)    REG_SZ    C:\\X'])(
    '%j holds none',
    (text) => {
      expect(parseRegistry(where, key, text)).toEqual([]);
    },
  );
});
