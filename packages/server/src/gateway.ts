import { resolve } from 'node:path';
import { type Catalog, catalog, type HubOptions, KernelHub, type LaunchOptions } from '@kernelkit/core';
import { door, type Guard, isLoopback, newToken } from './auth/index.js';
import {
  type ChannelsHost,
  EVENTS_PATH,
  EventFeed,
  type InProcessSocketClass,
  kernelIdIn,
  socketClass,
} from './channels/index.js';
import type { GatewayEvent } from './events.js';
import { Keeper, type KeepOptions } from './keep/index.js';
import { type CullOptions, type HubFactory, Kernels, TrustedStartError } from './kernels/index.js';
import {
  CONNECTION_DEFAULTS,
  type ConnectionSettings,
  type Listening,
  type ListenOptions,
  listen,
  type WebSocketSettings,
} from './node/index.js';
import { Counters, pathBelow, restHandler } from './rest/index.js';
import { Sessions } from './sessions/index.js';
import { KernelSpecs } from './specs/index.js';

/** What a gateway serves, to whom, and how much of it. docs/gateway.md has the command's flags for the same. */
export interface GatewayOptions {
  /** Where session paths begin. Default: the working directory. */
  readonly rootDir?: string;
  /** With slashes at both ends or without. Default `/`. */
  readonly baseUrl?: string;
  /** What clients on a port have to bring; empty: nothing. Default: a new one. In-process nobody is asked. */
  readonly token?: string;
  /** Names that it may be asked for by on a port, beside those of loopback. Default: none where it listens on loopback, else any. */
  readonly allowedHosts?: readonly string[];
  /** Origins whose pages may ask without being of the gateway's own (`https://app.example.org`); `*`: all. Default: none. */
  readonly allowOrigins?: readonly string[];
  /** More of them: those that fit it; it should begin with `^` and end with `$`. */
  readonly allowOriginPattern?: RegExp;
  /** Whether pages of these origins may use the cookie of a browser that is logged in; `*` allows that to nobody. Default: not. */
  readonly allowCredentials?: boolean;
  /** Asked before the token is, for requests on a port. */
  readonly guards?: readonly Guard[];
  /** What the kernels' environment is made from. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Variables that a client may set for its kernel, beside `KERNEL_*`. Default: none. */
  readonly allowedEnv?: readonly string[];
  /** How kernels are found. Default: the catalog of `rootDir`. */
  readonly find?: (signal: AbortSignal) => Promise<Catalog>;
  /** The kernelspec for clients that name none. Default `python3`. */
  readonly defaultKernel?: string;
  /** Default: no limit. */
  readonly maxKernels?: number;
  /** Default 1 MiB. */
  readonly maxBodyBytes?: number;
  readonly webSockets?: Partial<WebSocketSettings>;
  /** How many connections on a port, and how slow ones. */
  readonly connections?: Partial<ConnectionSettings>;
  /** Default: kernels are not culled. */
  readonly cull?: CullOptions;
  /** Whether a kernel that dies is started again. Default: yes, five times. */
  readonly autoRestart?: boolean;
  /** Bounds of each kernel's log. */
  readonly hub?: HubOptions;
  /** Milliseconds that a kernel may take to answer. Default 60,000. */
  readonly startTimeout?: number;
  /** Asked before a kernel's command is run. */
  readonly trust?: LaunchOptions['trust'];
  /** Default: core's KernelHub. */
  readonly createHub?: HubFactory;
  /**
   * Whether a client may bring a kernel's whole start (its catalog entry, environment and directory: `TrustedStart`) in `kernelkit` of
   * `POST /api/kernels`. For a private socket: such a gateway listens on nothing else. Default: not.
   */
  readonly trustedStart?: boolean;
  readonly onEvent?: (event: GatewayEvent) => void;
}

/** Jupyter Server's contract over kernels of this machine: called in this process, or listened for. */
export interface Gateway extends AsyncDisposable {
  /** Empty: none is asked for. */
  readonly token: string;
  /** With slashes at both ends. */
  readonly baseUrl: string;
  readonly kernels: Kernels;
  readonly sessions: Sessions;
  readonly specs: KernelSpecs;
  /** The REST API for programs in this process: no token is asked for. Never throws. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** A WebSocket class for programs in this process; messages are bytes, as on a port. */
  readonly WebSocket: InProcessSocketClass;
  /** The same, and messages are objects: for an identity serializer. */
  readonly ObjectWebSocket: InProcessSocketClass;
  /** Listens on a port or a Unix socket, until that or the gateway is disposed of. @throws CannotListenError, TrustedStartError */
  listen(options?: ListenOptions): Promise<Listening>;
}

const MIB = 2 ** 20;

/** A gateway; it ends its kernels when it is disposed of. */
export function createGateway(options: GatewayOptions = {}): Gateway {
  return makeGateway(options, null);
}

/**
 * A gateway whose kernels outlive it: when it is disposed of, or killed, they run on, and the next one on the same directory has them with their
 * ids, sessions and logs. DELETE ends them.
 * @throws KeepError
 */
export async function openGateway({ keep, ...options }: GatewayOptions & { keep?: KeepOptions }): Promise<Gateway> {
  if (keep === undefined) return makeGateway(options, null);
  const failed = (id: string, error: Error) =>
    options.onEvent?.({ kind: 'request-failed', method: 'keep', path: id, error });
  const keeper = await Keeper.open(keep, { keepBytes: options.hub?.keepBytes ?? KEPT_BYTES, failed });
  return makeGateway(options, keeper);
}

/** With slashes at both ends, and written as the URLs of requests are: `/a b/` is asked for as `/a%20b/`. */
function baseUrlOf(given: string): string {
  const words = given.split('/').filter((word) => word !== '');
  const path = words.join('/').replaceAll('?', '%3F').replaceAll('#', '%23');
  return new URL(`http://x/${path}`).pathname.replace(/\/?$/, '/');
}

/** As a hub's log has it. */
const KEPT_BYTES = 16 * MIB;

function makeGateway(options: GatewayOptions, keeper: Keeper | null): Gateway {
  const { token = newToken(), env = process.env, onEvent } = options;
  const rootDir = resolve(options.rootDir ?? '.');
  const baseUrl = baseUrlOf(options.baseUrl ?? '');
  const counters = new Counters();
  const feed = new EventFeed();
  const tell = (event: GatewayEvent): void => {
    if (event.kind === 'kernel-failed') counters.failures += 1;
    if (event.kind === 'kernel-ended' && event.why === 'culled') counters.culled += 1;
    feed.tell(event);
    onEvent?.(event);
  };
  const specs = new KernelSpecs({
    find: options.find ?? ((signal) => catalog({ cwd: rootDir, env, signal })),
    baseUrl,
    ...(options.defaultKernel !== undefined && { defaultKernel: options.defaultKernel }),
  });
  const createHub = options.createHub ?? ((id, start, hub) => new KernelHub(id, start, hub));
  const { startTimeout, trust, autoRestart = true, cull = {}, allowedEnv = [], maxBodyBytes = MIB } = options;
  const { trustedStart = false } = options;
  const kernels = new Kernels(specs, tell, {
    ...{ createHub, rootDir, env, autoRestart, cull, allowedEnv },
    maxKernels: options.maxKernels ?? Number.POSITIVE_INFINITY,
    keeper,
    ...(options.hub && { hub: options.hub }),
    ...(startTimeout !== undefined && { timeout: startTimeout }),
    ...(trust && { trust }),
  });
  const sessions = new Sessions(kernels, keeper);
  const started = new Date();
  const fetch = restHandler({
    ...{ kernels, sessions, specs, counters, tell, baseUrl, maxBodyBytes, trustedStart, started },
  });
  const host: ChannelsHost = {
    tell,
    counters,
    kernelAt(url) {
      const id = kernelIdIn(pathBelow(url, baseUrl) ?? '');
      return id === null ? undefined : kernels.find(id);
    },
    feedAt: (url) => (pathBelow(url, baseUrl) === EVENTS_PATH ? feed : undefined),
  };
  const listening = new Set<Listening>();
  return {
    ...{ token, baseUrl, kernels, sessions, specs, fetch },
    WebSocket: socketClass(host, false),
    ObjectWebSocket: socketClass(host, true),
    async listen(where) {
      if (trustedStart && where?.socketPath === undefined) {
        throw new TrustedStartError(
          'start-on-port',
          'A gateway that takes starts of clients listens on a private socket only',
        );
      }
      const webSockets = { maxFrameBytes: 256 * MIB, pingInterval: 30_000, pingTimeout: 90_000, ...options.webSockets };
      const { allowedHosts, allowOrigins, allowOriginPattern, allowCredentials = false, guards = [] } = options;
      const connections = { ...CONNECTION_DEFAULTS, ...options.connections };
      // where others are to reach it, they do so by names that nobody here knows
      const isLocal = where?.socketPath === undefined && isLoopback(where?.host ?? '127.0.0.1');
      const hosts = allowedHosts ?? (isLocal ? [] : null);
      const entrance = door({
        ...{ token, baseUrl, guards, allowedHosts: hosts, allowCredentials },
        ...(allowOrigins && { allowOrigins }),
        ...(allowOriginPattern && { allowOriginPattern }),
      });
      const begun = await listen({ ...host, baseUrl, door: entrance, fetch, webSockets, connections }, where);
      listening.add(begun);
      return begun;
    },
    async [Symbol.asyncDispose]() {
      specs[Symbol.dispose]();
      // clients see their kernels end before the connection does
      await kernels[Symbol.asyncDispose]();
      await keeper?.close();
      await Promise.all([...listening].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}
