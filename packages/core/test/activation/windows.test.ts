import { expect, test } from 'vitest';
import {
  batchCommand,
  chooseWindowsScripts,
  parseSet,
  powershellCommand,
} from '../../src/activation/shell/windows-commands.js';
import { compute, condaEnv, environment } from './support.js';

/** §3.3 as tables: nothing of it was ever run on Windows. */
const FILES = {
  'C:/r/conda-meta/conda-26.7.1-py313_0.json': '',
  'C:/r/envs/a/conda-meta/history': '',
  'C:/r/envs/b/conda-meta/history': '',
  'C:/r/envs/b/Library/mingw64/bin/x.dll': '',
  'C:/r/envs/b/Library/clang64/bin/x.dll': '',
  'C:/r/envs/b/etc/conda/activate.d/x.bat': '',
  'C:/r/envs/b/etc/conda/activate.d/y.ps1': '',
  'C:/r/envs/b/etc/conda/activate.d/z.sh': '',
};
const dirs = (prefix: string, ...msys: string[]) =>
  ['', ...msys, 'Library\\mingw-w64\\bin', 'Library\\usr\\bin', 'Library\\bin', 'Scripts', 'bin'].map((dir) =>
    dir === '' ? prefix : `${prefix}\\${dir}`,
  );
const A = 'C:\\r\\envs\\a';
const B = 'C:\\r\\envs\\b';

test('conda: six directories, one more for the first MSYS2, condabin, and the root’s programs', async () => {
  const env = { Path: 'C:\\Windows\\;C:\\X', CONDA_SHLVL: '0' };
  const { variables, scripts } = await compute(env, condaEnv(B, 'C:\\r'), FILES, 'win32');
  const path = [...dirs(B, 'Library\\clang64\\bin'), 'C:\\r\\condabin', 'C:\\Windows', 'C:\\X'];
  expect(variables.PATH?.split(';')).toEqual(path);
  expect(variables).toMatchObject({
    CONDA_EXE: 'C:\\r\\Scripts\\conda.exe',
    CONDA_PYTHON_EXE: 'C:\\r\\python.exe',
    CONDA_DEFAULT_ENV: 'b',
  });
  expect(scripts.activate).toEqual([`${B}\\etc\\conda\\activate.d\\x.bat`, `${B}\\etc\\conda\\activate.d\\y.ps1`]);
});

test('conda: from the first old directory to the last everything goes, and one Library\\bin of the root', async () => {
  const old = dirs(A);
  const path = ['C:\\first', old[0], 'C:\\between', old[5]?.toUpperCase(), 'C:\\r\\Library\\bin', 'C:\\last'];
  const env = { PATH: path.join(';'), CONDA_PREFIX: A, CONDA_SHLVL: '1' };
  const { variables } = await compute(env, condaEnv(B, 'C:\\r'), FILES, 'win32');
  expect(variables.PATH?.split(';')).toEqual(['C:\\first', ...dirs(B, 'Library\\clang64\\bin'), 'C:\\last']);
});

test('libmamba and rattler know no MSYS2 of their own', async () => {
  const mamba = await compute({ PATH: 'C:\\X' }, condaEnv(B, null, 'mamba'), FILES, 'win32');
  expect(mamba.variables.PATH?.split(';')).toEqual([...dirs(B), 'C:\\X']);
});

test('venv: Scripts; other Pythons: their directory and its Scripts', async () => {
  const venv = await compute(
    { Path: 'C:\\X' },
    environment({ kind: 'venv', prefix: 'C:\\v' }),
    { 'C:/v/pyvenv.cfg': 'home = C:\\p\nprompt = x\n' },
    'win32',
  );
  expect(venv.variables).toEqual({ VIRTUAL_ENV: 'C:\\v', PATH: 'C:\\v\\Scripts;C:\\X' });
  const of = environment({ kind: 'python.org', prefix: 'C:\\p', python: 'C:\\p\\python.exe' });
  const plain = await compute({ Path: 'C:\\X' }, of, { 'C:/p/python.exe': '' }, 'win32');
  expect(plain.variables).toEqual({ PATH: 'C:\\p;C:\\p\\Scripts;C:\\X' });
});

test('command lines of scripts', () => {
  const { argv, file } = batchCommand('C:\\Windows', 'C:\\t\\x.bat', ['C:\\e\\100%.bat'], 'MARK');
  expect(argv).toEqual(['C:\\Windows\\System32\\cmd.exe', '/d', '/c', 'C:\\t\\x.bat']);
  expect(file?.split('\r\n')).toEqual([
    '@ECHO OFF',
    '@chcp 65001 >NUL',
    '@CALL "C:\\e\\100%%.bat"',
    '@IF ERRORLEVEL 1 EXIT /B 1',
    '@ECHO MARK',
    '@SET',
    '@ECHO MARK',
    '',
  ]);
  expect(powershellCommand('pwsh.exe', ["C:\\it's\\$x.ps1"], 'MARK').argv.at(-1)).toContain(
    ". 'C:\\it''s\\$x.ps1' | Out-Null",
  );
  expect(chooseWindowsScripts(['a.bat', 'A.ps1', 'b.ps1'])).toEqual({ batch: ['a.bat'], powershell: ['b.ps1'] });
  expect(parseSet('noise\r\nMARK\r\n=C:=C:\\x\r\nA=b=c\r\nB=\r\nMARK \r\n', 'MARK')).toEqual(
    new Map([
      ['A', 'b=c'],
      ['B', ''],
    ]),
  );
  expect(parseSet('MARK\r\nA=b', 'MARK')).toBeNull();
});
