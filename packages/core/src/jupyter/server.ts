import { ServerError } from './errors.js';
import { notJupyter, spawning } from './failures.js';
import { readKernel, readKernelSpecs, readList, readSession, type ServerNotice } from './models.js';
import { type Answer, ask, type Question, type ServerRequestOptions } from './request.js';
import type { KernelModel, KernelSpecsModel, ServerSettings, SessionModel } from './types.js';

/** Which kernel a server is to start, and where. */
export interface KernelRequest {
  /** Default: the server's own default kernelspec. */
  readonly name?: string;
  /** Where it works, relative to the server's root. */
  readonly path?: string;
  /** For gateways: `KERNEL_…` variables. A Jupyter server leaves it unread. */
  readonly env?: Readonly<Record<string, string>>;
  /** For gateways: the id that it shall have. A kernel that runs under it is given in its place, so that one may ask twice. */
  readonly id?: string;
  /** For a gateway of ours on a private socket: the kernel's whole start (`TrustedStart`). */
  readonly kernelkit?: Readonly<Record<string, unknown>>;
}

/** Which session a server is to make: a path, and its kernel. */
export interface SessionRequest {
  readonly path: string;
  /** `notebook`, `console`, `file`. */
  readonly type: string;
  readonly name?: string;
  /** To be started, by its kernelspec's name, or running already, by its id. Default: the server's default kernelspec. */
  readonly kernel?: { readonly name: string } | { readonly id: string };
}

/** What becomes of a session: what is left out stays. */
export interface SessionChanges {
  readonly path?: string;
  readonly type?: string;
  readonly name?: string;
  /** Another kernel: the server ends the one that the session had. */
  readonly kernel?: { readonly name: string } | { readonly id: string };
}

/** What holds for all requests to a server. */
export interface JupyterServerOptions {
  /** Hears of what the server sent and nobody can read. */
  readonly onNotice?: (notice: ServerNotice) => void;
  /** Of every request that is given none. */
  readonly timeoutMs?: number;
}

/** Starting a kernel takes as long as the kernel does. */
const START_MS = 60_000;

/** A Jupyter server's REST interface. Every method throws ServerError or AbortedError. */
export class JupyterServer {
  readonly settings: ServerSettings;
  readonly #options: JupyterServerOptions;

  constructor(settings: ServerSettings, options: JupyterServerOptions = {}) {
    this.settings = settings;
    this.#options = options;
  }

  /** Its base URL, without the token. */
  get url(): string {
    return this.settings.baseUrl;
  }

  /** Its version. Jupyter servers tell it to everybody: that it is told says nothing of the token. */
  async version(options: ServerRequestOptions = {}): Promise<string> {
    const { body, status, asked } = await this.#ask({ ...options, path: 'api' });
    const version = (body as { version?: unknown } | null | undefined)?.version;
    if (typeof version !== 'string') throw notJupyter(asked, status, 'it tells no version');
    if (/^0\./.test(version)) throw tooOld(asked.url, version);
    return version;
  }

  /** Whether it is a Jupyter server that lets one in: its version. What fails here would fail later, and less clearly. */
  async check(options: ServerRequestOptions = {}): Promise<string> {
    const version = await this.version(options);
    await this.kernelspecs(options);
    // What Jupyter calls 3 and 4 are notebook servers of 2015 — or those of a later day, which tell their status
    if (/^[34]\./.test(version)) {
      const { status, asked } = await this.#ask({ ...options, path: 'api/status', also: [404], orPage: true });
      if (status === 404) throw tooOld(asked.url, version);
    }
    return version;
  }

  /** Who the server takes one for; null where it has no such notion (before jupyter_server 2). */
  async me(options: ServerRequestOptions = {}): Promise<{ username: string; name: string } | null> {
    const { body, status } = await this.#ask({ ...options, path: 'api/me', also: [404], orPage: true });
    const identity = (body as { identity?: { username?: unknown; name?: unknown } } | null | undefined)?.identity;
    if (status === 404 || typeof identity?.username !== 'string') return null;
    return { username: identity.username, name: typeof identity.name === 'string' ? identity.name : identity.username };
  }

  /** Its kernelspecs by name, and which is the default. */
  async kernelspecs(options: ServerRequestOptions = {}): Promise<KernelSpecsModel> {
    const answer = await this.#ask({ ...options, path: 'api/kernelspecs' });
    return this.#valid(
      answer,
      readKernelSpecs(answer.body, (what) => this.#skipped(what)),
    );
  }

  /** Every kernel that runs there, whoever started it. */
  async kernels(options: ServerRequestOptions = {}): Promise<KernelModel[]> {
    const answer = await this.#ask({ ...options, path: 'api/kernels' });
    return this.#valid(
      answer,
      readList(answer.body, 'kernel', readKernel, (what) => this.#skipped(what)),
    );
  }

  /** A kernel; null: the server has none of that id (any more). */
  async kernel(id: string, options: ServerRequestOptions = {}): Promise<KernelModel | null> {
    const answer = await this.#ask({ ...options, path: kernelPath(id), also: [404] });
    return answer.status === 404 ? null : this.#valid(answer, readKernel(answer.body));
  }

  /** Starts a kernel without a session. Comes back when there is a process, which need not answer yet. */
  async startKernel(request: KernelRequest = {}, options: ServerRequestOptions = {}): Promise<KernelModel> {
    const { name, path, env, id, kernelkit } = request;
    const body = {
      ...{ ...(name && { name }), ...(path && { path }), ...(env && { env }) },
      ...{ ...(id && { kernel_id: id }), ...(kernelkit && { kernelkit }) },
    };
    const answer = await this.#ask({ timeoutMs: START_MS, ...options, path: 'api/kernels', method: 'POST', body });
    return this.#valid(answer, readKernel(answer.body));
  }

  /** Interrupts a kernel, in the way that its kernelspec asks for. */
  async interruptKernel(id: string, options: ServerRequestOptions = {}): Promise<void> {
    await this.#ask({ ...options, path: `${kernelPath(id)}/interrupt`, method: 'POST' });
  }

  /** Comes back when there is a new process, which need not answer yet. */
  async restartKernel(id: string, options: ServerRequestOptions = {}): Promise<KernelModel> {
    const path = `${kernelPath(id)}/restart`;
    // a server says "500, Exception restarting kernel" of one that it does not know
    const answer = await this.#ask({ timeoutMs: START_MS, ...options, path, method: 'POST', body: {} });
    return this.#valid(answer, readKernel(answer.body));
  }

  /** Ends a kernel: false where there was none. */
  async deleteKernel(id: string, options: ServerRequestOptions = {}): Promise<boolean> {
    const { status } = await this.#ask({ ...options, path: kernelPath(id), method: 'DELETE', also: [404] });
    return status !== 404;
  }

  /** Every session. Gateways may have none, and answer 404. */
  async sessions(options: ServerRequestOptions = {}): Promise<SessionModel[]> {
    const answer = await this.#ask({ ...options, path: 'api/sessions' });
    return this.#valid(
      answer,
      readList(answer.body, 'session', readSession, (what) => this.#skipped(what)),
    );
  }

  /** A session; null: the server has none of that id (any more). */
  async session(id: string, options: ServerRequestOptions = {}): Promise<SessionModel | null> {
    const answer = await this.#ask({ ...options, path: sessionPath(id), also: [404, 410] });
    return answer.status >= 400 ? null : this.#valid(answer, readSession(answer.body));
  }

  /** The session of a path: the server gives the one that it has, and starts a kernel where it has none. */
  async createSession(session: SessionRequest, options: ServerRequestOptions = {}): Promise<SessionModel> {
    const { path, type, name = '', kernel = {} } = session;
    const body = { path, type, name, kernel };
    const answer = await this.#ask({ timeoutMs: START_MS, ...options, path: 'api/sessions', method: 'POST', body });
    return this.#valid(answer, readSession(answer.body));
  }

  /** Renames or moves a session, or gives it another kernel. @returns the session as it is now */
  async patchSession(id: string, changes: SessionChanges, options: ServerRequestOptions = {}): Promise<SessionModel> {
    const path = sessionPath(id);
    const answer = await this.#ask({ timeoutMs: START_MS, ...options, path, method: 'PATCH', body: changes });
    return this.#valid(answer, readSession(answer.body));
  }

  /** Ends a session and its kernel: false where there was none. */
  async deleteSession(id: string, options: ServerRequestOptions = {}): Promise<boolean> {
    const question: Question = { ...options, path: sessionPath(id), method: 'DELETE', also: [404, 410] };
    return (await this.#ask(question)).status < 400;
  }

  async #ask(question: Question): Promise<Answer> {
    const { timeoutMs } = this.#options;
    const answer = await ask(this.settings, { ...(timeoutMs !== undefined && { timeoutMs }), ...question });
    // A hub answers 404 as well, and with its own page, where the user has no server
    if (answer.status === 404 && answer.isHub) throw spawning(answer.asked.url, 404);
    return answer;
  }

  #valid<T>({ asked, status }: Answer, value: T | null): T {
    if (value !== null) return value;
    throw new ServerError('server-answer-invalid', `${asked.url}: its answer is not what Jupyter's interface says`, {
      url: asked.url,
      status,
      fix: 'Is there something in front of the server that answers for it? Its log, and "kernelkit doctor", may tell.',
    });
  }

  #skipped(what: string): void {
    const message = `${what} was left out: the server's answer does not say what it is`;
    this.#options.onNotice?.({ kind: 'model-skipped', message });
  }
}

function kernelPath(id: string): string {
  return `api/kernels/${encodeURIComponent(id)}`;
}

function sessionPath(id: string): string {
  return `api/sessions/${encodeURIComponent(id)}`;
}

function tooOld(url: string, version: string): ServerError {
  return new ServerError('server-too-old', `${url}: version ${version} is too old`, {
    url,
    fix: 'It takes jupyter_server 1.0 or newer, or notebook 5 or newer: pip install --upgrade jupyter_server',
  });
}
