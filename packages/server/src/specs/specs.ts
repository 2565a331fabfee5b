import type { Catalog, CatalogEntry } from '@kernelkit/core';
import { UnknownSpecError } from './errors.js';
import { type KernelSpecModel, specModel } from './model.js';
import { defaultName, nameKernels } from './names.js';
import { listedResources, type Resource, readResource } from './resources.js';

export interface KernelSpecsOptions {
  /** Looks for kernels. */
  readonly find: (signal: AbortSignal) => Promise<Catalog>;
  /** With slashes at both ends. */
  readonly baseUrl: string;
  /** Which kernelspec a client gets that names none. Default: Jupyter's, `python3`. */
  readonly defaultKernel?: string;
}

export interface NamedEntry {
  readonly name: string;
  readonly entry: CatalogEntry;
}

/** After so many milliseconds a list is looked for anew, beside answering with what is known. */
const FRESH_MS = 10_000;
/** So old the list has to be before a name that is not in it makes us look again: whoever asks for nonsense costs no search each time. */
const LOOK_AGAIN_MS = 2000;

/** The catalog's kernels as kernelspecs. Found once, and again when somebody asks and it has become old. */
export class KernelSpecs implements Disposable {
  readonly #options: KernelSpecsOptions;
  readonly #abort = new AbortController();
  #names: Map<string, CatalogEntry> | null = null;
  #at = 0;
  #search: Promise<Map<string, CatalogEntry>> | null = null;

  constructor(options: KernelSpecsOptions) {
    this.#options = options;
  }

  /** `GET /api/kernelspecs` */
  async list(): Promise<{ default: string; kernelspecs: Record<string, KernelSpecModel> }> {
    const names = await this.#known();
    const models = await Promise.all([...names].map(([name, entry]) => this.#model(name, entry)));
    return {
      default: this.#default(names),
      kernelspecs: Object.fromEntries(models.map((model) => [model.name, model])),
    };
  }

  /** @throws UnknownSpecError */
  async model(name: string): Promise<KernelSpecModel> {
    const found = await this.get(name);
    return this.#model(found.name, found.entry);
  }

  /** The entry of a name; of the default where none is given. @throws UnknownSpecError */
  async get(name?: string): Promise<NamedEntry> {
    let names = await this.#known();
    const asked = name ?? this.#default(names);
    if (!names.has(asked.toLowerCase()) && performance.now() - this.#at > LOOK_AGAIN_MS) names = await this.refresh();
    const entry = names.get(asked.toLowerCase());
    if (entry === undefined) throw new UnknownSpecError(asked);
    return { name: asked.toLowerCase(), entry };
  }

  /** A file of a kernelspec; null where there is none. @throws UnknownSpecError */
  async resource(name: string, path: string): Promise<Resource | null> {
    const { entry } = await this.get(name);
    return entry.resourceDir === null ? null : readResource(entry.resourceDir, path);
  }

  /** Looks now; those who ask meanwhile share the search. @throws what the search fails with */
  refresh(): Promise<Map<string, CatalogEntry>> {
    this.#search ??= this.#options
      .find(this.#abort.signal)
      .then((found) => {
        this.#names = nameKernels(found);
        this.#at = performance.now();
        return this.#names;
      })
      .finally(() => {
        this.#search = null;
      });
    return this.#search;
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
  }

  async #known(): Promise<Map<string, CatalogEntry>> {
    if (this.#names === null) return this.refresh();
    // who asks next sees what changed
    if (performance.now() - this.#at > FRESH_MS) this.refresh().catch(() => {});
    return this.#names;
  }

  #default(names: ReadonlyMap<string, CatalogEntry>): string {
    return this.#options.defaultKernel ?? defaultName(names);
  }

  async #model(name: string, entry: CatalogEntry): Promise<KernelSpecModel> {
    return specModel(name, entry, await listedResources(entry.resourceDir), this.#options.baseUrl);
  }
}
