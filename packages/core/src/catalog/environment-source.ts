import { type Candidate, type EnvironmentKind, findEnvironments } from '../environments/index.js';
import { pathFlavour } from '../specs/index.js';
import type { Finding, KernelSource, SourceContext } from './types.js';

/** The Python environments of this machine, found from their files. */
export function environmentSource(): KernelSource {
  return { name: 'environments', find: (context) => findings(context, { places: true }) };
}

/** An interpreter that somebody else knows of: an editor's own list, with the variables of its activation where it has them. */
export interface Interpreter {
  /** The interpreter's path. Without it, `prefix` must be there. */
  python?: string;
  /** The environment's directory. Default: the one that the interpreter lies in. */
  prefix?: string;
  name?: string;
  kind?: EnvironmentKind;
  /** What activating it sets: taken as it is instead of being computed; null unsets. */
  variables?: Readonly<Record<string, string | null>>;
}

/**
 * Interpreters that the caller supplies, as a source: what they are and what is in them is read from their files. An interpreter that
 * is not there is reported among the searched places.
 */
export function interpreterSource(interpreters: Iterable<Interpreter> | AsyncIterable<Interpreter>): KernelSource {
  return {
    name: 'interpreters',
    async *find(context) {
      const given: Candidate[] = [];
      for await (const interpreter of interpreters) given.push(candidateOf(interpreter, context));
      yield* findings(context, { places: false, given });
    },
  };
}

function candidateOf({ python, prefix, name, kind, variables }: Interpreter, context: SourceContext): Candidate {
  const { dirname, basename } = pathFlavour(context.platform);
  if (python === undefined && prefix === undefined) throw new TypeError('an interpreter needs its path or its prefix');
  const dir = dirname(python ?? '');
  const path = prefix ?? (/^(?:bin|scripts)$/i.test(basename(dir)) ? dirname(dir) : dir);
  return {
    prefix: path,
    ...(python !== undefined && { python }),
    place: { locator: 'given', path: python ?? path, how: 'prefix', nearness: 'user', expected: true },
    ...(name !== undefined && { name }),
    ...(kind !== undefined && { kind }),
    ...(variables !== undefined && { variables }),
  };
}

async function* findings(
  { platform, env, home, cwd, files, apart, cache, signal }: SourceContext,
  options: { places: boolean; given?: readonly Candidate[] },
): AsyncIterable<Finding> {
  const context = {
    platform,
    env,
    home,
    cwd,
    files,
    ...(apart && { apart }),
    ...(cache && { cache }),
    ...(signal && { signal }),
  };
  for await (const finding of findEnvironments({ ...context, ...options })) {
    if (finding.type === 'environment') yield finding;
    else {
      const { path, found, error, ms } = finding;
      yield { type: 'place', place: { path, kind: 'environments', found, error, ms } };
    }
  }
}
