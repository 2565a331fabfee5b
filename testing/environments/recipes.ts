import { createHash } from 'node:crypto';
import type { EnvironmentKind } from '../../packages/core/src/environments/index.js';
import {
  distribution,
  type Ground,
  interpreterOf,
  isWindows,
  kernelspec,
  minorOf,
  python,
  siteOf,
  venv,
} from './parts.js';
import * as more from './recipes-installed.js';

/** What is laid out: which tool's way, and what is in it. */
export interface Description {
  as: RecipeName;
  /** Default: the recipe's own. */
  name?: string;
  version?: string;
  /** `ipykernel-6.29.5`, `xeus-python-0.17.1`. Default: none. */
  kernel?: string;
  /** Kernelspecs in it, name → language. */
  specs?: Readonly<Record<string, string>>;
}

/** What a search has to find. */
export interface Laid {
  as: string;
  kind: EnvironmentKind;
  name: string;
  prefix: string;
  version: string | null;
  hasPython: boolean;
  kernelPackage: { name: string; version: string } | null;
  project: string | null;
  nearness: 'workspace' | 'active' | 'user' | 'system' | 'tool';
  /** The command that installs ipykernel, `''` where it is there. */
  install: string;
  specs: string[];
}

/** What a recipe works with. */
export interface Recipe extends Ground {
  /** The folder that a user works in. */
  workspace: string;
  name: string;
  version: string;
  /** A Python of that version that virtual environments are made with. */
  base: string;
}

export type Made = Pick<Laid, 'kind' | 'name' | 'prefix'> & Partial<Laid> & { virtual?: boolean; library?: string };

const data = ({ path, home }: Ground) => path.join(home, '.local', 'share');
const roaming = ({ path, home }: Ground) => path.join(home, 'AppData', 'Roaming');
const local = ({ path, home }: Ground) => path.join(home, 'AppData', 'Local');
const virtual = (r: Recipe, prefix: string, options: Partial<Parameters<typeof venv>[2]> = {}) =>
  venv(r, prefix, { base: r.base, version: r.version, ...options });

/** poetry's and hatch's digest of a folder. */
export function digestOf(folder: string): string {
  return createHash('sha256').update(folder).digest('base64url').slice(0, 8);
}

const own = {
  venv(r: Recipe): Made {
    const prefix = r.path.join(r.home, isWindows(r) ? 'Envs' : 'envs', r.name);
    virtual(r, prefix);
    return { kind: 'venv', name: r.name, prefix };
  },
  'venv with a prompt'(r: Recipe): Made {
    const prefix = r.path.join(r.home, '.venvs', r.name);
    virtual(r, prefix, { prompt: `${r.name} prompt` });
    return { kind: 'venv', name: `${r.name} prompt`, prefix };
  },
  'workspace venv'(r: Recipe): Made {
    const prefix = r.path.join(r.workspace, r.name === 'workspace-venv' ? '.venv' : r.name);
    virtual(r, prefix);
    return { kind: 'venv', name: r.path.basename(prefix), prefix, nearness: 'workspace' };
  },
  virtualenv(r: Recipe): Made {
    const prefix = r.path.join(r.home, isWindows(r) ? 'Envs' : 'envs', r.name);
    virtual(r, prefix, { by: 'virtualenv' });
    return { kind: 'virtualenv', name: r.name, prefix };
  },
  'virtualenv of old'(r: Recipe): Made {
    const prefix = r.path.join(r.home, isWindows(r) ? 'Envs' : 'envs', r.name);
    python(r, prefix, r.version, { header: false });
    r.target.file(
      isWindows(r) ? r.path.join(prefix, 'Scripts', 'activate.bat') : r.path.join(prefix, 'bin', 'activate'),
      '',
    );
    return { kind: 'virtualenv', name: r.name, prefix, virtual: false };
  },
  virtualenvwrapper(r: Recipe): Made {
    const prefix = r.path.join(r.home, '.virtualenvs', r.name);
    const project = r.path.join(r.home, 'src', r.name);
    virtual(r, prefix, { by: 'virtualenv' });
    r.target.file(r.path.join(prefix, '.project'), project);
    return { kind: 'virtualenvwrapper', name: r.name, prefix, project };
  },
  pipenv(r: Recipe): Made {
    const project = r.path.join(r.home, 'src', r.name);
    const full = `${r.name}-aBcD_-12`;
    const prefix = r.path.join(
      isWindows(r) ? r.path.join(r.home, '.virtualenvs') : r.path.join(data(r), 'virtualenvs'),
      full,
    );
    virtual(r, prefix, { by: 'virtualenv' });
    r.target.file(r.path.join(prefix, '.project'), `${project}\n`);
    r.target.file(r.path.join(project, 'Pipfile'), '');
    const install = `cd ${project} && pipenv install --dev ipykernel`;
    return { kind: 'pipenv', name: full, prefix, project, install };
  },
  poetry(r: Recipe): Made {
    const full = `${r.name}-${digestOf(`/nowhere/${r.name}`)}-py${minorOf(r.version)}`;
    const base =
      r.target.platform === 'darwin'
        ? r.path.join(r.home, 'Library', 'Caches', 'pypoetry')
        : isWindows(r)
          ? r.path.join(local(r), 'pypoetry', 'Cache')
          : r.path.join(r.home, '.cache', 'pypoetry');
    const prefix = r.path.join(base, 'virtualenvs', full);
    virtual(r, prefix, { by: 'virtualenv' });
    return { kind: 'poetry', name: full, prefix };
  },
  'poetry in its project'(r: Recipe): Made {
    const project = r.path.join(r.workspace, r.name);
    const prefix = r.path.join(project, '.venv');
    virtual(r, prefix, { by: 'virtualenv' });
    r.target.file(r.path.join(project, 'pyproject.toml'), `[tool.poetry]\nname = "${r.name}"\n`);
    const install = `cd ${project} && poetry add --group dev ipykernel`;
    return { kind: 'poetry', name: r.name, prefix, project, nearness: 'workspace', install };
  },
  hatch(r: Recipe): Made {
    const base =
      r.target.platform === 'darwin'
        ? r.path.join(r.home, 'Library', 'Application Support', 'hatch')
        : r.path.join(isWindows(r) ? local(r) : data(r), 'hatch');
    const prefix = r.path.join(base, 'env', 'virtual', r.name, 'Ab_-1234', 'test');
    virtual(r, prefix, { by: 'virtualenv', pip: false });
    const at = interpreterOf(r, prefix, true);
    return { kind: 'hatch', name: `${r.name}:test`, prefix, install: `uv pip install --python ${at} ipykernel` };
  },
  'uv venv'(r: Recipe): Made {
    const prefix = r.path.join(r.workspace, r.name, '.venv');
    virtual(r, prefix, { by: 'uv', prompt: r.name });
    const install = `uv pip install --python ${interpreterOf(r, prefix, true)} ipykernel`;
    return { kind: 'uv', name: r.name, prefix, nearness: 'workspace', install };
  },
  'uv in its project'(r: Recipe): Made {
    const project = r.path.join(r.workspace, r.name);
    const prefix = r.path.join(project, '.venv');
    virtual(r, prefix, { by: 'uv', prompt: r.name });
    r.target.file(r.path.join(project, 'uv.lock'), 'version = 1\n');
    const install = `uv add --project ${project} --dev ipykernel`;
    return { kind: 'uv', name: r.name, prefix, nearness: 'workspace', install };
  },
  'uv managed'(r: Recipe): Made {
    const dir = isWindows(r) ? r.path.join(roaming(r), 'uv', 'python') : r.path.join(data(r), 'uv', 'python');
    const prefix = r.path.join(dir, `cpython-${r.version}-linux-x86_64-gnu`);
    python(r, prefix, r.version, { bytes: null });
    const mark = isWindows(r) ? r.path.join(prefix, 'Lib') : r.path.join(prefix, 'lib', `python${minorOf(r.version)}`);
    r.target.file(r.path.join(mark, 'EXTERNALLY-MANAGED'), '[externally-managed]\n');
    r.target.link(r.path.join(dir, `cpython-${minorOf(r.version)}-linux-x86_64-gnu`), prefix);
    const install = `uv venv --python ${interpreterOf(r, prefix)} .venv && uv pip install --python .venv ipykernel`;
    return { kind: 'uv', name: `cpython-${r.version}`, prefix, virtual: false, install };
  },
  'uv tool'(r: Recipe): Made {
    const prefix = r.path.join(isWindows(r) ? roaming(r) : data(r), 'uv', 'tools', r.name);
    virtual(r, prefix, { by: 'uv' });
    return {
      kind: 'uv',
      name: r.name,
      prefix,
      nearness: 'tool',
      install: `uv tool install --with ipykernel ${r.name}`,
    };
  },
  pipx(r: Recipe): Made {
    const prefix = isWindows(r)
      ? r.path.join(r.home, 'pipx', 'venvs', r.name)
      : r.path.join(data(r), 'pipx', 'venvs', r.name);
    virtual(r, prefix, { pip: false });
    return { kind: 'pipx', name: r.name, prefix, nearness: 'tool', install: `pipx inject ${r.name} ipykernel` };
  },
} satisfies Record<string, (recipe: Recipe) => Made>;

/** Every tool's way, by a name for people. */
export const recipes = { ...own, ...more.recipes };

export type RecipeName = keyof typeof recipes;

/**
 * Lays out environments under one home, as the real tools do.
 *
 * @returns what has to be found, in the same order
 */
export function layOut(ground: Ground, descriptions: readonly Description[], workspace: string): Laid[] {
  const bases = new Set<string>();
  return descriptions.map((description) => {
    const { as, version = '3.11.4', kernel, specs = {} } = description;
    const name = description.name ?? as.replaceAll(' ', '-');
    const base = ground.path.join(ground.home, 'bases', version);
    if (!bases.has(base)) python(ground, base, version);
    bases.add(base);
    const made = recipes[as]({ ...ground, workspace, name, version, base });
    const { prefix, hasPython = true, library = `python${minorOf(version)}` } = made;
    if (kernel !== undefined) distribution(ground, siteOf(ground, prefix, library), kernel);
    for (const [spec, language] of Object.entries(specs)) kernelspec(ground, prefix, spec, language);
    const [, project, number] = /^(.+)-(\d.*)$/.exec(kernel ?? '') ?? [];
    const pip = `${interpreterOf(ground, prefix, made.virtual ?? true)} -m pip install ipykernel`;
    return {
      as,
      version: hasPython ? version : null,
      project: null,
      nearness: 'user',
      specs: Object.keys(specs).sort(),
      ...made,
      hasPython,
      kernelPackage: project === undefined ? null : { name: project, version: number! },
      install: project === 'ipykernel' ? '' : (made.install ?? pip),
    };
  });
}
