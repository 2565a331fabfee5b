import { Changes } from '../changes.js';
import type { Computed } from '../computed.js';
import { type PrefixVariable, prefixVariables } from './prefix-variables.js';
import { defaultEnv, promptModifier } from './prompt.js';
import { isAtLeast } from './root.js';
import { scriptsOf } from './scripts.js';
import { addPrefix, replacePrefix } from './search-path.js';
import type { Situation } from './situation.js';

/** `conda activate PREFIX`, as conda's activate.py computes it (§3.2). */
export function condaActivate(situation: Situation): Computed {
  const { context, settings, level, old, prefix, root } = situation;
  if (level > 0 && old === prefix) return condaReactivate(situation);
  const changes = new Changes(context);
  const stack = level > 0 && level <= settings.autoStack;
  const name = defaultEnv(situation, prefix);
  const path =
    level === 0 || stack ? addPrefix(context, prefix, root, level) : replacePrefix(context, old, prefix, root);

  // R5
  const set = (key: string, value: string) => changes.set(key, value, 'conda: prefix');
  set('PATH', path);
  set('CONDA_PREFIX', prefix);
  set('CONDA_SHLVL', String(level + 1));
  set('CONDA_DEFAULT_ENV', name);
  set('CONDA_PROMPT_MODIFIER', promptModifier(situation, stack ? 'stack' : 'activate', prefix, name));
  addVariables(situation, changes);
  addMetaVariables(situation, changes);
  if (level > 0 && old !== undefined) set(`CONDA_PREFIX_${level}`, old);
  if (stack) set(`CONDA_STACKED_${level + 1}`, 'true');

  return {
    variables: changes.variables,
    sources: changes.sources,
    early: [],
    scripts: {
      deactivate: level > 0 && !stack && old !== undefined ? scriptsOf(context, old, 'deactivate') : [],
      activate: scriptsOf(context, prefix, 'activate'),
    },
    hook: null,
    problem: null,
  };
}

/**
 * R1: the environment is active already. Its variables are not exported again, which conda before 24.7 did, in the case in which they
 * are written (known for 24.1 and 25.11; the boundary is where R7 changed).
 */
function condaReactivate(situation: Situation): Computed {
  const { context, level, prefix, root } = situation;
  const changes = new Changes(context);
  const set = (key: string, value: string) => changes.set(key, value, 'conda: prefix');
  const name = context.read('CONDA_DEFAULT_ENV') ?? defaultEnv(situation, prefix);
  set('PATH', replacePrefix(context, prefix, prefix, root));
  set('CONDA_SHLVL', String(level));
  set('CONDA_PROMPT_MODIFIER', promptModifier(situation, 'reactivate', prefix, name));
  if (isAtLeast(root, '24.7')) addMetaVariables(situation, changes);
  else {
    for (const [key, { value, from }] of prefixVariables(context, prefix, 'conda')) {
      changes.set(key, value, `conda: ${from}`);
    }
  }
  const scripts = {
    deactivate: scriptsOf(context, prefix, 'deactivate'),
    activate: scriptsOf(context, prefix, 'activate'),
  };
  return { variables: changes.variables, sources: changes.sources, early: [], scripts, hook: null, problem: null };
}

/** R2, R3, R7, R8: what the prefix brings, and what it hides. */
function addVariables(situation: Situation, changes: Changes): void {
  const { context, level, prefix } = situation;
  const variables = withoutPath(situation, prefixVariables(context, prefix, 'conda'));
  for (const [name, { value, from, tombstone }] of variables) {
    if (tombstone) continue;
    changes.set(exported(situation, name), value ?? unset(situation), `conda: ${from}`);
  }
  // R3: in the case in which it is written
  for (const [name, { tombstone }] of variables) {
    const hidden = tombstone ? undefined : context.read(name);
    if (hidden !== undefined)
      changes.set(exported(situation, `__CONDA_SHLVL_${level}_${name}`), hidden, `conda: saves ${name}`);
  }
}

/** R2: since 25.11 no package can replace PATH. */
export function withoutPath(
  { context, root }: Situation,
  variables: Map<string, PrefixVariable>,
): Map<string, PrefixVariable> {
  if (!isAtLeast(root, '25.11')) return variables;
  return new Map(
    [...variables].filter(([name, { from }]) => {
      if (name.toUpperCase() !== 'PATH') return true;
      context.note('path-reserved', `${from} sets ${name}, which conda passes over since 25.11`);
      return false;
    }),
  );
}

/** R6: which conda it is. uv tells base from child by `_CONDA_ROOT`. */
export function addMetaVariables({ context, root }: Situation, changes: Changes): void {
  if (root === null) return;
  const { path, isWindows } = context;
  const exe = isWindows ? path.join(root.path, 'Scripts', 'conda.exe') : path.join(root.path, 'bin', 'conda');
  const python = isWindows ? path.join(root.path, 'python.exe') : path.join(root.path, 'bin', 'python');
  const set = (name: string, value: string) => changes.set(name, value, 'conda: root');
  set('CONDA_EXE', exe);
  if (isAtLeast(root, '25.7')) set('_CONDA_EXE', exe);
  set('CONDA_PYTHON_EXE', python);
  if (isAtLeast(root, '25.7')) set('_CONDA_ROOT', root.path);
  set('_CE_M', '');
  set('_CE_CONDA', '');
}

/** R7: every name that leaves conda is in upper case, unless it is told otherwise, which it can be since 24.7. */
export function exported({ settings, root }: Situation, name: string): string {
  return settings.forceUppercase || !isAtLeast(root, '24.7') ? name.toUpperCase() : name;
}

/** R8: since 25.7 "unset" is an empty variable on posix; before, and where no conda is known, it is really unset. */
export function unset({ context, root }: Situation): string | null {
  return !context.isWindows && root !== null && isAtLeast(root, '25.7') ? '' : null;
}
