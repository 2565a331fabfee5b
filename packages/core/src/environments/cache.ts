import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fingerprint, type Trail } from '../files/index.js';
import type { InterpreterAnswer } from './ask.js';
import type { Candidate, Environment } from './types.js';
import { inHome, type Look, localAppData, type Where } from './where.js';

/** Raised when what is stored, or what is found out, changes its meaning: older files are then ignored. */
const FORMAT = 1;

/** A file that changed less than this ago may change again without its time of change showing it. */
const SETTLED_MS = 2000;

/** Entries that were not asked for in so many days go when the file is next written. */
const KEPT_DAYS = 30;

/** The variables that decide what an environment is, so that what was found out under others is not mistaken for it. */
export const DECIDING_VARIABLES = [
  'HOME',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'XDG_DATA_HOME',
  'XDG_CACHE_HOME',
  'ASDF_DATA_DIR',
  'HATCH_DATA_DIR',
  'HOMEBREW_PREFIX',
  'MAMBA_ROOT_PREFIX',
  'MISE_DATA_DIR',
  'PIPENV_PIPFILE',
  'PIPX_GLOBAL_HOME',
  'PIPX_HOME',
  'PYENV',
  'PYENV_ROOT',
  'PYTHONNOUSERSITE',
  'PYTHONPATH',
  'PYTHONUSERBASE',
  'RYE_HOME',
  'UV_PYTHON_INSTALL_DIR',
  'UV_TOOL_DIR',
  'WORKON_HOME',
] as const;

interface Stored {
  /** `[path, print]`; paths below the prefix begin with `./`. */
  trail: [string, string][];
  environment: Environment | null;
  /** Days since 1970. */
  used: number;
}

interface Document {
  format: number;
  environments: Record<string, Stored>;
  answers: Record<string, { state: string; answer: InterpreterAnswer }>;
}

/**
 * What earlier searches found out, in one file: an environment is good as long as every file and directory that it was read
 * from is as it was. Several processes may use it at once: it is replaced whole, and what another wrote meanwhile is kept. A
 * damaged file is ignored.
 */
export class EnvironmentCache {
  readonly file: string | null;
  #document: Document;
  #changed = false;
  readonly #today = Math.floor(Date.now() / 86_400_000);
  readonly #prints = new Map<string, string>();
  #variables = '';

  /** @param file null: kept in memory alone */
  constructor(file: string | null) {
    this.file = file;
    this.#document = read(file);
  }

  /** Begins a search: what is on the disk is looked at anew. */
  begin(): void {
    this.#prints.clear();
    this.#variables = '';
  }

  /** What is known of a candidate, if all that it stands on is unchanged; undefined: nothing. Null: that it is none. */
  get(candidate: Candidate, look: Look): Environment | null | undefined {
    const stored = this.#document.environments[this.#keyOf(candidate, look)];
    if (stored === undefined) return undefined;
    for (const [path, print] of stored.trail) {
      const full = path.startsWith('./') ? candidate.prefix + path.slice(1) : path;
      if (this.#printOf(full, look) !== print) return undefined;
    }
    if (stored.used !== this.#today) {
      stored.used = this.#today;
      this.#changed = true;
    }
    const { environment } = stored;
    if (environment === null) return null;
    const { nearness, distance = 0 } = candidate.place;
    // a tool's environment is the tool's wherever it was met; for the rest, the way there decides
    return { ...environment, ...(environment.nearness !== 'tool' && { nearness, distance }), aliases: [] };
  }

  set(candidate: Candidate, look: Look, environment: Environment | null, trail: Trail): void {
    // where nothing is, the next look is as quick as a comparison
    if (environment === null) return;
    const settled = Date.now() - SETTLED_MS;
    const entries: [string, string][] = [];
    for (const [path, print] of trail) {
      if (Number(print.split('.').slice(2).join('.')) > settled) return;
      entries.push([path.startsWith(`${candidate.prefix}/`) ? `.${path.slice(candidate.prefix.length)}` : path, print]);
    }
    this.#document.environments[this.#keyOf(candidate, look)] = { trail: entries, environment, used: this.#today };
    this.#changed = true;
  }

  answer(program: string, state: string): InterpreterAnswer | undefined {
    const known = this.#document.answers[program];
    return known?.state === state ? known.answer : undefined;
  }

  remember(program: string, state: string, answer: InterpreterAnswer): void {
    this.#document.answers[program] = { state, answer };
    this.#changed = true;
  }

  /**
   * Writes the file, if there is anything new. Where that is not possible (a read-only home) nothing is lost but the time of
   * the next search.
   */
  save(): void {
    if (this.file === null || !this.#changed) return;
    this.#changed = false;
    const now = read(this.file);
    const environments = Object.entries({ ...now.environments, ...this.#document.environments }).filter(
      ([, { used }]) => this.#today - used <= KEPT_DAYS,
    );
    const document: Document = {
      format: FORMAT,
      environments: Object.fromEntries(environments),
      answers: { ...now.answers, ...this.#document.answers },
    };
    const draft = `${this.file}.${process.pid}.tmp`;
    try {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
      writeFileSync(draft, JSON.stringify(document), { mode: 0o600 });
      renameSync(draft, this.file);
    } catch {
      try {
        rmSync(draft, { force: true });
      } catch {
        // it could not be made, so it cannot be removed
      }
    }
  }

  #keyOf({ prefix, python = '', name = '', kind, place }: Candidate, look: Look): string {
    this.#variables ||= createHash('sha256')
      .update(JSON.stringify([look.where.home, ...DECIDING_VARIABLES.map((each) => look.where.read(each) ?? null)]))
      .digest('hex')
      .slice(0, 12);
    return [this.#variables, place.locator, prefix, python, name, kind ?? ''].join('\0');
  }

  #printOf(path: string, { files }: Look): string {
    let print = this.#prints.get(path);
    if (print === undefined) {
      try {
        print = fingerprint(files.stat(path));
      } catch {
        print = '?';
      }
      this.#prints.set(path, print);
    }
    return print;
  }
}

/** Where the cache lies: the user's own directory for such files. KERNELKIT_CACHE_DIR names another. */
export function cacheFile(where: Where): string {
  const named = where.read('KERNELKIT_CACHE_DIR');
  const xdg = where.read('XDG_CACHE_HOME');
  const dir =
    named ||
    (where.platform === 'win32'
      ? localAppData(where, 'kernelkit', 'cache')
      : where.platform === 'darwin'
        ? inHome(where, 'Library', 'Caches', 'kernelkit')
        : join(xdg && where.path.isAbsolute(xdg) ? xdg : inHome(where, '.cache'), 'kernelkit'));
  return where.path.join(dir, 'environments.json');
}

function read(file: string | null): Document {
  const empty: Document = { format: FORMAT, environments: {}, answers: {} };
  if (file === null) return empty;
  try {
    // a pipe or a device in its place must not be waited for
    if (!statSync(file).isFile()) return empty;
    const document = JSON.parse(readFileSync(file, 'utf8')) as Document;
    if (document.format !== FORMAT) return empty;
    return isDocument(document) ? document : empty;
  } catch {
    return empty;
  }
}

/** Far enough to be sure that reading an entry cannot fail; what an entry says is checked against the disk. */
function isDocument({ environments, answers }: Document): boolean {
  if (typeof environments !== 'object' || typeof answers !== 'object' || environments === null || answers === null)
    return false;
  return Object.values(environments).every(
    (stored) =>
      typeof stored === 'object' &&
      stored !== null &&
      Array.isArray(stored.trail) &&
      stored.trail.every((step) => Array.isArray(step) && step.every((part) => typeof part === 'string')) &&
      (stored.environment === null ||
        (typeof stored.environment === 'object' && Array.isArray(stored.environment.specs))),
  );
}
