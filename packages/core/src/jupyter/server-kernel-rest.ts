import type { KernelModel, SessionModel } from './types.js';

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
  renameSession(id: string, name: string, signal?: AbortSignal): Promise<void>;
  /** Ends the session, and its kernel with it. */
  removeSession(id: string, signal?: AbortSignal): Promise<void>;
}

/** A session as it is asked for, with a kernelspec's name or a kernel's id. */
export interface NewSession {
  path: string;
  type: string;
  name: string;
  kernel: { name?: string; id?: string };
}
