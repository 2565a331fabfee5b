import { createHash } from 'node:crypto';
import { type Files, fingerprint, readKept, replaceKept, type Trail } from '../files/index.js';
import { type ProcessVariables, variableReader } from '../specs/index.js';
import type { Activation } from './types.js';

/** Raised when what is stored, or how it is computed, changes its meaning: older files are then ignored. */
const FORMAT = 1;
/** A file that changed less than this ago may change again without its time of change showing it. */
const SETTLED_MS = 2000;
/** What was not asked for in so many days goes when the file is next written. */
const KEPT_DAYS = 30;

/** What a result stands on besides files: variables by name; or, since a script may read any of them, the whole environment. */
export type Inputs = { kind: 'named'; variables: ReadonlyMap<string, string | undefined> } | { kind: 'all' };

/** What a result was computed from, and how. */
export interface Basis {
  env: ProcessVariables;
  platform: NodeJS.Platform;
  trail: Trail;
  inputs: Inputs;
  /** Whether it took a process. */
  lasting: boolean;
  remote: boolean;
}

/** Counted by shells, or naming a window: they differ from one terminal to the next, and nothing is computed from them. */
const PASSING = new Set(['_', 'SHLVL', 'PWD', 'OLDPWD', 'WINDOWID', 'TERM_SESSION_ID']);

interface Stored {
  /** `[path, print]` of every file and directory that was looked at. */
  trail: [string, string][];
  /** The names of the variables that were read; null: all count. */
  names: string[] | null;
  /** Their values, or the whole environment, as a digest: a file on the disk is no place for secrets. */
  digest: string;
  /** Whether the files lie where they may not answer: then they have to be asked after first. */
  remote: boolean;
  activation: Pick<Activation, 'variables' | 'sources' | 'scripts' | 'notes'>;
  /** Days since 1970. */
  used: number;
}

interface Document {
  format: number;
  activations: Record<string, Stored>;
}

/**
 * What was computed before, good as long as every file and variable that it was computed from is as it was. On the disk go only those for
 * which a process was started: the others take less time to compute than to read. The file is replaced whole, so that several processes may
 * use it, and a damaged one is ignored. What a script reads beyond itself (another file, the time) is not known to anybody.
 */
export class ActivationCache {
  readonly file: string | null;
  readonly #known = new Map<string, Stored>();
  #loaded = false;

  /** @param file null: in memory alone */
  constructor(file: string | null = null) {
    this.file = file;
  }

  /** Whether what is known of it can only be checked on a file system that may not answer. */
  isRemote(key: string): boolean {
    return this.#find(key)?.remote === true;
  }

  get(key: string, env: ProcessVariables, files: Files): Stored['activation'] | null {
    const stored = this.#find(key);
    if (stored === undefined) return null;
    if (digestOf(env, stored.names, files.platform) !== stored.digest) return null;
    for (const [path, print] of stored.trail) if (printOf(files, path) !== print) return null;
    stored.used = today();
    return stored.activation;
  }

  set(key: string, result: Stored['activation'], basis: Basis): void {
    const { env, trail, inputs, lasting, remote, platform } = basis;
    const settled = Date.now() - SETTLED_MS;
    for (const print of trail.values()) if (Number(print.split('.').slice(2).join('.')) > settled) return;
    const names = inputs.kind === 'all' ? null : [...inputs.variables.keys()];
    const stored = {
      trail: [...trail],
      names,
      digest: digestOf(env, names, platform),
      remote,
      activation: result,
      used: today(),
    };
    this.#known.set(key, stored);
    if (lasting && this.file !== null) this.#write(this.file, key, stored);
  }

  #find(key: string): Stored | undefined {
    if (!this.#loaded && this.file !== null) {
      for (const [each, stored] of Object.entries(read(this.file).activations)) this.#known.set(each, stored);
    }
    this.#loaded = true;
    return this.#known.get(key);
  }

  #write(file: string, key: string, stored: Stored): void {
    const kept = Object.entries(read(file).activations).filter(([, { used }]) => today() - used <= KEPT_DAYS);
    const document: Document = { format: FORMAT, activations: { ...Object.fromEntries(kept), [key]: stored } };
    replaceKept(file, JSON.stringify(document));
  }
}

/** A short name for what an activation is asked for. */
export function keyOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function digestOf(env: ProcessVariables, names: readonly string[] | null, platform: NodeJS.Platform): string {
  const value = variableReader(platform, env);
  const chosen =
    names === null
      ? Object.entries(env)
          .filter(([name, each]) => each !== undefined && !PASSING.has(name))
          .sort(([a], [b]) => (a < b ? -1 : 1))
      : names.map((name) => [name, value(name) ?? null]);
  return createHash('sha256').update(JSON.stringify(chosen)).digest('base64');
}

function printOf(files: Files, path: string): string {
  try {
    return fingerprint(files.stat(path));
  } catch {
    return '?';
  }
}

function today(): number {
  return Math.floor(Date.now() / 86_400_000);
}

function read(file: string): Document {
  const empty: Document = { format: FORMAT, activations: {} };
  try {
    const document = JSON.parse(readKept(file) ?? 'null') as Document;
    if (document.format !== FORMAT) return empty;
    const sound = Object.entries(document.activations).filter(([, stored]) => isStored(stored));
    return { format: FORMAT, activations: Object.fromEntries(sound) };
  } catch {
    return empty;
  }
}

/** Far enough to be sure that using it cannot fail. */
function isStored(value: unknown): value is Stored {
  if (!isTable(value)) return false;
  const { trail, names, digest, activation } = value;
  const isPair = (step: unknown) => Array.isArray(step) && step.length === 2 && step.every(isText);
  return (
    Array.isArray(trail) &&
    trail.every(isPair) &&
    (names === null || (Array.isArray(names) && names.every(isText))) &&
    isText(digest) &&
    typeof value.remote === 'boolean' &&
    isTable(activation) &&
    isTable(activation.variables) &&
    Object.values(activation.variables).every((each) => each === null || isText(each)) &&
    isTable(activation.sources) &&
    Array.isArray(activation.scripts) &&
    Array.isArray(activation.notes)
  );
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
