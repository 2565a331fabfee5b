import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fingerprint, readKept, replaceKept, type Trail } from '../files/index.js';
import type { InterpreterAnswer } from './ask.js';
import type { Candidate, Environment } from './types.js';
import { inHome, type Look, listed, localAppData, type Where } from './where.js';

/** Raised when what is stored, or what is found out, changes its meaning: older files are then ignored. */
const FORMAT = 2;

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
  'POETRY_CACHE_DIR',
  'POETRY_VIRTUALENVS_PATH',
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
    // a link in its path may lead elsewhere by now, to the very same files
    if (look.files.real(candidate.prefix) !== environment.real) return undefined;
    const { nearness, distance = 0 } = candidate.place;
    const variables = candidate.variables ?? null;
    // a tool's environment is the tool's wherever it was met; for the rest, the way there decides
    return { ...environment, ...(environment.nearness !== 'tool' && { nearness, distance }), variables, aliases: [] };
  }

  set(candidate: Candidate, look: Look, environment: Environment | null, trail: Trail): void {
    // where nothing is, the next look is as quick as a comparison
    if (environment === null) return;
    const settled = Date.now() - SETTLED_MS;
    const entries: [string, string][] = [];
    // a link to nothing is absent, too, and what it leads to may come without its own directory changing
    for (const [path, print] of isSound(environment) ? essential(trail, look) : trail) {
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

  /** Writes the file, if there is anything new. */
  save(): void {
    if (this.file === null || !this.#changed) return;
    this.#changed = false;
    const now = read(this.file);
    const environments = Object.entries({ ...now.environments, ...this.#document.environments }).filter(
      ([, { used }]) => this.#today - used <= KEPT_DAYS,
    );
    const document: Document = {
      environments: Object.fromEntries(environments),
      answers: { ...now.answers, ...this.#document.answers },
    };
    replaceKept(this.file, encode(document));
  }

  #keyOf({ prefix, python = '', name = '', kind, version, place }: Candidate, look: Look): string {
    this.#variables ||= createHash('sha256')
      .update(JSON.stringify([look.where.home, ...decidingValues(look.where)]))
      .digest('hex')
      .slice(0, 12);
    return [this.#variables, place.locator, prefix, python, name, kind ?? '', version ?? ''].join('\0');
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

function isSound({ problem, specs }: Environment): boolean {
  return problem === null && specs.every(({ root }) => root.read.every(({ result }) => !('fault' in result)));
}

/** A trail without what follows from the rest of it: that a file is absent is seen in its directory, whose time changes when it comes. */
function* essential(trail: Trail, { where }: Look): Iterable<readonly [string, string]> {
  for (const [path, print] of trail) {
    const above = trail.get(where.path.dirname(path));
    if (print !== '-' || above === undefined || !(above === '-' || above.startsWith('d'))) yield [path, print];
  }
}

/** Where the cache lies: the user's own directory for such files. KERNELKIT_CACHE_DIR names another. */
export function cacheFile(where: Where, name = 'environments.json'): string {
  const named = where.read('KERNELKIT_CACHE_DIR');
  const xdg = where.read('XDG_CACHE_HOME');
  const dir =
    named ||
    (where.platform === 'win32'
      ? localAppData(where, 'kernelkit', 'cache')
      : where.platform === 'darwin'
        ? inHome(where, 'Library', 'Caches', 'kernelkit')
        : join(xdg && where.path.isAbsolute(xdg) ? xdg : inHome(where, '.cache'), 'kernelkit'));
  return where.path.join(dir, name);
}

/** As they are meant: a relative path is another one in another working directory. */
function decidingValues(where: Where): unknown[] {
  const values = DECIDING_VARIABLES.map((name) => where.read(name) ?? null);
  const isRelative = values.some((value) => {
    return value !== null && listOf(where, value).some((part) => !where.path.isAbsolute(part));
  });
  const filled = values.map((value) => (value === null ? null : listed(where, value)));
  return isRelative ? filled : values;
}

function listOf(where: Where, value: string): string[] {
  return value.split(where.path.delimiter);
}

/** A line with the format and a digest of what follows it, so that nothing damaged is taken for a finding. */
function encode(document: Document): string {
  const text = JSON.stringify(document);
  return `${headOf(text)}\n${text}`;
}

function headOf(text: string): string {
  return `kernelkit environments ${FORMAT} ${createHash('sha256').update(text).digest('hex')}`;
}

function read(file: string | null): Document {
  const empty: Document = { environments: {}, answers: {} };
  const text = file === null ? null : readKept(file);
  if (text === null) return empty;
  const at = text.indexOf('\n');
  const body = text.slice(at + 1);
  return at > 0 && text.slice(0, at) === headOf(body) ? (JSON.parse(body) as Document) : empty;
}
