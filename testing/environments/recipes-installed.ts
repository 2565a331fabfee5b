import { conda, type Ground, interpreterOf, isWindows, minorOf, python, venv } from './parts.js';
import type { Made, Recipe } from './recipes.js';

const data = ({ path, home }: Ground) => path.join(home, '.local', 'share');
const roaming = ({ path, home }: Ground) => path.join(home, 'AppData', 'Roaming');

/** A conda root: `condabin`, `pkgs`, and conda's own record. */
function condaRoot(r: Recipe, root: string, name: string): void {
  conda(r, root, { version: r.version, packages: ['conda-24.7.1', ...(name === 'mamba' ? ['mamba-2.0.5'] : [])] });
  r.target.dir(r.path.join(root, 'condabin'));
  r.target.dir(r.path.join(root, 'pkgs'));
  r.target.dir(r.path.join(root, 'envs'));
}

function condaEnv(r: Recipe, prefix: string, command?: string): Made {
  conda(r, prefix, { version: r.version, ...(command !== undefined && { command }) });
  return {
    kind: 'conda',
    name: r.path.basename(prefix),
    prefix,
    virtual: false,
    install: `conda install -p ${prefix} ipykernel`,
  };
}

/** What version managers unpack: the newest of a minor version has an alias, which is no installation of its own. */
function installed(r: Recipe, dir: string, kind: 'mise' | 'asdf', alias: boolean): Made {
  const prefix = r.path.join(dir, r.version);
  python(r, prefix, r.version);
  if (alias) r.target.link(r.path.join(dir, minorOf(r.version)), `.${r.path.sep}${r.version}`);
  return { kind, name: r.version, prefix, virtual: false };
}

/** conda's family, and whatever brings its own Python. */
export const recipes = {
  'conda root'(r: Recipe): Made {
    const prefix = r.path.join(r.home, 'miniconda3');
    condaRoot(r, prefix, 'conda');
    return { kind: 'conda', name: 'base', prefix, virtual: false, install: `conda install -p ${prefix} ipykernel` };
  },
  'conda environment of a root'(r: Recipe): Made {
    return condaEnv(r, r.path.join(r.home, 'miniconda3', 'envs', r.name));
  },
  'conda environment without Python'(r: Recipe): Made {
    const prefix = r.path.join(r.home, 'miniconda3', 'envs', r.name);
    conda(r, prefix, { version: null, packages: ['r-base-4.3.1'] });
    return {
      ...{ kind: 'conda', name: r.name, prefix, hasPython: false },
      install: `conda install -p ${prefix} python ipykernel`,
    };
  },
  'conda environment in environments.txt'(r: Recipe): Made {
    const prefix = r.path.join(r.home, 'anywhere', r.name);
    r.target.file(r.path.join(r.home, '.conda', 'environments.txt'), `${r.path.join(r.home, 'gone')}\n${prefix}\n`);
    return condaEnv(r, prefix, `${r.path.join(r.home, 'miniconda3', 'bin', 'conda')} create -p ${prefix}`);
  },
  'conda environment by condarc'(r: Recipe): Made {
    r.target.file(r.path.join(r.home, '.condarc'), 'channels: [conda-forge]\nenvs_dirs:\n  - ~/condarc-envs\n');
    return condaEnv(r, r.path.join(r.home, 'condarc-envs', r.name));
  },
  /** The search's CONDA_ENVS_DIRS has to name `~/env-dirs`. */
  'conda environment by CONDA_ENVS_DIRS'(r: Recipe): Made {
    return condaEnv(r, r.path.join(r.home, 'env-dirs', r.name));
  },
  'conda environment in the workspace'(r: Recipe): Made {
    const made = condaEnv(r, r.path.join(r.workspace, '.conda'));
    return { ...made, nearness: 'workspace' };
  },
  /** micromamba 2 and mamba 2, in their own default root. */
  mamba(r: Recipe): Made {
    const root = isWindows(r) ? r.path.join(roaming(r), 'mamba') : r.path.join(data(r), 'mamba');
    r.target.dir(r.path.join(root, 'pkgs'));
    const prefix = r.path.join(root, 'envs', r.name);
    conda(r, prefix, { version: r.version, command: `/usr/local/bin/micromamba create -n ${r.name}` });
    return {
      kind: 'mamba',
      name: r.name,
      prefix,
      virtual: false,
      install: `micromamba install -p ${prefix} ipykernel`,
    };
  },
  'pixi in the workspace'(r: Recipe): Made {
    const prefix = r.path.join(r.workspace, r.name, '.pixi', 'envs', 'default');
    return pixi(r, prefix, r.path.join(r.workspace, r.name, 'pixi.toml'), 'default', 'workspace');
  },
  'pixi environment of a registered workspace'(r: Recipe): Made {
    const folder = r.path.join(r.home, 'src', r.name);
    const registry = `[named-workspaces]\nsome = ${JSON.stringify(folder)}\n`;
    r.target.file(r.path.join(r.home, '.pixi', 'workspaces.toml'), registry);
    return pixi(r, r.path.join(folder, '.pixi', 'envs', 'dev'), r.path.join(folder, 'pixi.toml'), 'dev', 'user');
  },
  'pixi detached'(r: Recipe): Made {
    const dir = r.path.join(r.home, 'detached');
    r.target.file(r.path.join(r.home, '.pixi', 'config.toml'), `detached-environments = ${JSON.stringify(dir)}\n`);
    const prefix = r.path.join(dir, `${r.name}-1234`, 'envs', 'default');
    return pixi(r, prefix, r.path.join(r.home, 'src', r.name, 'pixi.toml'), 'default', 'user');
  },
  'pixi global'(r: Recipe): Made {
    const prefix = r.path.join(r.home, '.pixi', 'envs', r.name);
    const made = pixi(r, prefix, r.path.join(r.home, '.pixi', 'manifests', 'pixi-global.toml'), r.name, 'user');
    return { ...made, name: r.name, project: null, install: `pixi global add --environment ${r.name} ipykernel` };
  },
  pyenv(r: Recipe): Made {
    const root = isWindows(r) ? r.path.join(r.home, '.pyenv', 'pyenv-win') : r.path.join(r.home, '.pyenv');
    const prefix = r.path.join(root, 'versions', r.version);
    python(r, prefix, r.version);
    r.target.file(r.path.join(root, 'shims', 'python'), '#!/bin/sh\nexec pyenv exec python "$@"\n', 0o755);
    return { kind: 'pyenv', name: r.version, prefix, virtual: false };
  },
  /** The real directory lies with its version, and a link to it beside that. */
  'pyenv-virtualenv'(r: Recipe): Made {
    const versions = r.path.join(r.home, '.pyenv', 'versions');
    const real = r.path.join(versions, r.version, 'envs', r.name);
    venv(r, real, { base: r.base, version: r.version });
    const prefix = r.path.join(versions, r.name);
    r.target.link(prefix, real);
    return { kind: 'pyenv-virtualenv', name: r.name, prefix };
  },
  mise(r: Recipe): Made {
    const dir = isWindows(r) ? r.path.join(r.home, 'AppData', 'Local') : data(r);
    return installed(r, r.path.join(dir, 'mise', 'installs', 'python'), 'mise', true);
  },
  asdf(r: Recipe): Made {
    return installed(r, r.path.join(r.home, '.asdf', 'installs', 'python'), 'asdf', false);
  },
  rye(r: Recipe): Made {
    const name = `cpython@${r.version}`;
    const prefix = r.path.join(r.home, '.rye', 'py', name);
    python(r, prefix, r.version);
    return { kind: 'rye', name, prefix, virtual: false };
  },
  /** rye's first releases. */
  'rye of old'(r: Recipe): Made {
    const name = `cpython@${r.version}`;
    const prefix = r.path.join(r.home, '.rye', 'py', name, 'install');
    python(r, prefix, r.version);
    return { kind: 'rye', name, prefix, virtual: false };
  },
  /** What no tool made for itself: on PATH, which has to name `~/own/bin`. */
  unknown(r: Recipe): Made {
    const prefix = r.path.join(r.home, 'own');
    python(r, prefix, r.version, { header: false });
    const at = isWindows(r) ? interpreterOf(r, prefix) : r.path.join(prefix, 'bin', 'python');
    return {
      kind: 'unknown',
      name: 'own',
      prefix,
      virtual: false,
      nearness: 'system',
      install: `${at} -m pip install ipykernel`,
    };
  },
} satisfies Record<string, (recipe: Recipe) => Made>;

function pixi(r: Recipe, prefix: string, manifest: string, environment: string, nearness: 'user' | 'workspace'): Made {
  conda(r, prefix, { version: r.version });
  const note = { manifest_path: manifest, environment_name: environment, pixi_version: '0.50.0' };
  r.target.file(r.path.join(prefix, 'conda-meta', 'pixi'), JSON.stringify(note));
  const project = r.path.dirname(manifest);
  if (r.path.basename(manifest) === 'pixi.toml') r.target.file(manifest, '[workspace]\n');
  const feature = environment === 'default' ? '' : ` --feature ${environment}`;
  return {
    ...{ kind: 'pixi', prefix, project, nearness, virtual: false },
    name: environment === 'default' ? r.path.basename(project) : `${r.path.basename(project)}:${environment}`,
    install: `pixi add --manifest-path ${manifest}${feature} ipykernel`,
  };
}
