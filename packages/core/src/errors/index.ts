/**
 * The base of every error that Kernelkit throws on purpose. `kind` names the failure for programs (it is what `--json`
 * prints), `message` says what was tried and what happened, `fix` what the reader can do about it.
 */
export abstract class KernelkitError extends Error {
  /** The failure's stable name, in kebab case: `kernel-not-found`, `process-exited`, … */
  readonly kind: string;
  /** What to do about it, where that is known. */
  readonly fix: string | null;

  constructor(kind: string, message: string, options: { fix?: string | null; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.kind = kind;
    this.fix = options.fix ?? null;
  }
}

/** The caller's AbortSignal fired. `cause` is the signal's reason. */
export class AbortedError extends KernelkitError {
  constructor(what: string, reason?: unknown) {
    super('aborted', `${what} was aborted`, { cause: reason });
  }
}
