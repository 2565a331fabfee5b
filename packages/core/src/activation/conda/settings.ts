import { ParserNeeded } from '../../environments/index.js';
import type { Context } from '../context.js';

/** What of conda's configuration an activation depends on. */
export interface Settings {
  changePrompt: boolean;
  envPrompt: string;
  forceUppercase: boolean;
  /** Up to this level `activate` stacks, without being told to. */
  autoStack: number;
}

const KEYS = ['changeps1', 'env_prompt', 'envvars_force_uppercase', 'auto_stack'] as const;

/**
 * Variables before files, and of the files the one that conda reads last (conda/base/constants.py, SEARCH_PATH; mamba reads its own as
 * well). A file that names none of the four settings is not parsed.
 *
 * @throws ParserNeeded
 */
export function settingsOf(context: Context, root: string | null): Settings {
  const found: Partial<Record<(typeof KEYS)[number], unknown>> = {};
  for (const file of filesOf(context, root)) {
    const text = context.tolerant(null, () => context.files.text(file));
    if (text === null || !KEYS.some((key) => text.includes(key))) continue;
    const document = parsed(context, file, text);
    for (const key of KEYS) if (document[key] !== undefined && document[key] !== null) found[key] = document[key];
  }
  for (const key of KEYS) {
    const value = context.read(`CONDA_${key.toUpperCase()}`);
    if (value !== undefined) found[key] = value;
  }
  return {
    changePrompt: switchOf(found.changeps1) ?? true,
    envPrompt: typeof found.env_prompt === 'string' ? found.env_prompt : '({default_env}) ',
    forceUppercase: switchOf(found.envvars_force_uppercase) ?? true,
    autoStack: levelOf(found.auto_stack),
  };
}

/**
 * The settings of one file. Nearly everybody writes them as a line each, which needs no parser; loading one takes longer than all the rest.
 *
 * @throws ParserNeeded
 */
function parsed(context: Context, file: string, text: string): Record<string, unknown> {
  const simple: Record<string, unknown> = {};
  for (const line of text.split(/\r?\n/)) {
    const key = KEYS.find((each) => line.includes(each));
    if (key === undefined || line.startsWith('#')) continue;
    const match = /^(\w+):[ \t]+(?:'([^']*)'|"([^"\\]*)"|([A-Za-z0-9.]+))[ \t]*(?:#.*)?$/.exec(line);
    if (match?.[1] !== key) return wholly(context, file, text);
    simple[key] = match[2] ?? match[3] ?? match[4];
  }
  return simple;
}

/** @throws ParserNeeded */
function wholly(context: Context, file: string, text: string): Record<string, unknown> {
  try {
    return context.parsers.yaml(text);
  } catch (error) {
    if (error instanceof ParserNeeded) throw error;
    context.note('configuration-damaged', `${file} is no valid YAML: its settings are passed over`, file);
    return {};
  }
}

function filesOf(context: Context, root: string | null): string[] {
  const { path, home, isWindows } = context;
  const inDir = (dir: string | null | undefined): string[] => {
    if (!dir || !path.isAbsolute(dir)) return [];
    // one listing instead of a look at each name: most of these directories are not there
    const names = new Set(context.tolerant(null, () => context.files.names(dir)));
    const single = ['.condarc', 'condarc'].filter((name) => names.has(name)).map((name) => path.join(dir, name));
    if (!names.has('condarc.d')) return single;
    const below = context.names(path.join(dir, 'condarc.d')).filter((name) => /\.ya?ml$/.test(name));
    return [...single, ...below.map((name) => path.join(dir, 'condarc.d', name))];
  };
  const xdg = context.read('XDG_CONFIG_HOME');
  const named = ['CONDARC', 'MAMBARC'].map((name) => context.read(name));
  return [
    ...(isWindows ? inDir('C:\\ProgramData\\conda') : [...inDir('/etc/conda'), ...inDir('/var/lib/conda')]),
    ...inDir(root),
    ...(xdg ? inDir(path.join(xdg, 'conda')) : []),
    ...inDir(path.join(home, '.config', 'conda')),
    ...inDir(path.join(home, '.conda')),
    path.join(home, '.condarc'),
    path.join(home, '.mambarc'),
    ...inDir(context.read('CONDA_PREFIX')),
    ...named.filter((file) => file !== undefined && path.isAbsolute(file)),
  ] as string[];
}

/** A switch as conda reads it (auxlib's `boolify`). */
function switchOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value !== 'string') return null;
  const text = value.trim().toLowerCase();
  if (['true', 'yes', 'on', 'y'].includes(text)) return true;
  if (['false', 'off', 'n', 'no', 'non', 'none', ''].includes(text)) return false;
  return Number.isNaN(Number(text)) ? null : Number(text) !== 0;
}

function levelOf(value: unknown): number {
  const level = typeof value === 'boolean' ? Number(value) : Number(value ?? 0);
  return Number.isInteger(level) ? level : (switchOf(value) ?? false) ? 1 : 0;
}
