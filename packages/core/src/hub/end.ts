import { KernelkitError } from '../errors/index.js';
import { KernelDiedError } from '../kernel/index.js';

/** Why a kernel is dead, or was started again by itself: `metadata.kernelkit.end` of the status message that tells it. */
export interface KernelEnd {
  /** `kernel-died`; a failed start's kind; `kernel-closed` where it was asked for. */
  readonly kind: string;
  /** What happened, in a sentence without its full stop. */
  readonly message: string;
  readonly fix: string | null;
  /** Exit status and signal of its process, where it had one that has ended. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The last that it wrote to standard error. */
  readonly stderr: string;
}

export function kernelEnd(error: Error): KernelEnd {
  const { code, signal, stderr } = error instanceof KernelDiedError ? error.death : endOfStart(error);
  const { kind, fix } = error instanceof KernelkitError ? error : { kind: 'unknown', fix: null };
  return { kind, message: error.message, fix, code, signal, stderr };
}

/** Of a KernelStartError, which is the launch's and known here by what it has: whoever has a hub need not have a launch. */
function endOfStart(error: Error): Pick<KernelEnd, 'code' | 'signal' | 'stderr'> {
  const { exit, stderr = '' } = error as {
    exit?: { code: number | null; signal: string | null } | null;
    stderr?: string;
  };
  return { code: exit?.code ?? null, signal: exit?.signal ?? null, stderr };
}
