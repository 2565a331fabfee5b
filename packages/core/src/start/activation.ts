import {
  type Activation,
  ActivationCache,
  type ActivationMethod,
  activate,
  LoginShellError,
  loginEnvironment,
} from '../activation/index.js';
import type { CatalogEntry } from '../catalog/index.js';
import { cacheFile, whereOf } from '../environments/index.js';
import { AbortedError } from '../errors/index.js';
import { NodeFiles, RemotePlaceError } from '../files/index.js';

/** What of an activation a caller may decide. */
export interface ActivationOptions {
  /** Whether the environment's own shell scripts (activate.d) may be run. Default: true. */
  scripts?: boolean;
  /** Which way to take first: computed from files; asked of the environment's manager; the user's login shell. Default: `files`. */
  method?: ActivationMethod;
  /** How long its scripts may take together, in milliseconds. Default: 30,000. */
  scriptTimeoutMs?: number;
  /** Results of earlier starts; false: none. Default: kept in the user's cache directory, where scripts were run. */
  cache?: ActivationCache | false;
}

/** The activation that a kernel is started in; null where it runs in no environment. @throws AbortedError */
export async function activationFor(
  entry: CatalogEntry,
  {
    isOff,
    env,
    home,
    signal,
    cache = usualCache(env, home),
    ...options
  }: ActivationOptions & {
    isOff: boolean;
    env: Readonly<Record<string, string | undefined>>;
    home: string;
    signal: AbortSignal | undefined;
  },
): Promise<Activation | null> {
  if (signal?.aborted) throw new AbortedError('Activating the environment', signal.reason);
  if (isOff) return null;
  if (entry.owner === null) return options.method === 'login' ? loginAlone(env, home, signal) : null;
  return activate(entry.owner, { ...options, env, home, ...(cache && { cache }), ...(signal && { signal }) });
}

/** A kernel without an environment, started from what the user's login shell sets: for programs that a desktop started with too little. */
async function loginAlone(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
  signal: AbortSignal | undefined,
): Promise<Activation> {
  const begin = performance.now();
  const because = 'it was asked for';
  const none = { variables: {}, sources: {}, scripts: [], notes: [], cached: false };
  try {
    const { shell, variables, ms } = await loginEnvironment({ env, home, signal });
    const sources = Object.fromEntries(Object.keys(variables).map((name) => [name, `login shell: ${shell}`]));
    return { ...none, variables, sources, fallbacks: [{ method: 'login', because, failure: null }], problem: null, ms };
  } catch (error) {
    if (!(error instanceof LoginShellError)) throw error;
    const { kind, message, fix } = error;
    const ms = Math.round(performance.now() - begin);
    return {
      ...none,
      fallbacks: [{ method: 'login', because, failure: message }],
      problem: { kind, message, fix },
      ms,
    };
  }
}

const caches = new Map<string, ActivationCache>();

/** One for each file, for the whole process: a second start then has the first one's result in memory. */
function usualCache(env: Readonly<Record<string, string | undefined>>, home: string): ActivationCache {
  const { platform } = process;
  const file = cacheFile(whereOf({ platform, env, home, cwd: home }), 'activations.json');
  const known = caches.get(file) ?? new ActivationCache(isReachable(file) ? file : null);
  caches.set(file, known);
  return known;
}

/** Not on a mount that may not answer. */
function isReachable(file: string): boolean {
  try {
    new NodeFiles().stat(file);
    return true;
  } catch (error) {
    return !(error instanceof RemotePlaceError);
  }
}
