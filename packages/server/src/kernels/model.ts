import { type Hub, KernelDiedError, KernelkitError, KernelStartError } from '@kernelkit/core';
import type { TrustedModel } from './trusted.js';

/** A kernel as Jupyter Server tells of it (services/kernels/kernelmanager.py, `kernel_model`). */
export interface KernelModel {
  readonly id: string;
  readonly name: string;
  /** With a fraction and a Z: gateway clients parse it with a format that has both. */
  readonly last_activity: string;
  readonly execution_state: string;
  readonly connections: number;
  /** Why it is dead, and what to do. */
  readonly reason?: string;
  /** What it said last on standard error. */
  readonly traceback?: string;
  /** Of a kernel that a client of a private socket brought. */
  readonly kernelkit?: TrustedModel;
}

export function kernelModel(name: string, hub: Hub, more: TrustedModel | null): KernelModel {
  const { id, lastActivity, state, connections, failure } = hub;
  return {
    id,
    name,
    last_activity: lastActivity.toISOString(),
    execution_state: state,
    connections,
    ...(failure !== null && { reason: reasonOf(failure), traceback: lastWordsOf(failure) }),
    ...(more !== null && { kernelkit: more }),
  };
}

/** What happened and what to do about it, for people. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const fix = error instanceof KernelkitError ? error.fix : null;
  return fix === null ? error.message : `${error.message}. What to do: ${fix}`;
}

export function lastWordsOf(error: unknown): string {
  if (error instanceof KernelStartError) return error.stderr;
  if (error instanceof KernelDiedError) return error.death.stderr;
  return '';
}
