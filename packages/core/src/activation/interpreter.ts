import type { Environment } from '../environments/index.js';
import { Changes } from './changes.js';
import { type Computed, NO_SCRIPTS } from './computed.js';
import type { Context } from './context.js';
import { prependToPath, startsPath } from './search-path.js';

/**
 * A Python that is nobody's environment (of the system, pyenv, uv, mise, asdf, rye, Homebrew, …): its directory first on PATH, so that
 * `!python` and `!pip` in a cell are its own, and nothing else.
 */
export function interpreterActivation(context: Context, { kind, python, prefix }: Environment): Computed {
  const changes = new Changes(context);
  const { path, isWindows } = context;
  if (python === null)
    context.note('python-missing', `${prefix} has no interpreter whose directory could be put on PATH`);
  else {
    // an installation for Windows has pip in `Scripts` beside it
    const dirs = isWindows ? [path.dirname(python), path.join(prefix, 'Scripts')] : [path.dirname(python)];
    if (!startsPath(context, dirs)) prependToPath(context, changes, dirs, `${kind}: interpreter`);
  }
  return {
    variables: changes.variables,
    sources: changes.sources,
    early: [],
    scripts: NO_SCRIPTS,
    hook: null,
    problem: null,
  };
}
