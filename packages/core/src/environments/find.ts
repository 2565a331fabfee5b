import { setImmediate } from 'node:timers/promises';
import { AbortedError } from '../errors/index.js';
import { type Apart, type Files, NodeFiles, RemotePlaceError } from '../files/index.js';
import { homeDirectory, type ProcessVariables } from '../specs/index.js';
import { askInterpreter, type InterpreterAnswer } from './ask.js';
import type { EnvironmentCache } from './cache.js';
import { faultText } from './guarded.js';
import { addAliases, identityOf, nearnessOrder, rootPlace } from './identity.js';
import { inspect } from './inspect.js';
import { isFault, itemsOf } from './items.js';
import { isPlace } from './locator.js';
import { locators } from './locators.js';
import { ParserNeeded, Parsers } from './parsers.js';
import { type Project, tieToProject } from './projects.js';
import { windowsRegistryCandidates } from './registry.js';
import type { Candidate, Environment, Item, Place } from './types.js';
import { type Look, Memory, type Where, whereOf } from './where.js';

/** Where `findEnvironments` looks, and through what. Everything left out is this machine's, or this process's. */
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
  /** False: look nowhere, only at what is given. Default: true. */
  places?: boolean;
  /** Whether an interpreter may be started where files do not say what it is. Default: true. */
  ask?: boolean;
  signal?: AbortSignal;
  /** Asks the Windows registry. Default: on Windows, the system's own program. */
  registry?: (where: Where, signal: AbortSignal | undefined) => Promise<readonly Candidate[]>;
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
  /** Directories of packages that did not answer, and why: each is told of once. */
  readonly #passedOver = new Map<string, string>();
  readonly #toldOf = new Set<string>();
  readonly #localLook: Look;
  /** What lies on file systems that may not answer: looked at after all the rest, which must not wait for them. */
  readonly #later: (Place | Candidate)[] = [];
  #isLater = false;
  #sliceBegan = performance.now();

  constructor(options: FindEnvironmentsOptions) {
    const { platform = process.platform, env = process.env, cwd = process.cwd() } = options;
    const home = options.home ?? homeDirectory(platform, env);
    this.#options = options;
    this.#where = whereOf({ platform, env, home, cwd });
    const files = options.files ?? new NodeFiles({ platform });
    this.#look = { files, where: this.#where, memory: new Memory(), parsers: new Parsers(), projects: [] };
    this.#localLook = { ...this.#look, memory: new Memory(), withoutRemote: true };
  }

  async *run(): AsyncGenerator<EnvironmentFinding> {
    for (const candidate of this.#options.given ?? []) yield* this.#take(candidate);
    const { places = true } = this.#options;
    const queue = places ? locators.flatMap((locator) => locator.places?.(this.#where) ?? []) : [];
    // nearest first, whichever locator's: the first way to an environment is the one that counts
    queue.sort((a, b) => nearnessOrder(a) - nearnessOrder(b));
    let registry = places ? this.#registry() : null;
    for (let place = queue.shift(); place !== undefined; place = queue.shift()) {
      if (place.nearness === 'system' && registry !== null) {
        // it knows more of a program than the PATH that leads to it
        for (const candidate of await registry) yield* this.#take(candidate);
        registry = null;
      }
      yield* this.#search(place, queue);
      await this.#pause();
    }
    yield* this.#rest();
    yield* this.#ask();
    await this.#pause();
  }

  async *#rest(): AsyncGenerator<EnvironmentFinding> {
    this.#isLater = true;
    for (let item = this.#later.shift(); item !== undefined; item = this.#later.shift()) {
      const queue: Place[] = [];
      if (isPlace(item)) queue.push(item);
      else yield* this.#take(item);
      for (let place = queue.shift(); place !== undefined; place = queue.shift()) yield* this.#search(place, queue);
      await this.#pause();
    }
  }

  /** Asked at once, so that its answer is there when it is needed. */
  #registry(): Promise<readonly Candidate[]> | null {
    const { registry = process.platform === 'win32' ? windowsRegistryCandidates : null, signal } = this.#options;
    return this.#where.platform === 'win32' && registry !== null ? registry(this.#where, signal) : null;
  }

  /** Looks at a place, and at what it leads to. */
  async *#search(place: Place, queue: Place[]): AsyncGenerator<EnvironmentFinding> {
    const key = `${place.locator}\0${place.how}\0${place.path}`;
    if (this.#seenPlaces.has(key)) return;
    this.#seenPlaces.add(key);
    const putOff = () => {
      this.#seenPlaces.delete(key);
      this.#later.push(place);
    };
    const begin = performance.now();
    const further: Place[] = [];
    let found = 0;
    let error: string | null = null;
    try {
      const items = await this.#itemsOf(place);
      if (items === null) return;
      for (const item of items) {
        if (isFault(item)) yield { type: 'place', path: item.path, found: 0, error: item.fault, ms: 0 };
        else if (isPlace(item)) further.push(item);
        else {
          for await (const finding of this.#take(item)) {
            // the fault of a place that is the environment itself is the place's
            if (finding.type === 'place' && finding.path === place.path) error = finding.error;
            else {
              if (finding.type === 'environment') {
                found++;
                further.push(...rootPlace(finding.environment));
              }
              yield finding;
            }
          }
        }
        await this.#pause();
      }
    } catch (failure) {
      if (failure instanceof AbortedError) throw failure;
      if (failure instanceof RemotePlaceError && this.#options.apart && !this.#isLater) return putOff();
      error = faultText(failure);
    }
    queue.unshift(...further);
    yield { type: 'place', path: place.path, found, error, ms: rounded(performance.now() - begin) };
  }

  /** What a place holds; null when it is not there, which is nothing to tell of. */
  async #itemsOf(place: Place): Promise<Item[] | null> {
    for (;;) {
      try {
        return itemsOf(place, this.#look);
      } catch (error) {
        if (error instanceof ParserNeeded) {
          await this.#look.parsers.load(error.which);
          continue;
        }
        if (!(error instanceof RemotePlaceError) || !this.#options.apart || !this.#isLater) throw error;
        const answer = await this.#options.apart({ name: 'place', argument: place }, error.mount);
        const { items, projects } = answer as { items: Item[] | null; projects: Project[] };
        this.#look.projects.push(...projects);
        return items;
      }
    }
  }

  /** A candidate as an environment, unless it is known or none. A fault is told as a place of its own. */
  async *#take(candidate: Candidate): AsyncGenerator<EnvironmentFinding> {
    const literal = `${candidate.prefix}\0${candidate.python ?? ''}`;
    if (this.#seenCandidates.has(literal)) return;
    this.#seenCandidates.add(literal);
    if (candidate.prefix === '') {
      this.#toAsk.push(candidate);
      return;
    }
    const begin = performance.now();
    const failed = (path: string, error: string): EnvironmentFinding => {
      return { type: 'place', path, found: 0, error, ms: rounded(performance.now() - begin) };
    };
    try {
      const environment = await this.#inspect(candidate);
      for (const [path, error] of this.#passedOver) yield failed(path, error);
      this.#passedOver.clear();
      if (environment === null) {
        if (candidate.place.expected)
          yield failed(candidate.python ?? candidate.prefix, 'there is no environment here');
        return;
      }
      if (environment.python !== null && environment.version === null && environment.problem === null) {
        this.#toAsk.push({ ...candidate, python: environment.python });
      }
      const key = identityOf(environment, this.#look);
      const known = this.#known.get(key);
      if (known !== undefined) {
        addAliases(known, [environment.prefix, environment.python]);
        return;
      }
      const tied = tieToProject(environment, this.#look.projects, this.#where);
      this.#known.set(key, tied);
      yield { type: 'environment', environment: tied };
    } catch (error) {
      if (error instanceof AbortedError) throw error;
      if (error instanceof RemotePlaceError && this.#options.apart && !this.#isLater) {
        this.#seenCandidates.delete(literal);
        this.#later.push(candidate);
        return;
      }
      yield failed(candidate.python ?? candidate.prefix, faultText(error));
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
      if (!(error instanceof RemotePlaceError) || (apart && !this.#isLater)) throw error;
      try {
        if (!apart) throw error;
        return (await apart({ name: 'environment', argument: candidate }, error.mount)) as Environment | null;
      } catch (failure) {
        return this.#withoutRemote(candidate, error.path, failure);
      }
    }
  }

  /** A local environment does without a directory of packages (the user's, PYTHONPATH's) whose file system does not answer. */
  #withoutRemote(candidate: Candidate, path: string, failure: unknown): Environment | null {
    try {
      const environment = inspect(candidate, this.#localLook);
      if (!this.#toldOf.has(path)) this.#passedOver.set(path, faultText(failure));
      this.#toldOf.add(path);
      return environment;
    } catch (error) {
      throw error instanceof RemotePlaceError ? failure : error;
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
      { env: this.#options.env ?? process.env },
    );
    // what an aborted question says of a program is not true
    await this.#pause();
    for (const [at, candidate] of asked.entries()) {
      const answer = answers[at]!;
      if ('error' in answer) {
        yield { type: 'place', path: candidate.python!, found: 0, error: answer.error, ms: answer.ms };
      } else yield* this.#answered(candidate, answer);
    }
  }

  async *#answered(candidate: Candidate, answer: InterpreterAnswer): AsyncGenerator<EnvironmentFinding> {
    const { prefix, version, executable } = answer;
    const known = [...this.#known].find(([, { python }]) => python === candidate.python);
    if (known !== undefined) {
      const environment = { ...known[1], version };
      this.#known.set(known[0], environment);
      yield { type: 'environment', environment };
      return;
    }
    // a wrapper around an interpreter that was found by itself is another name for it
    const real = this.#look.files.real(executable);
    const wrapped = [...this.#known.values()].find((environment) => {
      return (
        environment.prefix === prefix &&
        environment.python !== null &&
        this.#look.files.real(environment.python) === real
      );
    });
    if (wrapped !== undefined) addAliases(wrapped, [candidate.python!]);
    else yield* this.#take({ ...candidate, prefix, version });
  }

  /** @throws AbortedError */
  async #pause(): Promise<void> {
    if (this.#options.signal?.aborted) throw new AbortedError('Looking for environments', this.#options.signal.reason);
    if (performance.now() - this.#sliceBegan < SLICE_MS) return;
    await setImmediate();
    this.#sliceBegan = performance.now();
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
