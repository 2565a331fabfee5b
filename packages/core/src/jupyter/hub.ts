import { AbortedError } from '../errors/index.js';
import { Deadline, QuietTimer, untilAborted } from '../wait/index.js';
import type { HubAddress } from './address.js';
import { ServerError } from './errors.js';
import { eventsOf } from './events.js';
import { answerFailure, networkFailure } from './failures.js';
import { ask, askedOf } from './request.js';
import { shownUrl, withoutSecrets } from './secrets.js';
import { authHeaders, secretsOf, withSettings } from './settings.js';
import type { ServerSettings } from './types.js';

/** How far a hub is with a server. */
export interface HubProgress {
  /** 0 … 100; null where the hub does not say. */
  readonly percent: number | null;
  readonly message: string;
}

/** Which server of a hub is wanted, and who hears how far it is. */
export interface HubServerOptions {
  /** Whether one that does not run is started. Default: true. */
  readonly start?: boolean;
  /** Until it is ready. Default: 5 minutes, as the hub's own spawners are given. */
  readonly timeoutMs?: number;
  readonly onProgress?: (progress: HubProgress) => void;
  readonly signal?: AbortSignal;
}

const READY_MS = 300_000;
/** How often the hub is asked when its progress cannot be read. */
const POLL_MS = 1000;

interface State {
  readonly ready: boolean;
  /** `spawn`, `stop`, or null. */
  readonly pending: string | null;
  /** Where the hub says that it is; null where it has none yet. */
  readonly url: string | null;
}

/**
 * The settings of a user's server on a JupyterHub, once it is ready; one that does not run is started.
 * The token is the user's own, or one of a service that may see users and their servers.
 *
 * @throws ServerError, AbortedError
 */
export async function hubServer<T extends ServerSettings>(
  settings: T,
  hub: HubAddress,
  options: HubServerOptions = {},
): Promise<T> {
  const { signal, timeoutMs = READY_MS, start = true } = options;
  const what = `waiting for a server of ${shownUrl(hub.hubUrl)}`;
  using deadline = new Deadline(timeoutMs, signal);
  try {
    const ofHub = withSettings<ServerSettings>(settings, { baseUrl: hub.hubUrl });
    const user = hub.user ?? (await ownName(ofHub, deadline.signal));
    const waiting = new HubWait(ofHub, user, hub.server, options, deadline.signal);
    const url = await waiting.untilReady(start);
    return withSettings(settings, { baseUrl: url } as Partial<T>);
  } catch (error) {
    if (signal?.aborted) throw new AbortedError(what, signal.reason);
    if (!deadline.hasPassed) throw error;
    throw new ServerError(
      'server-timeout',
      `${shownUrl(hub.hubUrl)}: the server was not ready in ${timeoutMs / 1000} s`,
      {
        url: shownUrl(hub.hubUrl),
        fix: "Look at the hub's page: it may say what it waits for. A longer time can be given.",
      },
    );
  }
}

async function ownName(hub: ServerSettings, signal: AbortSignal): Promise<string> {
  const { body, asked, status } = await ask(hub, { path: 'api/user', signal });
  const name = (body as { name?: unknown } | null | undefined)?.name;
  if (typeof name === 'string') return name;
  throw new ServerError('server-answer-invalid', `${asked.url}: the hub does not say whose token it is`, {
    url: asked.url,
    status,
    fix: 'Name the user in the URL: https://hub.example.org/user/NAME/',
  });
}

class HubWait {
  readonly #hub: ServerSettings;
  readonly #user: string;
  readonly #server: string;
  readonly #options: HubServerOptions;
  readonly #signal: AbortSignal;

  constructor(hub: ServerSettings, user: string, server: string, options: HubServerOptions, signal: AbortSignal) {
    this.#hub = hub;
    this.#user = user;
    this.#server = server;
    this.#options = options;
    this.#signal = signal;
  }

  async untilReady(start: boolean): Promise<string> {
    let mayStart = start;
    for (;;) {
      const state = await this.#state();
      if (state.ready) return this.#urlOf(state);
      if (state.pending === null) {
        // Not running, and nobody on it: started once, and when it has ended again it failed.
        if (!mayStart) throw this.#failed(start ? 'the hub gave its start up' : 'it does not run', start);
        mayStart = false;
        await this.#spawn();
        continue;
      }
      if (state.pending === 'stop') await this.#pause();
      else await this.#follow();
    }
  }

  async #state(): Promise<State> {
    const { body } = await ask(this.#hub, { path: this.#path(), signal: this.#signal });
    const user = body as { servers?: Record<string, Partial<State>>; pending?: unknown; server?: unknown } | undefined;
    const model = user?.servers?.[this.#server];
    if (model === undefined) {
      // A token that may not see servers is told of none. What the user itself says is as old as the hub.
      const isDefault = this.#server === '';
      const pending = isDefault && typeof user?.pending === 'string' ? user.pending : null;
      const url = isDefault && typeof user?.server === 'string' ? user.server : null;
      return { ready: url !== null && pending === null, pending, url };
    }
    const { ready, pending, url } = model;
    return {
      ready: ready === true,
      pending: typeof pending === 'string' ? pending : null,
      url: typeof url === 'string' ? url : null,
    };
  }

  async #spawn(): Promise<void> {
    const path = `${this.#path()}/server${this.#server === '' ? '' : `s/${encodeURIComponent(this.#server)}`}`;
    // 201: it runs; 202: it is being started; 400: it runs already, or is being started by another
    const request = { path, method: 'POST', also: [400], signal: this.#signal } as const;
    const { status, body, asked } = await ask(this.#hub, request).catch((error: unknown) => {
      // a start that fails within the hub's first seconds is told here, and later ones by the progress
      const isFailure = error instanceof ServerError && error.kind === 'server-refused' && (error.status ?? 0) >= 500;
      throw isFailure ? this.#failed(error.message, true) : error;
    });
    const said = String((body as { message?: unknown } | undefined)?.message ?? '');
    if (status !== 400 || /already|pending/i.test(said)) return;
    throw new ServerError('server-refused', `${asked.url}: ${withoutSecrets(said, asked.secrets)} (400)`, {
      url: asked.url,
      status,
      fix: "Start it on the hub's home page, which may ask for more than can be told here.",
    });
  }

  /** Reads the hub's progress until it ends. A hub that has none to read is asked again after a while. */
  async #follow(): Promise<void> {
    const path = `${this.#path()}/server${this.#server === '' ? '' : `s/${encodeURIComponent(this.#server)}`}/progress`;
    const url = new URL(path, this.#hub.baseUrl).href;
    const asked = askedOf(this.#hub, url, 'GET');
    let response: Response;
    try {
      response = await untilAborted('Reading progress', this.#signal, () =>
        this.#hub.network.fetch(url, {
          headers: { Accept: 'text/event-stream', ...authHeaders(this.#hub) },
          redirect: 'manual',
          signal: this.#signal,
        }),
      );
    } catch (error) {
      if (this.#signal.aborted) throw error;
      throw networkFailure(error, asked);
    }
    const isStream = response.ok && (response.headers.get('content-type') ?? '').includes('event-stream');
    if (!isStream || response.body === null) {
      const text = await response.text();
      if (response.status === 401 || response.status === 403) throw answerFailure(response, text, asked);
      return this.#pause();
    }
    let isOver = false;
    try {
      for await (const data of eventsOf(response.body, this.#signal)) {
        isOver = this.#progress(data);
        if (isOver) break;
      }
    } catch (error) {
      if (error instanceof ServerError || this.#signal.aborted) throw error;
      // The stream broke; the state tells how far it is.
    }
    if (!isOver) await this.#pause();
  }

  /** Whether it was the last one. @throws ServerError where the start failed */
  #progress(data: string): boolean {
    let event: { progress?: unknown; message?: unknown; ready?: unknown; failed?: unknown };
    try {
      event = JSON.parse(data);
    } catch {
      return false;
    }
    const message = withoutSecrets(typeof event.message === 'string' ? event.message : '', secretsOf(this.#hub));
    const percent = typeof event.progress === 'number' ? event.progress : null;
    this.#options.onProgress?.({ percent, message });
    if (event.failed === true) throw this.#failed(message, true);
    return event.ready === true;
  }

  #failed(why: string, wasStarted: boolean): ServerError {
    const url = shownUrl(this.#hub.baseUrl);
    const name = `the server ${this.#server === '' ? '' : `"${this.#server}" `}of ${this.#user}`;
    return new ServerError('server-spawning', `${url}: ${name} is not there: ${why}`, {
      url,
      fix: wasStarted
        ? "The hub's log says more. Starting it on the hub's home page may, too."
        : "Start it on the hub's home page, or let it be started.",
    });
  }

  #pause(): Promise<void> {
    const timer = new QuietTimer();
    const quiet = new Promise<void>((resolve) => timer.arm(POLL_MS, resolve));
    return untilAborted('Waiting', this.#signal, () => quiet).finally(() => timer.clear());
  }

  #path(): string {
    return `api/users/${encodeURIComponent(this.#user)}`;
  }

  /** The hub tells a path of its own origin; anything else would take the token elsewhere. */
  #urlOf({ url }: State): string {
    const named = this.#server === '' ? '' : `${encodeURIComponent(this.#server)}/`;
    const usual = new URL(`../user/${encodeURIComponent(this.#user)}/${named}`, this.#hub.baseUrl);
    if (url === null) return usual.href;
    const told = new URL(url, this.#hub.baseUrl);
    return told.origin === usual.origin ? `${told.origin}${told.pathname.replace(/\/*$/, '/')}` : usual.href;
  }
}
