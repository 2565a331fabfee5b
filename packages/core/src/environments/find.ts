import { setImmediate } from 'node:timers/promises';
import { AbortedError } from '../errors/index.js';
import { type Apart, type Files, NodeFiles, RemotePlaceError } from '../files/index.js';
import { homeDirectory, type ProcessVariables } from '../specs/index.js';
import { askInterpreter, type InterpreterAnswer } from './ask.js';
import type { EnvironmentCache } from './cache.js';
import { faultText, inspect } from './inspect.js';
import { isPlace, type Locator } from './locator.js';
import { locators } from './locators.js';
import { ParserNeeded, Parsers } from './parsers.js';
import { tieToProject } from './projects.js';
import { windowsRegistryCandidates } from './registry.js';
import type { Candidate, Environment, Place } from './types.js';
import { type Look, Memory, type Where, whereOf } from './where.js';

export interface FindEnvironmentsOptions {
  /** Default: this process's environment, working directory, platform, and the home that the environment names. */
  env?: ProcessVariables;
  cwd?: string;
  home?: string;
  platform?: NodeJS.Platform;
  /** Default: this machine's. */
  files?: Files;
  /** Reads what lies on a file system that may not answer. Without it such places are reported as not searched. */
  apart?: Apart;
  /** What earlier searches found out. */
  cache?: EnvironmentCache;
  /** Interpreters that somebody else knows of, before everything that is looked for. */
  given?: readonly Candidate[];
  /** Whether an interpreter may be started where files do not say what it is. Default: true. */
  ask?: boolean;
  signal?: AbortSignal;
}

/** What a search tells, as soon as it knows: an environment, or that a place has been searched. */
export type EnvironmentFinding =
  | { type: 'environment'; environment: Environment }
  | { type: 'place'; path: string; found: number; error: string | null; ms: number };

/** How long the search works before it lets others have the thread. */
const SLICE_MS = 8;

/**
 * Finds every Python environment, from files: none is started but where files do not say what a program is, and nothing is
 * written. An environment that is met twice counts once, by its nearest way.
 *
 * @throws AbortedError only: what cannot be read is told as a place with an error
 */
export async function* findEnvironments(options: FindEnvironmentsOptions = {}): AsyncGenerator<EnvironmentFinding> {
  const search = new Search(options);
  yield* search.run();
}

class Search {
  readonly #options: FindEnvironmentsOptions;
  readonly #where: Where;
  readonly #look: Look;
  readonly #seenPlaces = new Set<string>();
  readonly #seenCandidates = new Set<string>();
  /** By the environment's identity. */
  readonly #known = new Map<string, Environment>();
  readonly #toAsk: Candidate[] = [];
  #sliceBegan = performance.now();

  constructor(options: FindEnvironmentsOptions) {
    const { platform = process.platform, env = process.env, cwd = process.cwd() } = options;
    const home = options.home ?? homeDirectory(platform, env);
    this.#options = options;
    this.#where = whereOf({ platform, env, home, cwd });
    const files = options.files ?? new NodeFiles({ platform });
    this.#look = { files, where: this.#where, memory: new Memory(), parsers: new Parsers(), projects: [] };
  }

  async *run(): AsyncGenerator<EnvironmentFinding> {
    for (const candidate of this.#options.given ?? []) yield* this.#take(candidate, candidate.place);
    const queue = locators.flatMap((locator) => locator.places?.(this.#where) ?? []);
    // nearest first, whichever locator's: the first way to an environment is the one that counts
    queue.sort((a, b) => nearnessOrder(a) - nearnessOrder(b));
    for (let place = queue.shift(); place !== undefined; place = queue.shift()) {
      yield* this.#search(place, queue);
      await this.#pause();
    }
    if (this.#where.platform === 'win32') {
      for (const candidate of await windowsRegistryCandidates(this.#where, this.#options.signal)) {
        yield* this.#take(candidate, candidate.place);
      }
    }
    yield* this.#ask();
  }

  /** Looks at a place, and at what it leads to. */
  async *#search(place: Place, queue: Place[]): AsyncGenerator<EnvironmentFinding> {
    const key = `${place.locator}\0${place.how}\0${place.path}`;
    if (this.#seenPlaces.has(key)) return;
    this.#seenPlaces.add(key);
    const begin = performance.now();
    let found = 0;
    let error: string | null = null;
    try {
      const items = await this.#itemsOf(place);
      if (items === null) return;
      for (const item of items) {
        if (isPlace(item)) queue.unshift(item);
        else {
          for await (const finding of this.#take(item, place)) {
            if (finding.type === 'environment') found++;
            yield finding;
          }
        }
        await this.#pause();
      }
    } catch (failure) {
      if (failure instanceof AbortedError) throw failure;
      error = faultText(failure);
    }
    yield { type: 'place', path: place.path, found, error, ms: rounded(performance.now() - begin) };
  }

  /** What a place holds; null when it is not there, which is nothing to tell of. */
  async #itemsOf(place: Place): Promise<(Candidate | Place)[] | null> {
    for (;;) {
      try {
        return itemsOf(place, this.#look);
      } catch (error) {
        if (error instanceof ParserNeeded) {
          await this.#look.parsers.load(error.which);
          continue;
        }
        if (!(error instanceof RemotePlaceError) || !this.#options.apart) throw error;
        return (await this.#options.apart({ name: 'place', argument: place }, error.mount)) as
          | (Candidate | Place)[]
          | null;
      }
    }
  }

  /** A candidate as an environment, unless it is known or none. A fault is told as a place of its own. */
  async *#take(candidate: Candidate, place: Place): AsyncGenerator<EnvironmentFinding> {
    const literal = `${candidate.prefix}\0${candidate.python ?? ''}`;
    if (this.#seenCandidates.has(literal)) return;
    this.#seenCandidates.add(literal);
    if (candidate.prefix === '') {
      this.#toAsk.push(candidate);
      return;
    }
    const begin = performance.now();
    try {
      const environment = await this.#inspect(candidate);
      if (environment === null) return;
      if (environment.python !== null && environment.version === null && environment.problem === null) {
        this.#toAsk.push({ ...candidate, python: environment.python });
      }
      const key = identityOf(environment, this.#look);
      const known = this.#known.get(key);
      if (known !== undefined) {
        for (const alias of [environment.prefix, environment.python ?? '']) {
          if (alias !== '' && alias !== known.prefix && alias !== known.python && !known.aliases.includes(alias)) {
            known.aliases.push(alias);
          }
        }
        return;
      }
      const tied = tieToProject(environment, this.#look.projects, this.#where);
      this.#known.set(key, tied);
      yield { type: 'environment', environment: tied };
    } catch (error) {
      if (error instanceof AbortedError) throw error;
      if (candidate.prefix === place.path) throw error;
      const path = candidate.python ?? candidate.prefix;
      yield { type: 'place', path, found: 0, error: faultText(error), ms: rounded(performance.now() - begin) };
    }
  }

  async #inspect(candidate: Candidate): Promise<Environment | null> {
    const { cache, apart } = this.#options;
    const remembered = cache?.get(candidate, this.#look);
    if (remembered !== undefined) return remembered;
    try {
      const { value, trail } = this.#look.files.record(() => inspect(candidate, this.#look));
      cache?.set(candidate, this.#look, value, trail);
      return value;
    } catch (error) {
      if (!(error instanceof RemotePlaceError) || !apart) throw error;
      return (await apart({ name: 'environment', argument: candidate }, error.mount)) as Environment | null;
    }
  }

  /** The last resort: programs that files say too little of are started to ask them, a few at a time. */
  async *#ask(): AsyncGenerator<EnvironmentFinding> {
    const { signal, cache, ask = true } = this.#options;
    if (!ask || this.#toAsk.length === 0) return;
    const asked = this.#toAsk.splice(0);
    const answers = await askInterpreter(
      asked.map(({ python }) => python!),
      this.#look.files,
      cache,
      signal,
    );
    for (const [at, candidate] of asked.entries()) {
      const answer = answers[at]!;
      if ('error' in answer) {
        yield { type: 'place', path: candidate.python!, found: 0, error: answer.error, ms: answer.ms };
      } else yield* this.#answered(candidate, answer);
    }
  }

  async *#answered(candidate: Candidate, answer: InterpreterAnswer): AsyncGenerator<EnvironmentFinding> {
    const { prefix, version } = answer;
    const key = [...this.#known].find(([, { python }]) => python === candidate.python)?.[0];
    if (key !== undefined) {
      const environment = { ...this.#known.get(key)!, version };
      this.#known.set(key, environment);
      yield { type: 'environment', environment };
      return;
    }
    for await (const finding of this.#take({ ...candidate, prefix, version }, candidate.place)) yield finding;
  }

  /** @throws AbortedError */
  async #pause(): Promise<void> {
    if (this.#options.signal?.aborted) throw new AbortedError('Looking for environments', this.#options.signal.reason);
    if (performance.now() - this.#sliceBegan < SLICE_MS) return;
    await setImmediate();
    this.#sliceBegan = performance.now();
  }
}

/** What a place holds, now. Null: it is not there. @throws FileFaultError, RemotePlaceError, ParserNeeded, Error (damaged) */
export function itemsOf(place: Place, look: Look): (Candidate | Place)[] | null {
  const { files, where } = look;
  if (place.how === 'prefix') return [{ prefix: place.path, place }];
  if (place.how !== 'children') {
    // whether it is there is for the locator to see: it may stand for several files
    if (files.stat(place.path) === null) return null;
    return [...(locatorOf(place).look?.(place, look) ?? [])];
  }
  const entries = files.list(place.path);
  if (entries === null) return null;
  const names = [...entries].filter(([, type]) => type === 'directory' || type === 'link').map(([name]) => name);
  return names.sort().map((name) => ({ prefix: where.path.join(place.path, name), place }));
}

function locatorOf(place: Place): Locator {
  const found = locators.find(({ name }) => name === place.locator);
  if (found === undefined) throw new Error(`there is no locator ${place.locator}`);
  return found;
}

function nearnessOrder({ nearness, distance = 0 }: Place): number {
  return ['workspace', 'active', 'user', 'system', 'tool'].indexOf(nearness) * 1000 + distance;
}

/** Prefixes that hold more than one Python. */
const SHARED = /^(?:\/|\/usr|\/usr\/local|\/opt\/local|\/snap)$/;

/**
 * What makes an environment the same however it was come by: its directory without links, and never its interpreter's, which for a
 * virtual environment leads to the base. Only where several Pythons share a directory does the interpreter tell them apart.
 */
export function identityOf({ real, prefix, python }: Environment, { files, where }: Look): string {
  const key = python !== null && SHARED.test(prefix) ? files.real(python) : real;
  return where.platform === 'linux' ? key : key.toLowerCase();
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
