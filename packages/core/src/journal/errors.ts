import { KernelkitError } from '../errors/index.js';

const KINDS = {
  /** The directory is not one that can be trusted: a link, another user's, open to others. */
  directory: 'journal-directory',
  /** A file of it could not be written, read or removed. */
  files: 'journal-files',
  /** What was to be written is no entry: an id that is no file name, a pid that no kernel has. */
  entry: 'journal-entry',
};

/**
 * The journal of kernels cannot be used. No kernel must fail to start for it: whoever starts one makes a notice of it. What is
 * lost is that the next command can end a kernel that a crash left over.
 */
export class JournalError extends KernelkitError {
  constructor(what: keyof typeof KINDS, message: string, options: { fix?: string | null; cause?: unknown } = {}) {
    super(KINDS[what], message, options);
  }

  /** Of a failed call to the system. */
  static ofFiles(path: string, cause: unknown): JournalError {
    return new JournalError('files', `the journal of kernels cannot be used: ${(cause as Error).message}`, {
      cause,
      fix: `see that ${path} can be written, or set XDG_RUNTIME_DIR to a directory of yours`,
    });
  }
}

/** The system's code of a failed call. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
