import { describe, expect, test } from 'vitest';
import { locators } from '../../src/environments/index.js';
import { whereOf } from '../../src/environments/where.js';

type Row = [locator: string, path: string, variables?: Record<string, string>];

const HOMES = { linux: '/home/ann', darwin: '/Users/ann', win32: 'C:\\Users\\ann' } as const;

/** Where each tool keeps its environments: `~` stands for the home. */
const TABLE: Record<keyof typeof HOMES, Row[]> = {
  linux: [
    ['conda', '~/miniconda3'],
    ['conda', '/opt/conda'],
    ['conda', '~/.local/share/mamba'],
    ['conda', '/data/mamba', { XDG_DATA_HOME: '/data' }],
    ['conda', '~/micromamba'],
    ['conda', '/m', { MAMBA_ROOT_PREFIX: '/m' }],
    ['conda', '/opt/forge', { CONDA_EXE: '/opt/forge/bin/conda' }],
    ['conda', '/opt/forge', { PATH: '/usr/bin:/opt/forge/condabin' }],
    ['conda', '/a', { CONDA_ENVS_DIRS: '/a:/b' }],
    ['conda', '/b', { CONDA_ENVS_DIRS: '/a:/b' }],
    ['conda', '~/c', { CONDA_ENVS_PATH: '~/c' }],
    ['conda', '~/.conda/envs'],
    ['conda', '~/.conda/environments.txt'],
    ['conda', '~/.condarc'],
    ['conda', '~/.mambarc'],
    ['conda', '/etc/conda/condarc.d'],
    ['conda', '/var/lib/conda/.condarc'],
    ['conda', '/x/conda/condarc', { XDG_CONFIG_HOME: '/x' }],
    ['conda', '/here/my.yml', { CONDARC: 'my.yml' }],
    ['pixi', '~/.pixi/envs'],
    ['pixi', '/p/envs', { PIXI_HOME: '/p' }],
    ['pixi', '~/.pixi/workspaces.toml'],
    ['pixi', '~/.config/pixi/config.toml'],
    ['pyenv', '~/.pyenv/versions'],
    ['pyenv', '/py/versions', { PYENV_ROOT: '/py' }],
    ['uv', '~/.local/share/uv/python'],
    ['uv', '/u', { UV_PYTHON_INSTALL_DIR: '/u' }],
    ['uv', '~/.local/share/uv/tools'],
    ['uv', '/t', { UV_TOOL_DIR: '/t' }],
    ['poetry', '~/.cache/pypoetry/virtualenvs'],
    ['poetry', '/cache/pypoetry/virtualenvs', { XDG_CACHE_HOME: '/cache' }],
    // what is not absolute does not count (XDG base directory specification)
    ['poetry', '~/.cache/pypoetry/virtualenvs', { XDG_CACHE_HOME: 'cache' }],
    ['poetry', '/pc/virtualenvs', { POETRY_CACHE_DIR: '/pc' }],
    ['poetry', '/pv', { POETRY_VIRTUALENVS_PATH: '/pv' }],
    ['poetry', '~/.config/pypoetry/config.toml'],
    ['pipenv', '~/.local/share/virtualenvs'],
    ['pipenv', '/w', { WORKON_HOME: '/w' }],
    ['hatch', '~/.local/share/hatch/env/virtual'],
    ['hatch', '/h/env/virtual', { HATCH_DATA_DIR: '/h' }],
    ['virtualenvwrapper', '~/.virtualenvs'],
    ['venv', '~/envs'],
    ['venv', '~/Envs'],
    ['venv', '~/.venvs'],
    ['venv', '/v', { VIRTUAL_ENV: '/v' }],
    ['pipx', '~/.local/share/pipx/venvs'],
    ['pipx', '/opt/pipx/venvs'],
    ['pipx', '/px/venvs', { PIPX_HOME: '/px' }],
    ['mise', '~/.local/share/mise/installs/python'],
    ['mise', '/mi/installs/python', { MISE_DATA_DIR: '/mi' }],
    ['asdf', '~/.asdf/installs/python'],
    ['asdf', '/as/installs/python', { ASDF_DATA_DIR: '/as' }],
    ['rye', '~/.rye/py'],
    ['rye', '/ry/py', { RYE_HOME: '/ry' }],
    ['homebrew', '/home/linuxbrew/.linuxbrew/bin'],
    ['system', '/usr/bin'],
    ['system', '/usr/local/bin'],
    ['system', '~/.local/bin'],
    ['system', '/here/tools', { PATH: 'tools:/usr/bin' }],
  ],
  darwin: [
    ['poetry', '~/Library/Caches/pypoetry/virtualenvs'],
    ['poetry', '~/Library/Application Support/pypoetry/config.toml'],
    ['hatch', '~/Library/Application Support/hatch/env/virtual'],
    ['homebrew', '/opt/homebrew/bin'],
    ['homebrew', '/usr/local/bin'],
    ['homebrew', '/b/bin', { HOMEBREW_PREFIX: '/b' }],
    ['python.org', '/Library/Frameworks/Python.framework/Versions'],
    ['xcode', '/Applications'],
    ['xcode', '/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions'],
    ['conda', '~/opt/anaconda3'],
    ['conda', '/opt/homebrew/Caskroom/miniconda'],
    ['system', '/opt/local/bin'],
    ['uv', '~/.local/share/uv/python'],
  ],
  win32: [
    ['poetry', '~\\AppData\\Local\\pypoetry\\Cache\\virtualenvs'],
    ['poetry', '~\\AppData\\Roaming\\pypoetry\\config.toml'],
    ['hatch', '~\\AppData\\Local\\hatch\\env\\virtual'],
    ['pipx', '~\\pipx\\venvs'],
    ['uv', '~\\AppData\\Roaming\\uv\\python'],
    ['uv', 'R:\\uv\\tools', { APPDATA: 'R:\\' }],
    ['pyenv', '~\\.pyenv\\pyenv-win\\versions'],
    ['conda', '~\\miniconda3'],
    ['conda', 'C:\\ProgramData\\miniforge3', { ProgramData: 'C:\\ProgramData' }],
    ['conda', '~\\AppData\\Local\\conda\\conda\\envs'],
    ['conda', 'D:\\envs', { CONDA_ENVS_DIRS: '%DRIVE%\\envs;C:\\x', Drive: 'D:' }],
    ['conda', 'D:\\forge', { Path: 'C:\\x;D:\\forge\\condabin' }],
    ['windows-store', '~\\AppData\\Local\\Microsoft\\WindowsApps'],
    ['winpython', '~\\Downloads'],
    ['virtualenvwrapper', '~\\Envs'],
  ],
};

/** Places that no search of the platform may have. */
const NEVER: [keyof typeof HOMES, string, Record<string, string>?][] = [
  ['linux', '~/.pyenv/shims', { PATH: '/home/ann/.pyenv/shims:/usr/bin' }],
  ['linux', '/Applications'],
  [
    'win32',
    '~\\AppData\\Local\\Microsoft\\WindowsApps\\',
    { PATH: 'C:\\Users\\ann\\AppData\\Local\\Microsoft\\WindowsApps\\' },
  ],
  ['win32', '/usr/bin'],
  ['darwin', '~/Envs'],
];

function placesOf(platform: keyof typeof HOMES, env: Record<string, string> = {}) {
  const cwd = platform === 'win32' ? 'C:\\here' : '/here';
  const where = whereOf({ platform, env, home: HOMES[platform], cwd });
  return locators.flatMap((locator) => locator.places?.(where) ?? []);
}

for (const platform of ['linux', 'darwin', 'win32'] as const) {
  describe(`places on ${platform}`, () => {
    test.each(TABLE[platform])('%s: %s %j', (locator, path, env) => {
      const full = path.replace('~', HOMES[platform]);
      const found = placesOf(platform, env).filter((place) => place.locator === locator);
      expect(found.map((place) => place.path)).toContain(full);
    });

    test('none twice, all absolute, each with a locator that knows it', () => {
      const places = placesOf(platform);
      const keys = places.map(({ locator, how, path }) => `${locator} ${how} ${path}`);
      expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
      const isAbsolute = platform === 'win32' ? /^[A-Z]:\\/ : /^\//;
      expect(places.filter(({ path }) => !isAbsolute.test(path))).toEqual([]);
      const own = new Set(locators.filter(({ look }) => look !== undefined).map(({ name }) => name));
      expect(places.filter(({ locator, how }) => how === 'own' && !own.has(locator))).toEqual([]);
    });
  });
}

test.each(NEVER)('on %s never %s', (platform, path, env) => {
  const programs = placesOf(platform, env).filter(({ locator }) => locator !== 'windows-store');
  expect(programs.map((place) => place.path)).not.toContain(path.replace('~', HOMES[platform]));
});
