import { Changes } from '../changes.js';
import type { Computed } from '../computed.js';
import { condaDeactivate } from './deactivate.js';
import { prefixVariables } from './prefix-variables.js';
import { defaultEnv, promptModifier } from './prompt.js';
import { scriptsOf } from './scripts.js';
import { mambaPath } from './search-path.js';
import type { Situation } from './situation.js';

/** `mamba activate PREFIX` of mamba 2 and micromamba (§3.6; libmamba/src/core/activation.cpp). Read from source, never run. */
export function mambaActivate(situation: Situation): Computed {
  const { context, settings, level, old, prefix, root } = situation;
  const isActive = level > 0 && old === prefix;
  // to activate what is one level below is to step down to it
  if (!isActive && level > 0 && context.read(`CONDA_PREFIX_${level - 1}`) === prefix) {
    const down = condaDeactivate(situation);
    if (down !== null) return down;
  }
  const changes = new Changes(context);
  const set = (name: string, value: string) => changes.set(name, value, 'mamba: prefix');
  const stack = !isActive && level > 0 && level <= settings.autoStack;
  const leaves = level > 0 && !stack ? (old ?? null) : null;
  const name = isActive
    ? (context.read('CONDA_DEFAULT_ENV') ?? defaultEnv(situation, prefix))
    : defaultEnv(situation, prefix);

  if (!isActive) {
    if (leaves !== null) leaveBehind(situation, leaves, changes);
    addVariables(situation, changes);
  }
  const condabin = level === 0 && root !== null ? context.path.join(root.path, 'condabin') : null;
  set('PATH', mambaPath(context, { old: leaves, prefix, condabin }));
  if (!isActive) set('CONDA_PREFIX', prefix);
  set('CONDA_SHLVL', String(isActive ? level : level + 1));
  if (!isActive) set('CONDA_DEFAULT_ENV', name);
  const doing = isActive ? 'reactivate' : stack ? 'stack' : 'activate';
  // an empty value is unset
  changes.set('CONDA_PROMPT_MODIFIER', promptModifier(situation, doing, prefix, name) || null, 'mamba: prefix');
  if (!isActive && level > 0 && old !== undefined) set(`CONDA_PREFIX_${level}`, old);
  if (stack) set(`CONDA_STACKED_${level + 1}`, 'true');
  addHookVariables(situation, changes);

  return {
    variables: changes.variables,
    sources: changes.sources,
    early: [],
    scripts: {
      deactivate: leaves === null ? [] : scriptsOf(context, leaves, 'deactivate'),
      activate: scriptsOf(context, prefix, 'activate'),
    },
    hook: null,
    problem: null,
  };
}

/** Unlike conda (R10), libmamba takes the variables of the environment that is left away, and restores what they hid. */
function leaveBehind({ context, level }: Situation, old: string, changes: Changes): void {
  for (const name of prefixVariables(context, old, 'mamba').keys()) {
    const saved = context.read(`__CONDA_SHLVL_${level - 1}_${name}`);
    changes.set(
      name,
      saved ?? null,
      saved === undefined ? 'mamba: leaves the environment before' : 'mamba: saved value',
    );
  }
}

function addVariables({ context, level, prefix }: Situation, changes: Changes): void {
  const variables = prefixVariables(context, prefix, 'mamba');
  for (const [name, { value, tombstone, from }] of variables)
    if (!tombstone) changes.set(name, value, `mamba: ${from}`);
  for (const [name, { tombstone }] of variables) {
    const hidden = tombstone ? undefined : context.read(name);
    if (hidden !== undefined) changes.set(`__CONDA_SHLVL_${level}_${name}`, hidden, `mamba: saves ${name}`);
  }
}

/** What the shell's hook sets before anything is activated, where no shell has run it. */
function addHookVariables({ context, root }: Situation, changes: Changes): void {
  if (root === null) return;
  const { path, isWindows } = context;
  if (context.read('MAMBA_ROOT_PREFIX') === undefined) changes.set('MAMBA_ROOT_PREFIX', root.path, 'mamba: root');
  if (context.read('MAMBA_EXE') !== undefined) return;
  const names = isWindows ? ['micromamba.exe', 'mamba.exe'] : ['micromamba', 'mamba'];
  const dir = isWindows ? ['Library', 'bin'] : ['bin'];
  const exe = names.map((name) => path.join(root.path, ...dir, name)).find((file) => context.files.executable(file));
  if (exe !== undefined) changes.set('MAMBA_EXE', exe, 'mamba: root');
}
