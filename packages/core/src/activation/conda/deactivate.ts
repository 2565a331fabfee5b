import { Changes } from '../changes.js';
import type { Computed } from '../computed.js';
import { addMetaVariables, exported, unset, withoutPath } from './activate.js';
import { prefixVariables } from './prefix-variables.js';
import { defaultEnv, promptModifier } from './prompt.js';
import { scriptsOf } from './scripts.js';
import { mambaPath, replacePrefix } from './search-path.js';
import type { Situation } from './situation.js';

/** R11: one level down. Null where nothing is active. PATH is set before the scripts that deactivate run. */
export function condaDeactivate(situation: Situation): Computed | null {
  const { context, level, old, rules } = situation;
  if (level < 1 || old === undefined) return null;
  const changes = new Changes(context);
  const isConda = rules === 'conda';
  const set = (name: string, value: string) => changes.set(name, value, `${rules}: deactivate`);
  const nothing = isConda ? unset(situation) : null;
  const drop = (name: string) => changes.set(name, nothing, `${rules}: deactivate`);
  const below = level > 1 ? context.read(`CONDA_PREFIX_${level - 1}`) : undefined;
  const stacked = context.read(`CONDA_STACKED_${level}`) !== undefined;

  const instead = stacked ? null : (below ?? null);
  set(
    'PATH',
    isConda
      ? replacePrefix(context, old, instead, situation.root)
      : mambaPath(context, { old, prefix: instead, condabin: null }),
  );
  set('CONDA_SHLVL', String(level - 1));
  if (below === undefined)
    for (const name of ['CONDA_PREFIX', 'CONDA_DEFAULT_ENV', 'CONDA_PROMPT_MODIFIER']) drop(name);
  else {
    const name = defaultEnv(situation, below);
    set('CONDA_PREFIX', below);
    set('CONDA_DEFAULT_ENV', name);
    set('CONDA_PROMPT_MODIFIER', promptModifier(situation, 'deactivate', below, name));
    drop(`CONDA_PREFIX_${level - 1}`);
    if (stacked) drop(`CONDA_STACKED_${level}`);
  }
  if (isConda) addMetaVariables(situation, changes);

  // what is left brought variables: they go, or are again what they were, or what the one below says
  const left = prefixVariables(context, old, rules);
  const again = below === undefined ? new Map() : withoutPath(situation, prefixVariables(context, below, rules));
  for (const name of left.keys()) {
    // whatever was once put in the place of PATH: it is right by now
    if (name.toUpperCase() === 'PATH') continue;
    const key = isConda ? exported(situation, name) : name;
    const saved = context.read(
      isConda ? exported(situation, `__CONDA_SHLVL_${level - 1}_${name}`) : `__CONDA_SHLVL_${level - 1}_${name}`,
    );
    if (saved) changes.set(key, saved, `${rules}: saved value`);
    else if (!again.has(name)) drop(key);
    if (saved !== undefined && !isConda) drop(`__CONDA_SHLVL_${level - 1}_${name}`);
  }
  for (const [name, { value, tombstone, from }] of again) {
    const key = isConda ? exported(situation, name) : name;
    if (!tombstone && !changes.has(key)) changes.set(key, value ?? nothing, `${rules}: ${from}`);
  }
  return {
    variables: changes.variables,
    sources: changes.sources,
    early: ['PATH'],
    scripts: {
      deactivate: scriptsOf(context, old, 'deactivate'),
      activate: below === undefined ? [] : scriptsOf(context, below, 'activate'),
    },
    hook: null,
    problem: null,
  };
}
