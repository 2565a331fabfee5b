import type { CatalogEntry, KernelEntry, SearchedPlace } from '../entries/index.js';
import { KernelkitError } from '../errors/index.js';
import { ServerError } from './errors.js';
import type { ServerNotice } from './models.js';
import type { ServerRequestOptions } from './request.js';
import { shownUrl } from './secrets.js';
import { JupyterServer } from './server.js';
import { diagnosisIn } from './server-host-death.js';
import { masked } from './settings.js';
import type { KernelModel, KernelSpecsModel, ServerSettings, SessionModel } from './types.js';

/** What a server's entry stands for, beside what every entry has. */
export interface RemoteKernel {
  /** How its server is reached. Printed, and as JSON, it shows no secret. */
  readonly settings: ServerSettings;
  /** Null: it is to be started. */
  readonly kernelId: string | null;
  /** The session that it belongs to; null: none, or not known. */
  readonly session: { readonly id: string; readonly path: string; readonly name: string; readonly type: string } | null;
  /** ISO 8601, as the server tells it. */
  readonly lastActivity: string | null;
  /** `idle`, `busy`, `starting`, `dead`, … */
  readonly state: string | null;
  /** How many clients it has. */
  readonly connections: number | null;
  /** The kernelspec as the server tells it. */
  readonly spec: Readonly<Record<string, unknown>> | null;
  /** Whether it is what the server starts when it is not told what. */
  readonly isDefault: boolean;
}

export interface ServerEntry extends CatalogEntry {
  readonly remote: RemoteKernel;
}

/** Whether an entry is a server's: one that `start` starts, or joins, there. */
export function isServerEntry(entry: KernelEntry): entry is ServerEntry {
  return 'remote' in entry && typeof entry.remote === 'object' && entry.remote !== null;
}

/** What is asked of a server, and how long that may take. */
export interface ServerSourceOptions {
  /** For each of its three questions. Default: 10 s. */
  readonly timeoutMs?: number;
  /** Only what runs there, and not what could be started. */
  readonly onlyRunning?: boolean;
  readonly onNotice?: (notice: ServerNotice) => void;
}

/** What a server has; where it failed, `searched` says so. */
export interface ServerListing {
  readonly entries: ServerEntry[];
  readonly searched: SearchedPlace[];
}

const TIMEOUT_MS = 10_000;

/**
 * What can be picked on a server. A server that fails is a searched place with an error.
 * @throws AbortedError
 */
export async function listServer(
  reached: ServerSettings,
  { timeoutMs = TIMEOUT_MS, onlyRunning = false, onNotice }: ServerSourceOptions = {},
  signal?: AbortSignal,
): Promise<ServerListing> {
  const begin = performance.now();
  // whoever keeps an entry may print it
  const settings = masked(reached);
  const server = new JupyterServer(settings, onNotice === undefined ? {} : { onNotice });
  const request: ServerRequestOptions = { timeoutMs, ...(signal && { signal }) };
  const errors: string[] = [];
  const orNull = async <T>(work: Promise<T>): Promise<T | null> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof KernelkitError) || error.kind === 'aborted') throw error;
      const text = error.fix === null ? error.message : `${error.message}. ${error.fix}`;
      errors.push(text);
      return null;
    }
  };
  const [specs, kernels, sessions] = await Promise.all([
    onlyRunning ? null : orNull(server.kernelspecs(request)),
    orNull(server.kernels(request)),
    orNull(server.sessions(request).catch(unlessThereAreNone)),
  ]);
  const entries = [
    ...Object.keys(specs?.kernelspecs ?? {}).map((name) => specEntry(settings, name, specs!)),
    ...(kernels ?? []).map((kernel) => runningEntry(settings, kernel, sessions ?? [], specs)),
  ];
  const place: SearchedPlace = {
    path: shownUrl(settings.baseUrl),
    kind: 'server',
    found: entries.length,
    error: errors.length === 0 ? null : [...new Set(errors)].join('; '),
    ms: Math.round((performance.now() - begin) * 10) / 10,
  };
  return { entries, searched: [place] };
}

/** Gateways may have kernels without sessions. */
function unlessThereAreNone(error: unknown): SessionModel[] {
  if (error instanceof ServerError && error.status === 404) return [];
  throw error;
}

function specEntry(settings: ServerSettings, name: string, specs: KernelSpecsModel): ServerEntry {
  const { spec } = specs.kernelspecs[name]!;
  return {
    ...bare(settings, 'server', name, name),
    displayName: textOf(spec.display_name) ?? name,
    language: textOf(spec.language) ?? '',
    remote: {
      settings,
      kernelId: null,
      session: null,
      lastActivity: null,
      state: null,
      connections: null,
      spec,
      isDefault: specs.default === name,
    },
  };
}

function runningEntry(
  settings: ServerSettings,
  kernel: KernelModel,
  sessions: readonly SessionModel[],
  specs: KernelSpecsModel | null,
): ServerEntry {
  const spec = specs?.kernelspecs[kernel.name]?.spec ?? null;
  const session = sessions.find((each) => each.kernel?.id === kernel.id) ?? null;
  const shown = textOf(spec?.display_name) ?? kernel.name;
  const isDead = kernel.execution_state === 'dead';
  return {
    ...bare(settings, 'running', kernel.name, kernel.id),
    displayName: `${shown} (${session === null ? 'running' : `running, ${session.path}`})`,
    language: textOf(spec?.language) ?? '',
    startable: !isDead,
    problem: isDead
      ? {
          kind: 'kernel-died',
          message: `the server says that it died${kernel.reason === undefined ? '' : `: ${diagnosisIn(kernel.reason)}`}`,
          fix: 'Restart it, or start another.',
        }
      : null,
    remote: {
      settings,
      kernelId: kernel.id,
      session: session && { id: session.id, path: session.path, name: session.name, type: session.type },
      lastActivity: kernel.last_activity,
      state: kernel.execution_state,
      connections: kernel.connections,
      spec,
      isDefault: false,
    },
  };
}

function bare({ baseUrl }: ServerSettings, source: 'server' | 'running', name: string, key: string) {
  const url = shownUrl(baseUrl);
  return {
    id: `${source}-${digest(`${url}\0${key}`)}`,
    source,
    name,
    argv: [],
    specFile: null,
    resourceDir: null,
    environment: null,
    startable: true,
    problem: null,
    hidden: null,
    server: { url },
    spec: null,
    prefix: null,
    program: null,
    file: null,
    runtime: null,
    owner: null,
    matched: null,
    isJupyters: false,
  };
}

/** 48 bits in hex, of two FNV-1a with different beginnings: a browser has no other hash that answers at once. */
function digest(text: string): string {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (const byte of new TextEncoder().encode(text)) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte ^ (a >>> 16), 0x01000193);
  }
  return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 16).toString(16).padStart(4, '0');
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
