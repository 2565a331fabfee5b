import { stat } from 'node:fs/promises';
import { type Environment, ParserNeeded, Parsers } from '../environments/index.js';
import { type Files, MountSilentError, NodeFiles, RemotePlaceError } from '../files/index.js';
import { homeDirectory, type ProcessVariables } from '../specs/index.js';
import { settlesWithin, untilAborted } from '../wait/index.js';
import { type Inputs, keyOf } from './cache.js';
import { Context } from './context.js';
import { fromFiles } from './from-files.js';
import { type Attempt, Ladder } from './ladder.js';
import type { ActivateOptions, Activation } from './types.js';

const SCRIPT_TIMEOUT_MS = 30_000;
/** How long a remote file system may take to show that it answers. */
const REMOTE_MS = 3000;

/**
 * What activating an environment sets, as a layer over `env`: computed from files, and only where an environment has shell scripts is a
 * shell started, for them alone. Whatever fails on the way is told in the result, which then holds what could be had.
 *
 * @throws AbortedError only
 */
export async function activate(environment: Environment, options: ActivateOptions = {}): Promise<Activation> {
  const begin = performance.now();
  const given = withDefaults(options);
  if (environment.variables !== null) return taken(environment.variables, begin);
  const key = keyFor(environment, given);
  // what lies on a remote file system is not looked at before that has answered
  const isReached = !options.cache?.isRemote(key) || (await answers(environment.prefix));
  const files = options.cache?.isRemote(key) ? new NodeFiles({ platform: given.platform, remotes: [] }) : given.files;
  const known = isReached ? options.cache?.get(key, given.env, files) : null;
  if (known) return { ...known, fallbacks: [], problem: null, ms: since(begin), cached: true };

  let attempt: Attempt;
  try {
    attempt = await untilAborted(`Activating ${environment.prefix}`, options.signal, () => compute(environment, given));
  } catch (error) {
    if (!(error instanceof MountSilentError)) throw error;
    const problem = { kind: error.kind, message: error.message, fix: error.fix };
    return {
      variables: {},
      sources: {},
      scripts: [],
      notes: [],
      fallbacks: [],
      problem,
      ms: since(begin),
      cached: false,
    };
  }
  const { context, computed, trail, remote } = attempt;
  const ladder = new Ladder(environment, given, attempt);
  const result = await ladder.climb();
  const inputs: Inputs = ladder.startedProcess ? { kind: 'all' } : { kind: 'named', variables: context.inputs };
  if (result.problem === null && result.fallbacks.length === 0 && computed.problem === null) {
    const { variables, sources, scripts, notes } = result;
    const { env, platform } = given;
    const basis = { env, platform, trail, inputs, lasting: ladder.startedProcess, remote };
    options.cache?.set(key, { variables, sources, scripts, notes }, basis);
  }
  return { ...result, ms: since(begin), cached: false };
}

/** The options with everything decided. */
export interface Given {
  env: ProcessVariables;
  platform: NodeJS.Platform;
  home: string;
  files: Files;
  signal: AbortSignal | undefined;
  scripts: boolean;
  scriptTimeoutMs: number;
  method: NonNullable<ActivateOptions['method']>;
}

function withDefaults(options: ActivateOptions): Given {
  const { platform = process.platform, env = process.env } = options;
  return {
    env,
    platform,
    home: options.home ?? homeDirectory(platform, env),
    files: options.files ?? new NodeFiles({ platform }),
    signal: options.signal,
    scripts: options.scripts ?? true,
    scriptTimeoutMs: options.scriptTimeoutMs ?? SCRIPT_TIMEOUT_MS,
    method: options.method ?? 'files',
  };
}

/** An editor that knows what its environment sets is believed. */
function taken(variables: Readonly<Record<string, string | null>>, begin: number): Activation {
  const sources = Object.fromEntries(Object.keys(variables).map((name) => [name, 'given with the environment']));
  return {
    variables: { ...variables },
    sources,
    scripts: [],
    notes: [],
    fallbacks: [],
    problem: null,
    ms: since(begin),
    cached: false,
  };
}

function keyFor({ kind, name, prefix, python, version, manager, project }: Environment, given: Given): string {
  const { platform, home, scripts, method } = given;
  return keyOf([kind, name, prefix, python, version, manager, project, platform, home, scripts, method]);
}

/**
 * The rules, again with what turned out to be missing: a parser that is loaded when the first file needs it; a remote file system, once
 * it has shown that it answers, is read as any other.
 *
 * @throws MountSilentError
 */
async function compute(environment: Environment, given: Given): Promise<Attempt> {
  const parsers = new Parsers();
  let { files } = given;
  for (;;) {
    const context = new Context({ ...given, files, parsers });
    try {
      return { context, ...fromFiles(context, environment), remote: files !== given.files };
    } catch (error) {
      if (error instanceof ParserNeeded) await parsers.load(error.which);
      else if (error instanceof RemotePlaceError) {
        if (!(await answers(error.path))) throw new MountSilentError(error.mount, REMOTE_MS);
        files = new NodeFiles({ platform: given.platform, remotes: [] });
      } else throw error;
    }
  }
}

/** Whether a path's file system answers at all, be it that nothing is there. */
function answers(path: string): Promise<boolean> {
  return settlesWithin(stat(path), REMOTE_MS);
}

function since(begin: number): number {
  return Math.round((performance.now() - begin) * 1000) / 1000;
}
