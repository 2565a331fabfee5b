import { KernelkitError } from '../errors/index.js';
import type { KernelModel } from './types.js';

/** What a start at a server tells beside the kernel: it went otherwise than one might think. */
export interface StartNotice {
  readonly kind: /** The path had a session: its kernel was joined, none was started. */
    | 'session-joined'
    /** An option that a server's kernels cannot heed. */
    | 'option-unheeded';
  readonly message: string;
}

/** The path has a session whose kernel is of another kernelspec than the one that was asked for. */
export class SessionTakenError extends KernelkitError {
  readonly kernelId: string;

  constructor(path: string, { id, name }: KernelModel, wanted: string) {
    super('session-taken', `${path} has a session already, with a kernel ${name} and not ${wanted}`, {
      fix: 'Take another path, or join the kernel that it has by its id.',
    });
    this.kernelId = id;
  }
}

/** The server still has the kernel, which died and was not started again. */
export class ServerKernelDeadError extends KernelkitError {
  constructor({ id, reason }: Pick<KernelModel, 'id' | 'reason'>) {
    super('kernel-died', `the server says that the kernel ${id} died${reason === undefined ? '' : `: ${reason}`}`, {
      fix: 'Start another, or restart it where it was started; the log of the server may tell more.',
    });
  }
}

/** A kernel that was to be started did not come: the server says that it is dead, or has given it up. */
export class ServerStartFailedError extends KernelkitError {
  readonly kernelId: string;

  /** @param reason what the server says; null: nothing, it has no kernel of this id any more */
  constructor(kernelId: string, reason: string | null) {
    const told = reason === null ? 'it gave the kernel up' : reason || 'the kernel is dead';
    super('server-start-failed', `the kernel ${kernelId} did not start, says its server: ${told}`, {
      fix: "The server's log has what the kernel printed. Started by hand there, with the kernelspec's own command, it says the same.",
    });
    this.kernelId = kernelId;
  }
}
