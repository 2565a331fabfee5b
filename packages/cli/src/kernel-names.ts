import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CatalogEntry } from '@kernelkit/core';
import { shortPath } from './home.js';

/**
 * The shortest text that names each kernel with `-k`: its name where that means this kernel and no other, an environment's name,
 * its path, else the id. Follows core's ladder (`resolveKernel`), without its look at the disk but for one.
 */
export class KernelNames {
  readonly #cwd: string;
  readonly #byId: ReadonlyMap<string, CatalogEntry>;
  readonly #byName = new Map<string, CatalogEntry>();
  readonly #byEnvironment = new Map<string, CatalogEntry>();
  readonly #byPrefix = new Map<string, CatalogEntry>();
  readonly #byProgram = new Map<string, CatalogEntry>();
  /** What means something else on a rung above the environments' names. */
  readonly #taken = new Set<string>();

  /** @param kernels the whole catalog, the best first */
  constructor(kernels: readonly CatalogEntry[], cwd: string) {
    this.#cwd = cwd;
    this.#byId = new Map(kernels.map((entry) => [entry.id, entry]));
    const visible = kernels.filter(({ hidden }) => hidden === null);
    // Jupyter's own before what only we know of: of two for one name the first stays
    for (const isJupyters of [true, false]) {
      for (const entry of visible) if (entry.isJupyters === isJupyters) setOnce(this.#byName, entry.name, entry);
    }
    for (const entry of visible) {
      const { environment, owner, prefix, program, argv, language, displayName } = entry;
      if (environment !== null) setOnce(this.#byEnvironment, environment.name, entry);
      const place = owner?.real ?? prefix;
      if (place !== null) setOnce(this.#byPrefix, place, entry);
      if (language.toLowerCase() === 'python') {
        for (const path of new Set([program ?? argv[0], owner?.python]))
          if (path) setOnce(this.#byProgram, path, entry);
      }
      this.#taken.add(language.toLowerCase()).add(displayName);
    }
  }

  of(entry: CatalogEntry): string {
    const { name, environment, owner, prefix, resourceDir, id, hidden, source } = entry;
    if (hidden !== null) return id;
    const byName = name !== '' && name === name.toLowerCase() && this.#byName.get(name) === entry ? name : null;
    const byEnvironment = this.#environmentName(entry);
    // every environment's Python is called python3: its environment's name says more
    const named = source === 'environment' ? (byEnvironment ?? byName) : (byName ?? byEnvironment);
    if (named !== null) return named;
    const python = environment?.python ?? '';
    if (environment !== null && this.#byPrefix.get(owner?.real ?? prefix ?? '') === entry) {
      return this.#path(environment.prefix);
    }
    if (python !== '' && this.#byProgram.get(python) === entry) return this.#path(python);
    return resourceDir === null ? id : this.#path(resourceDir);
  }

  /** What an id that is told of stands for; the id itself where that says no more. */
  ofId(id: string): string {
    const entry = this.#byId.get(id);
    return entry === undefined ? id : this.of(entry);
  }

  #environmentName(entry: CatalogEntry): string | null {
    const name = entry.environment?.name ?? '';
    if (name === '' || this.#byEnvironment.get(name) !== entry) return null;
    const lower = name.toLowerCase();
    if (this.#byName.has(lower) || this.#taken.has(lower) || this.#taken.has(name)) return null;
    const here = statSync(resolve(this.#cwd, name), { throwIfNoEntry: false });
    return here === undefined ? name : null;
  }

  /** As a path on every rung: a lone word could be something else. */
  #path(path: string): string {
    const short = shortPath(path, this.#cwd);
    return /[\\/]/.test(short) ? short : `./${short}`;
  }
}

function setOnce<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (!map.has(key)) map.set(key, value);
}
