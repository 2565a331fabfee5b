import type { Environment } from '../../environments/index.js';
import type { Context } from '../context.js';
import { normPath } from '../search-path.js';
import { type Root, rootOf } from './root.js';
import { type Settings, settingsOf } from './settings.js';

/** What an activation starts from (§3.1). */
export interface Situation {
  context: Context;
  root: Root | null;
  rules: Root['rules'];
  settings: Settings;
  /** CONDA_SHLVL: how many environments are active, one over the other. */
  level: number;
  /** CONDA_PREFIX, which counts only above level 0. */
  old: string | undefined;
  /** What is activated: its path as it was given, without a slash at the end and with no link resolved. */
  prefix: string;
}

/** @throws ParserNeeded */
export function situationOf(context: Context, environment: Environment): Situation {
  const root = rootOf(context, environment);
  return {
    context,
    root,
    rules: root?.rules ?? (environment.kind === 'mamba' ? 'mamba' : 'conda'),
    settings: settingsOf(context, root?.path ?? null),
    level: levelOf(context),
    old: context.read('CONDA_PREFIX') || undefined,
    prefix: normPath(environment.prefix, context.platform),
  };
}

function levelOf(context: Context): number {
  const text = context.read('CONDA_SHLVL')?.trim() ?? '';
  if (/^\+?\d{1,9}$/.test(text)) return Number(text);
  // conda would fail at it
  if (text !== '') context.note('level-odd', `CONDA_SHLVL=${text} is no level: nothing counts as active`);
  return 0;
}
