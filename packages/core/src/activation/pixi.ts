import type { Environment } from '../environments/index.js';
import { Changes } from './changes.js';
import type { Computed, Hook } from './computed.js';
import { prefixVariables } from './conda/prefix-variables.js';
import { scriptsOf } from './conda/scripts.js';
import { prefixDirs } from './conda/search-path.js';
import type { Context } from './context.js';
import { type PixiManifest, pixiManifest } from './pixi-manifest.js';
import { prependToPath } from './search-path.js';

/**
 * §3.7, pixi: the prefix part as rattler's shell library computes it, and what pixi tells of the project. What a manifest's `[activation]`
 * does is asked of pixi itself. Nothing that was active before is deactivated.
 *
 * @throws ParserNeeded
 */
export function pixiActivation(context: Context, environment: Environment): Computed {
  const { prefix } = environment;
  const changes = new Changes(context);
  const level = Number.parseInt(context.read('CONDA_SHLVL') ?? '0', 10) || 0;
  // rattler keeps what it hides under the new level
  const set = (name: string, value: string | null, detail: string) => {
    const hidden = context.read(name);
    if (hidden !== undefined) changes.set(`CONDA_ENV_SHLVL_${level + 1}_${name}`, hidden, `pixi: saves ${name}`);
    changes.set(name, value, detail);
  };
  prependToPath(context, changes, prefixDirs(context, prefix, 'pixi'), 'pixi: prefix');
  changes.set('CONDA_SHLVL', String(level + 1), 'pixi: prefix');
  set('CONDA_PREFIX', prefix, 'pixi: prefix');
  const own = prefixVariables(context, prefix, 'pixi');
  for (const [name, { value, tombstone, from }] of own) {
    if (!tombstone) set(name, value === null ? null : expanded(context, changes, name, value), `pixi: ${from}`);
  }

  const noted = noteOf(context, prefix);
  const file = environment.manager?.root ?? noted.manifest;
  const pixi = pixiProgram(context);
  let hook: Hook | null = null;
  // an environment of `pixi global` has no project
  const isGlobal = file !== null && context.path.basename(context.path.dirname(file)) === 'manifests';
  const name = noted.environment ?? context.path.basename(prefix);
  const manifest = file === null || isGlobal ? null : pixiManifest(context, file, name);
  if (manifest !== null) {
    for (const [key, value] of projectVariables(context, manifest, name, pixi)) set(key, value, 'pixi: manifest');
    if (manifest.hasActivation) hook = hookFor(context, manifest, name, pixi);
  }
  return {
    variables: changes.variables,
    sources: changes.sources,
    early: [],
    scripts: { deactivate: [], activate: scriptsOf(context, prefix, 'activate') },
    hook,
    problem: null,
  };
}

/**
 * rattler writes a value with a `$` between double quotes, for bash to put variables in, those that were set before with them. Only names
 * are understood here: a value that has more to compute stays as it is.
 */
function expanded(context: Context, changes: Changes, name: string, value: string): string {
  if (context.isWindows || !value.includes('$')) return value;
  const text = value.replace(REFERENCE, (_all, literal?: string, braced?: string, bare?: string) => {
    if (literal !== undefined) return literal;
    const variable = braced ?? bare ?? '';
    return (changes.has(variable) ? changes.get(variable) : context.read(variable)) ?? '';
  });
  if (!COMPUTED.test(value.replace(REFERENCE, ''))) return text;
  context.note('value-not-expanded', `${name} is left as it is, a shell would compute it: ${value}`);
  return value;
}

/** A character that a backslash protects, or a variable. */
const REFERENCE = /\\([$`\\])|\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;
/** Commands, arithmetic, and what else bash can do to a variable. */
const COMPUTED = /`|\$[({\d@*#?!$-]|\\["\n]/;

function projectVariables(
  context: Context,
  manifest: PixiManifest,
  name: string,
  pixi: string | null,
): [string, string][] {
  const title = name === 'default' ? manifest.name : `${manifest.name}:${name}`;
  return [
    ['PIXI_PROJECT_ROOT', context.path.dirname(manifest.file)],
    ['PIXI_PROJECT_NAME', manifest.name],
    ['PIXI_PROJECT_MANIFEST', manifest.file],
    ['PIXI_PROJECT_VERSION', manifest.version ?? 'NO_VERSION_SPECIFIED'],
    ['PIXI_IN_SHELL', '1'],
    ...(pixi === null ? [] : ([['PIXI_EXE', pixi]] as [string, string][])),
    ['CONDA_DEFAULT_ENV', title],
    ['PIXI_ENVIRONMENT_NAME', name],
    ['PIXI_ENVIRONMENT_PLATFORMS', manifest.platforms.join(',')],
    ['PIXI_PROMPT', `(${title}) `],
  ];
}

/** `--as-is`, since without it pixi may solve and install. */
function hookFor(context: Context, manifest: PixiManifest, name: string, pixi: string | null): Hook | null {
  const { path, files } = context;
  for (const script of manifest.scripts) {
    context.tolerant(null, () => files.stat(path.resolve(path.dirname(manifest.file), script)));
  }
  context.tolerant(null, () => files.stat(path.join(path.dirname(manifest.file), 'pixi.lock')));
  if (pixi === null) {
    context.note(
      'pixi-missing',
      `${manifest.file} has an [activation], which only pixi understands, and there is no pixi: what it sets is left out`,
      manifest.file,
    );
    return null;
  }
  const argv = [pixi, 'shell-hook', '--json', '--as-is', '--manifest-path', manifest.file, '--environment', name];
  return { argv, name: 'pixi shell-hook' };
}

/** pixi's program: the one that is running, the first on PATH, or the one in its own home. */
function pixiProgram(context: Context): string | null {
  const { path, isWindows, home } = context;
  const file = isWindows ? 'pixi.exe' : 'pixi';
  const own = path.join(context.read('PIXI_HOME') ?? path.join(home, '.pixi'), 'bin', file);
  const onPath = (context.read('PATH') ?? '').split(path.delimiter).filter((dir) => path.isAbsolute(dir));
  const places = [context.read('PIXI_EXE'), ...onPath.map((dir) => path.join(dir, file)), own];
  return places.find((place) => place !== undefined && isProgram(context, place)) ?? null;
}

function isProgram({ files }: Context, file: string): boolean {
  try {
    return files.executable(file);
  } catch {
    // a directory of PATH on a file system that may not answer is nowhere to look for it
    return false;
  }
}

/** `conda-meta/pixi`, in which pixi notes what the prefix is for. */
function noteOf(context: Context, prefix: string): { manifest: string | null; environment: string | null } {
  const text = context.tolerant(null, () => context.files.text(context.path.join(prefix, 'conda-meta', 'pixi')));
  try {
    const { manifest_path: manifest, environment_name: environment } = JSON.parse(text ?? '{}') as Record<
      string,
      unknown
    >;
    const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
    return { manifest: textOf(manifest), environment: textOf(environment) };
  } catch {
    return { manifest: null, environment: null };
  }
}
