import type { Environment } from '../environments/index.js';
import type { Trail } from '../files/index.js';
import { type Computed, NO_SCRIPTS } from './computed.js';
import { condaActivate } from './conda/activate.js';
import { mambaActivate } from './conda/mamba.js';
import { situationOf } from './conda/situation.js';
import type { Context } from './context.js';
import { interpreterActivation } from './interpreter.js';
import { pixiActivation } from './pixi.js';
import { isVirtual, virtualActivation } from './virtual.js';

/**
 * The activation as far as files tell, synchronously, with everything that it was read from.
 *
 * @throws ParserNeeded; RemotePlaceError where the environment lies on a file system that may not answer
 */
export function fromFiles(context: Context, environment: Environment): { computed: Computed; trail: Trail } {
  const { value, trail } = context.files.record(() => withoutOtherPythons(context, rulesFor(context, environment)));
  return { computed: value, trail };
}

function rulesFor(context: Context, environment: Environment): Computed {
  const { kind, prefix } = environment;
  if (context.tolerant(null, () => context.files.stat(prefix)) === null) {
    const message = `${prefix} is not there any more`;
    const problem = {
      kind: 'environment-missing',
      message,
      fix: 'Make the environment again, or choose another kernel.',
    };
    return { variables: {}, sources: {}, early: [], scripts: NO_SCRIPTS, hook: null, problem };
  }
  if (kind === 'conda' || kind === 'mamba') {
    const situation = situationOf(context, environment);
    return situation.rules === 'conda' ? condaActivate(situation) : mambaActivate(situation);
  }
  if (kind === 'pixi') return pixiActivation(context, environment);
  return isVirtual(context, environment)
    ? virtualActivation(context, environment)
    : interpreterActivation(context, environment);
}

/** Left by another Python, they break every Python that believes them (§4): an environment's own value of them stays. */
const MISLEADING = ['PYTHONHOME', '__PYVENV_LAUNCHER__'];

function withoutOtherPythons(context: Context, computed: Computed): Computed {
  const misleading = MISLEADING.filter((name) => context.read(name) !== undefined && !(name in computed.variables));
  if (misleading.length === 0) return computed;
  return {
    ...computed,
    variables: { ...computed.variables, ...Object.fromEntries(misleading.map((name) => [name, null])) },
    sources: {
      ...computed.sources,
      ...Object.fromEntries(misleading.map((name) => [name, 'it names another Python'])),
    },
  };
}
