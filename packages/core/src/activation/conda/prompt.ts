import { samePath } from '../search-path.js';
import type { Situation } from './situation.js';

/** R5: `base` for the root, the directory's name in an `envs`, else the whole path. */
export function defaultEnv({ context, root }: Situation, prefix: string): string {
  const { path, platform } = context;
  if (root !== null && samePath(prefix, root.path, platform)) return 'base';
  return path.basename(path.dirname(prefix)) === 'envs' ? path.basename(prefix) : prefix;
}

/** Levels further down than this are nobody's prompt; a level is only a number in a variable. */
const DEEPEST = 64;

/**
 * R5: CONDA_PROMPT_MODIFIER, from `env_prompt`. `{stacked_env}` names all that are stacked, the newest first.
 * @param doing `reactivate` leaves the stack as it is; to `deactivate`, `prefix` is the one below
 */
export function promptModifier(
  situation: Situation,
  doing: 'activate' | 'stack' | 'reactivate' | 'deactivate',
  prefix: string,
  name: string,
): string {
  const { context, settings, rules } = situation;
  if (!settings.changePrompt) return '';
  const stacked = settings.envPrompt.includes('{stacked_env}') ? stackOf(situation, doing, name) : [];
  const values: Record<string, string> = {
    default_env: name,
    stacked_env: rules === 'conda' ? stacked.reverse().join(',') : stacked.join(';'),
    prefix,
    name: context.path.basename(prefix),
  };
  if (rules === 'mamba') return settings.envPrompt.replace(/\{(\w+)\}/g, (whole, field) => values[field] ?? whole);
  // str.format: doubled braces are one
  return settings.envPrompt.replace(/\{\{|\}\}|\{(\w+)\}/g, (whole, field?: string) =>
    field === undefined ? whole.charAt(0) : (values[field] ?? whole),
  );
}

function stackOf(situation: Situation, doing: string, name: string): string[] {
  const { context, level, old } = situation;
  const isStacked = (at: number) => Boolean(context.read(`CONDA_STACKED_${at}`)?.trim());
  const stack: string[] = [];
  const all: string[] = [];
  for (let at = Math.max(1, level - DEEPEST); at <= level; at++) {
    const prefix = at === level ? (old ?? '') : (context.read(`CONDA_PREFIX_${at}`) ?? '').trimEnd();
    if (!isStacked(at)) stack.pop();
    stack.push(defaultEnv(situation, prefix));
    all.push(stack.at(-1)!);
  }
  if (doing === 'deactivate') {
    stack.pop();
    all.pop();
    if (!isStacked(level) && all.length > 0) stack.push(all.at(-1)!);
  } else if (doing !== 'reactivate') {
    if (doing !== 'stack') stack.pop();
    stack.push(name);
  }
  return stack;
}
