import { FileFaultError } from '../../files/index.js';
import { guarded, textOrNull } from '../guarded.js';
import { type Locator, placesAt } from '../locator.js';
import { ParserNeeded } from '../parsers.js';
import { Prefix } from '../prefix.js';
import type { Candidate, Item, Place } from '../types.js';
import { condaVersion } from '../version.js';
import {
  given,
  inHome,
  isWithin,
  type Look,
  listed,
  localAppData,
  roamingAppData,
  variablePath,
  type Where,
  xdgConfig,
  xdgData,
} from '../where.js';

const ROOT_NAMES = [
  'anaconda',
  'anaconda3',
  'miniconda',
  'miniconda3',
  'miniforge',
  'miniforge3',
  'mambaforge',
  'micromamba',
];

/** conda, mamba and micromamba: the same layout, told apart by whether conda itself is installed in the root. */
export const conda: Locator = {
  name: 'conda',

  places(where) {
    const envsDirs = [
      ...listed(where, where.read('CONDA_ENVS_DIRS') ?? where.read('CONDA_ENVS_PATH')),
      inHome(where, '.conda', 'envs'),
      where.platform === 'win32' ? localAppData(where, 'conda', 'conda', 'envs') : null,
    ];
    return [
      ...placesAt('conda', 'prefix', 'active', [variablePath(where, 'CONDA_PREFIX')]),
      ...placesAt('conda', 'own', 'user', roots(where)),
      ...placesAt('conda', 'children', 'user', envsDirs),
      ...placesAt('conda', 'own', 'user', [inHome(where, '.conda', 'environments.txt'), ...condarcFiles(where)]),
    ];
  },

  *look(place, look) {
    const { path } = place;
    if (look.where.path.basename(path) === 'environments.txt') yield* fromList(place, look);
    else if (/(?:conda|mamba)rc(?:\.d)?$|\.ya?ml$/.test(path)) yield* fromCondarc(place, look);
    else yield* fromRoot(place, look);
  },

  identify(prefix) {
    const records = prefix.condaMeta;
    if (records === null || records.includes('pixi')) return null;
    const { path } = prefix.look.where;
    const root = rootOf(prefix);
    const inEnvs = path.basename(path.dirname(prefix.path)) === 'envs';
    const isRoot = root !== null && samePlace(prefix, root);
    const tool = isMamba(prefix, root) ? 'mamba' : 'conda';
    return {
      kind: tool,
      name: isRoot && !inEnvs ? 'base' : path.basename(prefix.path),
      manager: { tool, root },
      version: condaVersion(prefix),
    };
  },
};

function roots(where: Where): (string | null)[] {
  const { path, platform, read } = where;
  const named = ['CONDA_ROOT', 'MAMBA_ROOT_PREFIX', 'CONDA_DIR', 'CONDA'].map((name) => variablePath(where, name));
  // `<root>/bin/conda`, `<root>\Scripts\conda.exe`
  const exe = read('CONDA_EXE');
  if (exe && path.isAbsolute(exe)) named.push(path.dirname(path.dirname(exe)));
  const onPath = listed(where, read('PATH'))
    .filter((dir) => path.basename(dir).toLowerCase() === 'condabin')
    .map((dir) => path.dirname(dir));
  const below = (dirs: readonly string[]) => dirs.flatMap((dir) => ROOT_NAMES.map((name) => path.join(dir, name)));
  if (platform === 'win32') {
    const dirs = ['USERPROFILE', 'PROGRAMDATA', 'ALLUSERSPROFILE', 'LOCALAPPDATA'].flatMap((name) => read(name) || []);
    return [
      ...named,
      ...onPath,
      roamingAppData(where, 'mamba'),
      ...below([where.home, ...dirs, 'C:\\', 'C:\\ProgramData']),
    ];
  }
  const brew = platform === 'darwin' ? '/opt/homebrew' : '/home/linuxbrew/.linuxbrew';
  const homes = [[], ['opt'], ['.conda'], ['.local']].map((parts) => inHome(where, ...parts));
  const system = ['/opt', '/usr/share', '/usr/local', '/usr', '/', brew, `${brew}/Caskroom`];
  const mamba = [xdgData(where, 'mamba'), inHome(where, '.local', 'share', 'mamba'), inHome(where, 'micromamba')];
  return [...named, ...onPath, ...mamba, ...below(homes), '/opt/conda', ...below(system)];
}

/** Where conda reads `envs_dirs` from (conda/base/constants.py, SEARCH_PATH). */
export function condarcFiles(where: Where): string[] {
  const { path, platform } = where;
  const three = (dir: string | null) =>
    dir === null ? [] : ['.condarc', 'condarc', 'condarc.d'].map((name) => path.join(dir, name));
  const system = platform === 'win32' ? ['C:\\ProgramData\\conda'] : ['/etc/conda', '/var/lib/conda'];
  const dirs = [
    ...system,
    variablePath(where, 'CONDA_ROOT'),
    xdgConfig(where, 'conda'),
    inHome(where, '.config', 'conda'),
    inHome(where, '.conda'),
    variablePath(where, 'CONDA_PREFIX'),
  ];
  const single = [inHome(where, '.condarc'), inHome(where, '.mambarc'), variablePath(where, 'CONDARC')];
  return [...new Set([...dirs.flatMap(three), ...single.filter((file) => file !== null)])];
}

/** A root, and what is in its `envs`. */
function* fromRoot(place: Place, look: Look): Iterable<Item> {
  const { path, nearness } = place;
  const root = new Prefix(look, path);
  if (root.stat()?.type !== 'directory') return;
  const envs = root.join('envs');
  if (root.condaMeta !== null) yield { prefix: path, place };
  if (look.files.stat(envs) !== null) yield { locator: 'conda', path: envs, how: 'children', nearness };
  yield* fromCondarcIn(path, place, look);
}

function* fromCondarcIn(root: string, place: Place, look: Look): Iterable<Item> {
  for (const name of ['.condarc', 'condarc']) {
    const file = look.where.path.join(root, name);
    yield* guarded(file, () => fromCondarc({ ...place, path: file, how: 'own' }, look));
  }
}

/** conda notes every environment that it makes; a line may be older than what it names. */
function* fromList(place: Place, look: Look): Iterable<Candidate> {
  for (const line of (look.files.text(place.path) ?? '').split(/\r?\n/)) {
    const prefix = line.trim();
    if (prefix !== '' && look.where.path.isAbsolute(prefix)) yield { prefix, place };
  }
}

/** `envs_dirs` (or `envs_path`) of a configuration file, or of every YAML file in a `condarc.d`. @throws Error: damaged */
function* fromCondarc(place: Place, look: Look): Iterable<Item> {
  const { files, where } = look;
  if (where.path.basename(place.path) === 'condarc.d') {
    for (const name of files.names(place.path) ?? []) {
      if (!/\.ya?ml$/.test(name)) continue;
      const path = where.path.join(place.path, name);
      yield* guarded(path, () => fromCondarc({ ...place, path }, look));
    }
    return;
  }
  const text = files.text(place.path);
  if (text === null) return;
  const { envs_dirs: dirs, envs_path: older } = yamlOf(text, place.path, look);
  for (const dir of [dirs, older].flat()) {
    if (typeof dir !== 'string') continue;
    yield { locator: 'conda', path: given(where, dir), how: 'children', nearness: 'user' } satisfies Place;
  }
}

/** @throws FileFaultError where it is damaged */
function yamlOf(text: string, path: string, look: Look): Record<string, unknown> {
  try {
    return look.parsers.yaml(text);
  } catch (error) {
    if (error instanceof ParserNeeded) throw error;
    throw new FileFaultError(path, `no valid YAML: ${(error as Error).message.split('\n')[0]}`, error);
  }
}

/**
 * The root that an environment belongs to: itself; the one whose `envs` it lies in; the one whose conda made it, which is
 * in the first line of its history.
 */
export function rootOf(prefix: Prefix): string | null {
  const { path, platform } = prefix.look.where;
  const above = path.dirname(prefix.path);
  const grand = path.dirname(above);
  const isHome = path.basename(grand) === '.conda';
  if (path.basename(above) === 'envs' && !isHome && looksLikeRoot(prefix.look, grand)) return grand;
  if (looksLikeRoot(prefix.look, prefix.path)) return prefix.path;
  const program = creatorOf(prefix);
  if (program === null || !path.isAbsolute(program)) return null;
  // `<root>/bin/conda`; micromamba's binary may lie anywhere
  const dir = path.basename(path.dirname(program)).toLowerCase();
  const root = path.dirname(path.dirname(program));
  const expected = platform === 'win32' ? ['scripts', 'condabin'] : ['bin', 'condabin'];
  return expected.includes(dir) && looksLikeRoot(prefix.look, root) ? root : null;
}

/** The program that made it, as the first line of its history has it. */
function creatorOf(prefix: Prefix): string | null {
  const history = textOrNull(prefix.look.files, prefix.join('conda-meta', 'history'), 64 * 1024 * 1024);
  const match = /^# cmd: ((?:.+?[\\/])?(?:conda|mamba|micromamba)(?:-script\.py|\.exe)?)(?= |$)/m.exec(history ?? '');
  return match?.[1] ?? null;
}

/** conda's root has `condabin`; micromamba's may hold nothing but `pkgs` beside its `envs`. */
function looksLikeRoot(look: Look, dir: string): boolean {
  return look.memory.once(look.files, `conda root ${dir}`, () => {
    const names = namesOrNone(look, dir);
    const has = (name: string) => names.has(name);
    return (has('conda-meta') && (has('condabin') || has('envs'))) || (has('envs') && has('pkgs'));
  });
}

/** What may not be listed is not recognised. */
function namesOrNone({ files }: Look, dir: string): ReadonlySet<string> {
  try {
    return new Set(files.names(dir) ?? []);
  } catch (error) {
    if (error instanceof FileFaultError) return new Set();
    throw error;
  }
}

/** Whether no conda is in its root. Without a root: whether mamba made it, or the variables of a micromamba point here. */
function isMamba(prefix: Prefix, root: string | null): boolean {
  const { look } = prefix;
  if (root === null) {
    if (/mamba[^\\/]*$/.test(creatorOf(prefix) ?? '')) return true;
    const named = variablePath(look.where, 'MAMBA_ROOT_PREFIX');
    return named !== null && isWithin(look.where, prefix.path, named);
  }
  return look.memory.once(look.files, `conda in ${root}`, () => {
    const records = namesOrNone(look, look.where.path.join(root, 'conda-meta'));
    return ![...records].some((name) => /^conda-\d/.test(name));
  });
}

function samePlace(prefix: Prefix, root: string): boolean {
  return prefix.path === root || prefix.real === prefix.look.files.real(root);
}
