import { describe, expect, test } from 'vitest';
import { kernelSpecRoots, type RootOptions } from '../../src/specs/index.js';

/** The directories, short: origin and path, without the `/kernels` that each ends in. */
function rootsOf(options: RootOptions): string[] {
  const separator = options.platform === 'win32' ? '\\' : '/';
  return kernelSpecRoots(options).map(({ origin, path }) => {
    expect(path.endsWith(`${separator}kernels`), path).toBe(true);
    return `${origin} ${path.slice(0, -`${separator}kernels`.length)}`;
  });
}

type Case = [what: string, options: Partial<RootOptions>, expected: string[]];

describe('Linux', () => {
  const here = { platform: 'linux' as const, home: '/home/u', cwd: '/here', env: {} };
  const user = 'user /home/u/.local/share/jupyter';
  const system = ['system /usr/local/share/jupyter', 'system /usr/share/jupyter'];
  const ipython = 'ipython /home/u/.ipython';
  const env = 'environment /env/share/jupyter';
  const prefixes = [{ prefix: '/env' }];
  const cases: Case[] = [
    ['nothing set', {}, [user, ...system, ipython]],
    [
      'home has a link in it',
      { realHome: '/data/u' },
      ['user /data/u/.local/share/jupyter', user, ...system, 'ipython /data/u/.ipython'],
    ],
    [
      'JUPYTER_PATH: order kept, ends trimmed, once each',
      { env: { JUPYTER_PATH: '/b:/a//:/b/:/a' } },
      ['JUPYTER_PATH /b', 'JUPYTER_PATH /a', user, ...system, ipython],
    ],
    [
      'JUPYTER_PATH: empty, relative, ~ and / are read as Jupyter reads them',
      { env: { JUPYTER_PATH: ':x:~/y:/' } },
      ['JUPYTER_PATH /here', 'JUPYTER_PATH /here/x', 'JUPYTER_PATH /here/~/y', user, ...system, ipython],
    ],
    ['JUPYTER_PATH empty is no entry', { env: { JUPYTER_PATH: '' } }, [user, ...system, ipython]],
    ['JUPYTER_DATA_DIR', { env: { JUPYTER_DATA_DIR: '/data' } }, ['user /data', user, ...system, ipython]],
    ['XDG_DATA_HOME', { env: { XDG_DATA_HOME: '/xdg' } }, ['user /xdg/jupyter', user, ...system, ipython]],
    ['XDG_DATA_HOME empty', { env: { XDG_DATA_HOME: '' } }, [user, ...system, ipython]],
    ['XDG_DATA_DIRS alone does nothing', { env: { XDG_DATA_DIRS: '/x' } }, [user, ...system, ipython]],
    [
      'JUPYTER_PLATFORM_DIRS with XDG_DATA_DIRS',
      { env: { JUPYTER_PLATFORM_DIRS: '1', XDG_DATA_DIRS: '/x:rel:/y' } },
      [user, 'system /x/jupyter', 'system /y/jupyter', ipython],
    ],
    ['JUPYTER_PLATFORM_DIRS without', { env: { JUPYTER_PLATFORM_DIRS: '' } }, [user, ...system, ipython]],
    [
      'JUPYTER_PLATFORM_DIRS=Off',
      { env: { JUPYTER_PLATFORM_DIRS: 'Off', XDG_DATA_DIRS: '/x' } },
      [user, ...system, ipython],
    ],
    [
      'platform dirs take no relative XDG_DATA_HOME',
      { env: { JUPYTER_PLATFORM_DIRS: '1', XDG_DATA_HOME: 'rel' } },
      [user, ...system, ipython],
    ],
    ['a prefix', { prefixes }, [user, env, ...system, ipython]],
    ['a preferred prefix', { prefixes: [{ prefix: '/env/', preferred: true }] }, [env, user, ...system, ipython]],
    [
      'two prefixes, one preferred',
      { prefixes: [{ prefix: '/env' }, { prefix: '/p', preferred: true }] },
      ['environment /p/share/jupyter', user, env, ...system, ipython],
    ],
    ['JUPYTER_PREFER_ENV_PATH=1', { prefixes, env: { JUPYTER_PREFER_ENV_PATH: '1' } }, [env, user, ...system, ipython]],
    [
      'JUPYTER_PREFER_ENV_PATH empty is yes',
      { prefixes, env: { JUPYTER_PREFER_ENV_PATH: '' } },
      [env, user, ...system, ipython],
    ],
    [
      'JUPYTER_PREFER_ENV_PATH=no wins over preferred',
      {
        prefixes: [{ prefix: '/env', preferred: true }],
        env: { JUPYTER_PREFER_ENV_PATH: 'no' },
      },
      [user, env, ...system, ipython],
    ],
    [
      "the system's prefix stays in its place",
      { prefixes: [{ prefix: '/usr', preferred: true }] },
      [user, ...system, ipython],
    ],
    ['PYTHONUSERBASE', { env: { PYTHONUSERBASE: '/base/' } }, [user, 'user /base/share/jupyter', ...system, ipython]],
    ['PYTHONNOUSERSITE', { env: { PYTHONUSERBASE: '/base', PYTHONNOUSERSITE: '0' } }, [user, ...system, ipython]],
    [
      'user bases given',
      { userBases: ['/one', '/two'] },
      [user, 'user /one/share/jupyter', 'user /two/share/jupyter', ...system, ipython],
    ],
    ['IPYTHONDIR', { env: { IPYTHONDIR: '~/ipy/../i/' } }, [user, ...system, 'ipython /home/u/i']],
    ['no IPython', { ipython: false }, [user, ...system]],
    [
      'JUPYTER_NO_CONFIG and JUPYTER_CONFIG_DIR are for configuration',
      {
        env: { JUPYTER_NO_CONFIG: '1', JUPYTER_CONFIG_DIR: '/c' },
      },
      [user, ...system, ipython],
    ],
    [
      'JUPYTER_USE_PROGRAMDATA is for Windows',
      { env: { JUPYTER_USE_PROGRAMDATA: '1', PROGRAMDATA: '/p' } },
      [user, ...system, ipython],
    ],
  ];
  test.each(cases)('%s', (_, options, expected) => {
    expect(rootsOf({ ...here, ...options })).toEqual(expected);
  });

  test('the prefix that owns a directory is known where the path says it', () => {
    const env = { JUPYTER_PATH: '/opt/x/share/jupyter:/plain:/home/u/.local/share/jupyter:rel/share/jupyter' };
    const roots = kernelSpecRoots({ ...here, env, prefixes });
    expect(Object.fromEntries(roots.map(({ path, prefix }) => [path, prefix]))).toEqual({
      '/opt/x/share/jupyter/kernels': '/opt/x',
      '/plain/kernels': null,
      '/home/u/.local/share/jupyter/kernels': null,
      '/here/rel/share/jupyter/kernels': '/here/rel',
      '/env/share/jupyter/kernels': '/env',
      '/usr/local/share/jupyter/kernels': '/usr/local',
      '/usr/share/jupyter/kernels': '/usr',
      '/home/u/.ipython/kernels': null,
    });
  });
});

describe('macOS', () => {
  const here = { platform: 'darwin' as const, home: '/Users/u', cwd: '/here', env: {} };
  const user = 'user /Users/u/Library/Jupyter';
  const base = 'user /Users/u/.local/share/jupyter';
  const system = ['system /usr/local/share/jupyter', 'system /usr/share/jupyter'];
  const ipython = 'ipython /Users/u/.ipython';
  const support = 'Library/Application Support';
  const cases: Case[] = [
    ['nothing set', {}, [user, base, ...system, ipython]],
    ['XDG_DATA_HOME is for Linux', { env: { XDG_DATA_HOME: '/xdg' } }, [user, base, ...system, ipython]],
    [
      "a framework Python's user base",
      { userBases: ['/Users/u/Library/Python/3.13'] },
      [user, 'user /Users/u/Library/Python/3.13/share/jupyter', ...system, ipython],
    ],
    ['JUPYTER_DATA_DIR', { env: { JUPYTER_DATA_DIR: '/d' } }, ['user /d', base, ...system, ipython]],
    [
      'JUPYTER_PLATFORM_DIRS',
      { env: { JUPYTER_PLATFORM_DIRS: '1' } },
      [`user /Users/u/${support}/Jupyter`, base, `system /${support}/Jupyter`, ipython],
    ],
    [
      'JUPYTER_PLATFORM_DIRS, a Homebrew Python',
      {
        env: { JUPYTER_PLATFORM_DIRS: '1' },
        prefixes: [{ prefix: '/opt/homebrew/Cellar/python@3.13/3.13.7/Frameworks/Python.framework/Versions/3.13' }],
      },
      [
        `user /Users/u/${support}/jupyter`,
        base,
        'environment /opt/homebrew/Cellar/python@3.13/3.13.7/Frameworks/Python.framework/Versions/3.13/share/jupyter',
        'system /opt/homebrew/share/jupyter',
        `system /${support}/jupyter`,
        ipython,
      ],
    ],
    [
      'JUPYTER_PLATFORM_DIRS with XDG',
      { env: { JUPYTER_PLATFORM_DIRS: '1', XDG_DATA_HOME: '/h', XDG_DATA_DIRS: '/s' } },
      ['user /h/Jupyter', base, 'system /s/Jupyter', ipython],
    ],
    [
      'a preferred prefix',
      { prefixes: [{ prefix: '/env', preferred: true }] },
      ['environment /env/share/jupyter', user, base, ...system, ipython],
    ],
  ];
  test.each(cases)('%s', (_, options, expected) => {
    expect(rootsOf({ ...here, ...options })).toEqual(expected);
  });
});

describe('Windows', () => {
  const home = 'C:\\Users\\u';
  const appData = `${home}\\AppData\\Roaming`;
  const here = { platform: 'win32' as const, home, cwd: 'C:\\work' };
  const set = { APPDATA: appData, LOCALAPPDATA: `${home}\\AppData\\Local`, PROGRAMDATA: 'C:\\ProgramData' };
  const user = `user ${appData}\\jupyter`;
  const base = `user ${appData}\\Python\\share\\jupyter`;
  const ipython = `ipython ${home}\\.ipython`;
  const prefixes = [{ prefix: 'C:\\Py' }];
  const env = 'environment C:\\Py\\share\\jupyter';
  const cases: Case[] = [
    ['no Python', { env: set }, [user, base, ipython]],
    ["a Python: its prefix is the system's directory", { env: set, prefixes }, [user, base, env, ipython]],
    ['a preferred one', { env: set, prefixes: [{ prefix: 'C:/Py/', preferred: true }] }, [env, user, base, ipython]],
    [
      'PROGRAMDATA when trusted',
      { env: { ...set, JUPYTER_USE_PROGRAMDATA: '1' }, prefixes },
      [user, base, env, 'system C:\\ProgramData\\jupyter', ipython],
    ],
    [
      'PROGRAMDATA not trusted',
      { env: { ...set, JUPYTER_USE_PROGRAMDATA: 'false' }, prefixes },
      [user, base, env, ipython],
    ],
    [
      'trusted, but not there',
      { env: { APPDATA: appData, JUPYTER_USE_PROGRAMDATA: '1' }, prefixes },
      [user, base, env, ipython],
    ],
    ['without APPDATA', { env: {} }, [`user ${home}\\.jupyter\\data`, `user ${home}\\Python\\share\\jupyter`, ipython]],
    [
      'without APPDATA, JUPYTER_CONFIG_DIR',
      { env: { JUPYTER_CONFIG_DIR: 'D:\\c' } },
      ['user D:\\c\\data', `user ${home}\\Python\\share\\jupyter`, ipython],
    ],
    [
      'without APPDATA, JUPYTER_NO_CONFIG: a temporary directory, so none',
      { env: { JUPYTER_NO_CONFIG: '1' } },
      [`user ${home}\\Python\\share\\jupyter`, ipython],
    ],
    [
      'with APPDATA, JUPYTER_NO_CONFIG does nothing',
      { env: { ...set, JUPYTER_NO_CONFIG: '1' } },
      [user, base, ipython],
    ],
    [
      "a variable's case does not matter",
      { env: { AppData: appData, jupyter_path: 'D:\\p' } },
      ['JUPYTER_PATH D:\\p', user, base, ipython],
    ],
    [
      'JUPYTER_PATH: semicolons, ends trimmed, an empty and a relative entry',
      {
        env: { ...set, JUPYTER_PATH: 'D:\\a\\;E:/b;;rel' },
      },
      [
        'JUPYTER_PATH D:\\a',
        'JUPYTER_PATH E:/b',
        'JUPYTER_PATH C:\\work',
        'JUPYTER_PATH C:\\work\\rel',
        user,
        base,
        ipython,
      ],
    ],
    [
      'JUPYTER_PLATFORM_DIRS',
      { env: { ...set, JUPYTER_PLATFORM_DIRS: '1' }, prefixes },
      [`user ${home}\\AppData\\Local\\Jupyter`, base, env, ipython],
    ],
    [
      'JUPYTER_PLATFORM_DIRS, PROGRAMDATA trusted',
      {
        env: { ...set, JUPYTER_PLATFORM_DIRS: '1', JUPYTER_USE_PROGRAMDATA: 'yes' },
      },
      [`user ${home}\\AppData\\Local\\Jupyter`, base, 'system C:\\ProgramData\\Jupyter', ipython],
    ],
    [
      'PYTHONUSERBASE',
      { env: { ...set, PYTHONUSERBASE: 'D:/base' } },
      [user, 'user D:\\base\\share\\jupyter', ipython],
    ],
    ['JUPYTER_DATA_DIR', { env: { ...set, JUPYTER_DATA_DIR: 'D:\\data' } }, ['user D:\\data', base, ipython]],
    ['IPYTHONDIR', { env: { ...set, IPYTHONDIR: '~\\ipy' } }, [user, base, `ipython ${home}\\ipy`]],
  ];
  test.each(cases)('%s', (_, options, expected) => {
    expect(rootsOf({ env: {}, ...here, ...options })).toEqual(expected);
  });
});
