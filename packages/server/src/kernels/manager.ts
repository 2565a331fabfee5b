import { randomUUID } from 'node:crypto';
import type { CatalogEntry, Hub, HubOptions, HubStart, LaunchPlan, RawHost } from '@kernelkit/core';
import type { Tell } from '../events.js';
import type { Keeper, KeptKernel, KeptStart } from '../keep/index.js';
import type { KernelSpecs } from '../specs/index.js';
import { codec } from './codec.js';
import { type CullOptions, isToBeCulled } from './cull.js';
import { directoryFor, workingDirectory } from './directory.js';
import { allowedEnvironment } from './environment.js';
import { GatewayEndsError, TooManyKernelsError, UnknownKernelError } from './errors.js';
import { type KernelModel, kernelModel, lastWordsOf } from './model.js';
import { type KernelStart, type StartSettings, startRaw } from './start.js';
import { type TrustedStart, trustedModel } from './trusted.js';

/** Makes the hub of a kernel; it starts the kernel at once. */
export type HubFactory = (id: string, start: HubStart, options: HubOptions) => Hub;

export interface KernelsOptions extends StartSettings {
  readonly createHub: HubFactory;
  readonly hub?: HubOptions;
  /** Where session paths begin; absolute. */
  readonly rootDir: string;
  readonly maxKernels: number;
  /** Variables that a client may set beside `KERNEL_*`. */
  readonly allowedEnv: readonly string[];
  readonly cull: CullOptions;
  /** Where kernels are kept that outlive this gateway; null: they end with it. */
  readonly keeper?: Keeper | null;
}

/** What a client asks for. */
export interface NewKernel {
  readonly name?: string | undefined;
  readonly path?: string | undefined;
  readonly env?: unknown;
  /** A kernel of that id is started, or given where it runs already. */
  readonly id?: string | undefined;
  /** The start as a whole, in the place of `name`, `path` and `env`. */
  readonly trusted?: TrustedStart | undefined;
}

/** One kernel of the gateway. */
export interface ServedKernel {
  readonly id: string;
  readonly name: string;
  readonly entry: CatalogEntry;
  readonly hub: Hub;
  /** Null: it is started as the gateway would have it. */
  readonly trusted: TrustedStart | null;
  /** How its environment was activated at its last start. */
  readonly activation: LaunchPlan['activation'];
  /** What other clients join it by; null: it is not up. Another one after each start. */
  readonly connectionFile: string | null;
}

/** The gateway's kernels: id → hub. */
export class Kernels implements AsyncDisposable {
  readonly #options: KernelsOptions;
  readonly #specs: KernelSpecs;
  readonly #tell: Tell;
  readonly #kernels = new Map<string, ServedKernel>();
  readonly #kept = new Map<string, KeptKernel>();
  readonly #ending = new Map<string, Promise<void>>();
  /** Ids that are about to be in the map: what waits for the catalog counts against the limit, too. */
  readonly #coming = new Map<string, Promise<ServedKernel>>();
  readonly #culler: NodeJS.Timeout;
  #closed = false;
  #started = 0;

  constructor(specs: KernelSpecs, tell: Tell, options: KernelsOptions) {
    this.#specs = specs;
    this.#tell = tell;
    this.#options = options;
    for (const kept of options.keeper?.kernels ?? []) this.#adopt(kept);
    this.#culler = setInterval(() => this.cull(), (options.cull.interval ?? 300) * 1000).unref();
  }

  /** How many were started in all. */
  get started(): number {
    return this.#started;
  }

  /** Those that are there, in the order of their start; one that is being ended is there until it is gone. */
  list(): ServedKernel[] {
    return [...this.#kernels.values()];
  }

  /** Whether there is none, and none is about to be. */
  get isEmpty(): boolean {
    return this.#kernels.size + this.#coming.size === 0;
  }

  /** Whether it is there, and not for long. */
  isEnding(id: string): boolean {
    return this.#ending.has(id);
  }

  /** The kernel of an id; undefined: there is none. */
  find(id: string): ServedKernel | undefined {
    return this.#kernels.get(id);
  }

  /** @throws UnknownKernelError */
  get(id: string): ServedKernel {
    const kernel = this.#kernels.get(id);
    if (kernel === undefined) throw new UnknownKernelError(id);
    return kernel;
  }

  /** @throws UnknownKernelError */
  model(id: string): KernelModel {
    return modelOf(this.get(id));
  }

  /**
   * A new kernel, that starts; how that goes is in its model.
   * @throws UnknownSpecError, TooManyKernelsError, BadEnvironmentError, GatewayEndsError
   */
  async create(asked: NewKernel): Promise<ServedKernel> {
    const id = asked.id ?? randomUUID();
    // what is being ended is nothing to be given; its id is free when it is gone
    for (let ending = this.#ending.get(id); ending !== undefined; ending = this.#ending.get(id)) {
      await ending.catch(() => {});
    }
    const known = this.#kernels.get(id) ?? this.#coming.get(id);
    if (known !== undefined) return known;
    const coming = this.#create(id, asked).finally(() => this.#coming.delete(id));
    this.#coming.set(id, coming);
    return coming;
  }

  async #create(id: string, asked: NewKernel): Promise<ServedKernel> {
    const { maxKernels, keeper = null } = this.#options;
    if (this.#closed) throw new GatewayEndsError();
    if (this.#kernels.size + this.#coming.size >= maxKernels) throw new TooManyKernelsError(maxKernels);
    const { trusted = null } = asked;
    const what = trusted === null ? await this.#startOf(asked) : { name: trusted.entry.name, ...trusted };
    if (this.#closed) throw new GatewayEndsError();
    const start = { overrides: {}, ...what };
    const kept = keeper === null ? null : await keeper.create(id, { ...start, isTrusted: trusted !== null });
    if (this.#closed) {
      await kept?.remove();
      throw new GatewayEndsError();
    }
    this.#started += 1;
    return this.#serve(id, start, trusted, kept);
  }

  /** A kernel of an earlier gateway; how it goes with it is in its model. */
  #adopt(kept: KeptKernel): void {
    const { id, start } = kept.record;
    this.#serve(id, start, start.isTrusted ? (start as unknown as TrustedStart) : null, kept, true);
  }

  #serve(
    id: string,
    start: Omit<KeptStart, 'isTrusted'>,
    trusted: TrustedStart | null,
    kept: KeptKernel | null,
    isAdopted = false,
  ): ServedKernel {
    const { createHub, hub: hubOptions } = this.#options;
    const { name, entry } = start;
    const tell = this.#tell;
    let plan: LaunchPlan | null = null;
    const onPlan = (made: LaunchPlan): void => {
      plan = made;
    };
    let host: RawHost | null = null;
    const onHost = (started: RawHost): void => {
      host = started;
    };
    if (kept !== null) this.#kept.set(id, kept);
    const hub = createHub(id, startRaw({ ...start, id, onPlan, onHost }, this.#options, kept), {
      codec,
      ...hubOptions,
      ...(kept !== null && { store: kept.log }),
      onEvent: (event) => {
        if (event.kind === 'failed') {
          if (!event.willRestart && !this.#closed) kept?.died(event.error.message, lastWordsOf(event.error));
          // one that is ended while it starts has not failed
          if (!this.#ending.has(id)) tell({ kind: 'kernel-failed', id, name, error: event.error });
        }
        hubOptions?.onEvent?.(event);
      },
    });
    // told by the event and in the model; nobody need wait for it
    hub.ready.catch(() => {});
    const kernel: ServedKernel = {
      ...{ id, name, entry, hub, trusted },
      get activation() {
        return plan?.activation ?? null;
      },
      get connectionFile() {
        const isUp = hub.state === 'idle' || hub.state === 'busy';
        return isUp ? (host?.launched.connectionFile ?? null) : null;
      },
    };
    this.#kernels.set(id, kernel);
    tell({ kind: 'kernel-started', id, name, ...(isAdopted && { adopted: true }) });
    return kernel;
  }

  /** What a client's words mean here. @throws UnknownSpecError, BadEnvironmentError */
  async #startOf({ name, path, env }: NewKernel): Promise<Omit<KernelStart, 'id'> & { name: string }> {
    const { rootDir, allowedEnv } = this.#options;
    const overrides = allowedEnvironment(env, allowedEnv);
    const spec = await this.#specs.get(name);
    const cwd =
      path === undefined
        ? ((await workingDirectory(overrides.KERNEL_WORKING_DIR, rootDir)) ?? rootDir)
        : await directoryFor(path, rootDir);
    return {
      ...{ name: spec.name, entry: spec.entry, cwd, overrides },
      ...(path !== undefined && { sessionName: path }),
    };
  }

  /**
   * Restarts a kernel; resolves when the next process answers.
   * @throws UnknownKernelError; KeepError where the disk takes no note of the next one: the kernel is then as it was; what its hub throws
   */
  async restart(id: string): Promise<void> {
    const { hub } = this.get(id);
    await this.#kept.get(id)?.save();
    await hub.restart();
  }

  /** Ends a kernel; resolves when it is gone. @throws UnknownKernelError */
  async end(id: string, why: 'asked' | 'culled' = 'asked'): Promise<void> {
    const { hub, name } = this.get(id);
    let ending = this.#ending.get(id);
    if (ending === undefined) {
      ending = this.#close(id, hub).finally(() => {
        this.#kernels.delete(id);
        this.#ending.delete(id);
        this.#tell({ kind: 'kernel-ended', id, name, why });
      });
      this.#ending.set(id, ending);
    }
    await ending;
  }

  async #close(id: string, hub: Hub): Promise<void> {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    try {
      await hub.close();
    } finally {
      await kept?.remove();
    }
  }

  /** Lets go of a kernel that is kept. */
  async #leave(id: string, kept: KeptKernel): Promise<void> {
    const { hub, name, entry } = this.get(id);
    const wasDead = hub.state === 'dead';
    try {
      await hub.leave();
    } finally {
      const why = `${entry.displayName} is gone: its gateway ended while it was started`;
      if (hub.state === 'dead' && !wasDead) kept.died(why, '');
      await kept.close();
      this.#kernels.delete(id);
      this.#tell({ kind: 'kernel-ended', id, name, why: 'left' });
    }
  }

  /** Ends those that were idle for too long. */
  cull(now: number = Date.now()): void {
    for (const { id, hub, entry } of this.#kernels.values()) {
      if (this.#ending.has(id) || !isToBeCulled(hub, entry.spec?.metadata ?? {}, this.#options.cull, now)) continue;
      this.end(id, 'culled').catch((error: unknown) =>
        this.#tell({ kind: 'request-failed', method: 'cull', path: id, error }),
      );
    }
  }

  /** Ends all kernels, but those that are kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearInterval(this.#culler);
    await Promise.allSettled(this.#coming.values());
    await Promise.allSettled(this.#ending.values());
    const kept = [...this.#kept];
    await Promise.allSettled(kept.map(([id, kernel]) => this.#leave(id, kernel)));
    await Promise.allSettled([...this.#kernels.keys()].map((id) => this.end(id)));
  }
}

export function modelOf(kernel: ServedKernel): KernelModel {
  const { name, hub, trusted } = kernel;
  return kernelModel(name, hub, trusted === null ? null : trustedModel(trusted, kernel));
}
