import { randomUUID } from 'node:crypto';
import { type KernelModel, type Kernels, modelOf } from '../kernels/index.js';
import type { SessionBody } from './body.js';
import { SessionError } from './errors.js';

/** A session as Jupyter Server tells of it (services/sessions/sessionmanager.py). */
export interface SessionModel {
  readonly id: string;
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly kernel: KernelModel;
  /** For front ends of old. */
  readonly notebook?: { readonly path: string; readonly name: string };
}

/** A session as it is kept. */
export interface SessionRow {
  readonly id: string;
  path: string;
  name: string;
  type: string;
  kernelId: string;
}

/** Where sessions are kept beyond their process. */
export interface SessionStore {
  readonly sessions: readonly SessionRow[];
  /** Resolves when it is done. */
  saveSessions(rows: () => readonly SessionRow[]): Promise<void>;
}

/** Which path has which kernel. A session is over when its kernel is. */
export class Sessions {
  readonly #kernels: Kernels;
  readonly #rows = new Map<string, SessionRow>();
  /** Path → the session that is about to be there: two tabs that open one notebook at once get one kernel. */
  readonly #coming = new Map<string, Promise<SessionModel>>();

  readonly #store: SessionStore | null;

  /** @param store default: they are kept in memory */
  constructor(kernels: Kernels, store: SessionStore | null = null) {
    this.#kernels = kernels;
    this.#store = store;
    for (const row of store?.sessions ?? []) if (kernels.find(row.kernelId)) this.#rows.set(row.id, { ...row });
  }

  list(): SessionModel[] {
    return [...this.#rows.keys()].flatMap((id) => this.#read(id) ?? []);
  }

  /** @throws SessionError */
  get(id: string): SessionModel {
    const found = this.#read(id);
    if (found === null) throw unknown(id);
    return found;
  }

  /**
   * The session of a path: the one that is there, or a new one with a new kernel (or with the one of `kernel.id`).
   * @throws SessionError, UnknownSpecError, TooManyKernelsError
   */
  async create(body: SessionBody): Promise<SessionModel> {
    const { path, type, name = '' } = body;
    if (path === undefined) throw new SessionError('session-incomplete', 'Missing field in JSON data: path');
    if (type === undefined) throw new SessionError('session-incomplete', 'Missing field in JSON data: type');
    const there = this.list().find((session) => session.path === path);
    // with its kernel it is about to go
    if (there !== undefined && this.#kernels.isEnding(there.kernel.id)) this.#rows.delete(there.id);
    else if (there !== undefined) return there;
    const coming = this.#coming.get(path);
    if (coming !== undefined) return coming;
    const creation = this.#create({ ...body, path, type, name }).finally(() => this.#coming.delete(path));
    this.#coming.set(path, creation);
    return creation;
  }

  async #create(body: SessionBody & { path: string; type: string; name: string }): Promise<SessionModel> {
    const { path, type, name, kernelId, kernelName } = body;
    // an id that does not run is started under that id, as Jupyter Server does
    const kernel = await this.#kernels.create({ id: kernelId, name: kernelName, path });
    const row: SessionRow = { id: randomUUID(), path, name, type, kernelId: kernel.id };
    this.#rows.set(row.id, row);
    await this.#save();
    return model(row, modelOf(kernel));
  }

  /** Renames it, or gives it another kernel; the old one is ended. @throws SessionError, UnknownSpecError, TooManyKernelsError */
  async update(id: string, { path, name, type, kernelId, kernelName }: SessionBody): Promise<SessionModel> {
    this.get(id);
    const row = this.#rows.get(id)!;
    let next = row.kernelId;
    if (kernelId !== undefined) {
      if (this.#kernels.find(kernelId) === undefined) {
        throw new SessionError('session-kernel-unknown', `No such kernel: ${kernelId}`);
      }
      next = kernelId;
    } else if (kernelName !== undefined) {
      next = (await this.#kernels.create({ name: kernelName, path: path ?? row.path })).id;
      if (this.#rows.get(id) !== row) {
        // it was ended meanwhile: nobody would know of the kernel
        if (this.#kernels.find(next) !== undefined) await this.#kernels.end(next);
        throw unknown(id);
      }
    }
    // the one that it has now: another client may have given it one meanwhile
    const before = row.kernelId;
    row.path = path ?? row.path;
    row.name = name ?? row.name;
    row.type = type ?? row.type;
    row.kernelId = next;
    if (next !== before && this.#kernels.find(before) !== undefined) await this.#kernels.end(before);
    await this.#save();
    return this.get(id);
  }

  /** Ends a session, and its kernel. @throws SessionError */
  async end(id: string): Promise<void> {
    const row = this.#rows.get(id);
    if (row === undefined) throw unknown(id);
    this.#rows.delete(id);
    if (this.#kernels.find(row.kernelId) === undefined) {
      throw new SessionError('session-kernel-gone', 'Kernel deleted before session');
    }
    await this.#kernels.end(row.kernelId);
    await this.#save();
  }

  async #save(): Promise<void> {
    await this.#store?.saveSessions(() => [...this.#rows.values()]);
  }

  /** The session of an id, or null; one whose kernel is gone is gone, too. */
  #read(id: string): SessionModel | null {
    const row = this.#rows.get(id);
    if (row === undefined) return null;
    const kernel = this.#kernels.find(row.kernelId);
    if (kernel !== undefined) return model(row, modelOf(kernel));
    this.#rows.delete(id);
    return null;
  }
}

function model({ id, path, name, type }: SessionRow, kernel: KernelModel): SessionModel {
  return { id, path, name, type, kernel, ...(type === 'notebook' && { notebook: { path, name } }) };
}

function unknown(id: string): SessionError {
  return new SessionError('session-unknown', `Session not found: session_id=${JSON.stringify(id)}`);
}
