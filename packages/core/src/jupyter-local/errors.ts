import { KernelkitError } from '../errors/index.js';

/** No Python on this machine has a Jupyter server in it. `fix` is the command that would get one. */
export class JupyterServerMissingError extends KernelkitError {
  /** The command alone, as the manager of the environment wants it; null: there is no Python that it could be installed for. */
  readonly command: string | null;

  constructor(message: string, command: string | null) {
    const own = 'let Kernelkit make a private environment for one (installPrivateServer)';
    super('jupyter-server-missing', message, { fix: command === null ? own : `${command}   — or ${own}` });
    this.command = command;
  }
}

/** The private environment for a Jupyter server could not be made. */
export class PrivateServerError extends KernelkitError {
  /** The last of what the failing step printed. */
  readonly output: string;
  readonly argv: readonly string[];

  constructor(message: string, details: { argv: readonly string[]; output: string; fix: string; cause?: unknown }) {
    super('private-server-failed', message, { fix: details.fix, cause: details.cause });
    this.argv = details.argv;
    this.output = details.output;
  }
}

/** A server of ours did not start, or ended. No token is in any part of it. */
export class LocalServerError extends KernelkitError {
  readonly argv: readonly string[];
  /** How it ended; null: it runs, or was never started. */
  readonly exit: { code: number | null; signal: string | null } | null;
  /** The last that it printed. */
  readonly log: string;

  constructor(message: string, details: Pick<LocalServerError, 'argv' | 'exit' | 'log' | 'fix'> & { cause?: unknown }) {
    super('local-server-failed', message, { fix: details.fix, cause: details.cause });
    this.argv = details.argv;
    this.exit = details.exit;
    this.log = details.log;
  }
}
