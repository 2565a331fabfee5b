/**
 * A second statement of conda's posix rules (reference/environments.md §3.2), written apart from the first: a few lines for each rule, strings
 * instead of structures, no files. Nothing of src is used.
 */
export interface Prefix {
  path: string;
  /** What its files say, in the order of merging; the value as JSON gives it. */
  layers: [string, string | number | boolean | null][][];
}

export interface World {
  env: Record<string, string>;
  root: string;
  /** As numbers: 26.7 is [26, 7]. */
  version: [number, number];
  prefix: Prefix;
  changeps1: boolean;
  envPrompt: string;
  stack: boolean;
}

const since = ([major, minor]: [number, number], wanted: [number, number]) =>
  major > wanted[0] || (major === wanted[0] && minor >= wanted[1]);

/** Python's normpath, by striking out pairs: a name and the `..` after it. */
export function norm(path: string): string {
  const root = /^\/*/.exec(path)![0].length;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  for (;;) {
    const pair = parts.findIndex((part, at) => part !== '..' && parts[at + 1] === '..');
    if (pair === -1) break;
    parts.splice(pair, 2);
  }
  while (root > 0 && parts[0] === '..') parts.shift();
  return `${root === 0 ? '' : root === 2 ? '//' : '/'}${parts.join('/')}` || '.';
}

function python(value: string | number | boolean): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  return String(value);
}

/** R2 */
function variablesOf({ layers }: Prefix): Record<string, string | null> {
  const merged: Record<string, string | null> = {};
  for (const layer of layers) for (const [name, value] of layer) merged[name] = value === null ? null : python(value);
  return merged;
}

const base = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const dir = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/';

/** What is exported (a text) and unset (null). */
export function conda({
  env,
  root,
  version,
  prefix,
  changeps1,
  envPrompt,
  stack,
}: World): Record<string, string | null> {
  const P = prefix.path;
  const level = Number(env.CONDA_SHLVL ?? 0);
  const old = env.CONDA_PREFIX;
  const E = variablesOf(prefix);
  const nameOf = (path: string) => (path === root ? 'base' : base(dir(path)) === 'envs' ? base(path) : path);
  const isActive = level > 0 && old === P;
  const isStack = stack && level > 0 && !isActive;

  // R4
  let list = (env.PATH ?? '/usr/bin').split(':').map(norm);
  const isPlain = level === 0 || isStack;
  const place = isPlain ? -1 : list.indexOf(`${old}/bin`);
  if (level === 0 && list.every((entry) => !/condabin$/.test(entry))) list = [`${root}/condabin`, ...list];
  list = place === -1 ? [`${P}/bin`, ...list] : list.map((entry, at) => (at === place ? `${P}/bin` : entry));

  // R5, the prompt: walk up the levels, each in the place of the one below unless stacked on it
  const name = isActive ? (env.CONDA_DEFAULT_ENV ?? nameOf(P)) : nameOf(P);
  let shown: string[] = [];
  for (let at = 1; at <= level; at++) {
    const here = nameOf(at === level ? (old ?? '') : (env[`CONDA_PREFIX_${at}`] ?? ''));
    shown = env[`CONDA_STACKED_${at}`] ? [here, ...shown] : [here, ...shown.slice(1)];
  }
  if (!isActive) shown = isStack ? [name, ...shown] : [name, ...shown.slice(1)];
  const fields: Record<string, string> = { default_env: name, stacked_env: shown.join(','), prefix: P, name: base(P) };
  const prompt = changeps1
    ? envPrompt
        .split(/\{(\w+)\}/)
        .map((part, at) => (at % 2 ? fields[part]! : part))
        .join('')
    : '';

  // R6
  const meta: Record<string, string> = {
    CONDA_EXE: `${root}/bin/conda`,
    CONDA_PYTHON_EXE: `${root}/bin/python`,
    _CE_M: '',
    _CE_CONDA: '',
  };
  if (since(version, [25, 7])) Object.assign(meta, { _CONDA_EXE: `${root}/bin/conda`, _CONDA_ROOT: root });

  // R1
  if (isActive) {
    const now = { PATH: list.join(':'), CONDA_SHLVL: `${level}`, CONDA_PROMPT_MODIFIER: prompt };
    if (since(version, [24, 7])) return { ...now, ...meta };
    const again = Object.entries(E).map(([key, value]) => [key, value === '***unset***' ? null : value]);
    return { ...now, ...Object.fromEntries(again) };
  }
  const result: Record<string, string | null> = {
    PATH: list.join(':'),
    CONDA_PREFIX: P,
    CONDA_SHLVL: `${level + 1}`,
    CONDA_DEFAULT_ENV: name,
    CONDA_PROMPT_MODIFIER: prompt,
  };
  // R2, R3, R7, R8
  const mine = Object.entries(E).filter(([key, value]) => {
    return value !== '***unset***' && !(since(version, [25, 11]) && key.toUpperCase() === 'PATH');
  });
  for (const [key, value] of mine) result[key.toUpperCase()] = value ?? (since(version, [25, 7]) ? '' : null);
  for (const [key] of mine) if (key in env) result[`__CONDA_SHLVL_${level}_${key}`.toUpperCase()] = env[key]!;
  Object.assign(result, meta);
  if (level > 0 && old !== undefined) result[`CONDA_PREFIX_${level}`] = old;
  if (isStack) result[`CONDA_STACKED_${level + 1}`] = 'true';
  return result;
}
