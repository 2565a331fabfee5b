import { KernelkitError } from '../errors/index.js';
import { Deadline } from '../wait/index.js';
import type { KernelModel, ServerSettings, SessionModel } from './types.js';

/** What a kernel's connection asks of its server beside the WebSocket. */
export interface KernelRest {
  /** The kernel as the server knows it; null: it does not. */
  get(id: string, signal?: AbortSignal): Promise<KernelModel | null>;
  interrupt(id: string, signal?: AbortSignal): Promise<void>;
  /** Resolves when the new process exists; it need not answer yet. */
  restart(id: string, signal?: AbortSignal): Promise<void>;
  /** Ends the kernel. One that is gone already is none to fail over. */
  remove(id: string, signal?: AbortSignal): Promise<void>;
}

/** Starts kernels, with or without a session. */
export interface KernelStartRest extends KernelRest {
  createKernel(what: { name?: string; path?: string }, signal?: AbortSignal): Promise<KernelModel>;
  createSession(what: NewSession, signal?: AbortSignal): Promise<SessionModel>;
  /** Ends the session, and its kernel with it. */
  removeSession(id: string, signal?: AbortSignal): Promise<void>;
}

export interface NewSession {
  path: string;
  type: string;
  name: string;
  kernel: { name?: string; id?: string };
}

/** A server refused a request, or did not understand it. */
export class KernelRequestError extends KernelkitError {
  readonly status: number;

  constructor(what: string, status: number, said: string) {
    super('server-refused', `${what}: the server answered ${status}${said === '' ? '' : ` (${said})`}`);
    this.status = status;
  }
}

/** A server that is asked for something small. */
const ANSWER_MS = 30_000;

/** The few calls of Jupyter Server's API that running a kernel takes. */
export class FetchKernelRest implements KernelStartRest {
  readonly #settings: ServerSettings;

  constructor(settings: ServerSettings) {
    this.#settings = settings;
  }

  async get(id: string, signal?: AbortSignal): Promise<KernelModel | null> {
    return this.#ask('Looking for the kernel', 'GET', kernelPath(id), { signal, absent: [404] });
  }

  async interrupt(id: string, signal?: AbortSignal): Promise<void> {
    await this.#ask('Interrupting the kernel', 'POST', `${kernelPath(id)}/interrupt`, { signal });
  }

  async restart(id: string, signal?: AbortSignal): Promise<void> {
    await this.#ask('Restarting the kernel', 'POST', `${kernelPath(id)}/restart`, { signal });
  }

  async remove(id: string, signal?: AbortSignal): Promise<void> {
    await this.#ask('Ending the kernel', 'DELETE', kernelPath(id), { signal, absent: [404] });
  }

  async createKernel(what: { name?: string; path?: string }, signal?: AbortSignal): Promise<KernelModel> {
    return (await this.#ask<KernelModel>('Starting a kernel', 'POST', 'api/kernels', { signal, body: what }))!;
  }

  async createSession(what: NewSession, signal?: AbortSignal): Promise<SessionModel> {
    return (await this.#ask<SessionModel>('Starting a kernel', 'POST', 'api/sessions', { signal, body: what }))!;
  }

  async removeSession(id: string, signal?: AbortSignal): Promise<void> {
    // 410: its kernel was gone before it.
    await this.#ask('Ending the session', 'DELETE', `api/sessions/${encodeURIComponent(id)}`, {
      ...{ signal, absent: [404, 410] },
    });
  }

  async #ask<T>(
    what: string,
    method: string,
    path: string,
    { signal, body, absent = [] }: { signal?: AbortSignal | undefined; body?: unknown; absent?: readonly number[] },
  ): Promise<T | null> {
    const { baseUrl, token, headers, network } = this.#settings;
    using deadline = new Deadline(ANSWER_MS, signal);
    const response = await network.fetch(new URL(path, baseUrl).href, {
      method,
      headers: {
        ...(token !== '' && { Authorization: `token ${token}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: deadline.signal,
    });
    const text = await response.text();
    if (absent.includes(response.status)) return null;
    if (!response.ok) throw new KernelRequestError(what, response.status, messageOf(text));
    if (text === '') return null;
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new KernelRequestError(what, response.status, 'which is no JSON');
    }
  }
}

function kernelPath(id: string): string {
  return `api/kernels/${encodeURIComponent(id)}`;
}

/** What stands in an error of Jupyter Server's; a page of HTML says nothing. */
function messageOf(text: string): string {
  try {
    const { message, reason } = JSON.parse(text) as { message?: string; reason?: string | null };
    return reason ?? message ?? '';
  } catch {
    return '';
  }
}
