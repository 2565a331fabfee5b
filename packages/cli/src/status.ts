import type { ServerErrorKind, StartFailureKind } from '@kernelkit/core';

/** What the process ends with: CONTRACT.md, "Exit status". */
export const ExitStatus = {
  ok: 0,
  codeError: 1,
  usage: 2,
  noKernel: 3,
  notStarted: 4,
  died: 5,
  timeout: 6,
  server: 7,
  badInput: 8,
  output: 9,
  defect: 70,
  sighup: 129,
  sigint: 130,
  sigterm: 143,
} as const;

export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];

/** Every way in which a start can fail; an abort is told by what caused it. As a record, so that none is forgotten. */
const startFailures: Record<Exclude<StartFailureKind, 'aborted'>, true> = {
  'program-not-found': true,
  'not-executable': true,
  'wrong-architecture': true,
  'environment-gone': true,
  'directory-gone': true,
  'kernel-package-missing': true,
  'module-missing': true,
  'module-shadowed': true,
  'import-failed': true,
  'library-failed': true,
  'address-taken': true,
  'address-not-bindable': true,
  'out-of-memory': true,
  'disk-full': true,
  'file-denied': true,
  'limit-reached': true,
  'process-exited': true,
  'spawn-failed': true,
  'start-timeout': true,
  'protocol-violated': true,
  'untrusted-spec': true,
  'not-startable': true,
};

/** Every way in which a server can fail. */
const serverFailures: Record<ServerErrorKind, true> = {
  'server-url-invalid': true,
  'server-unreachable': true,
  'server-timeout': true,
  'server-tls': true,
  'server-unauthorized': true,
  'server-login-page': true,
  'server-not-jupyter': true,
  'server-too-old': true,
  'server-refused': true,
  'server-xsrf': true,
  'server-spawning': true,
  'server-answer-invalid': true,
};

/** The one table from a failure's `kind` to the status. A kind that is not in it is a defect of ours: 70. */
const statusOfKind = new Map<string, ExitStatus>([
  ['reader-gone', ExitStatus.ok],

  ['code-error', ExitStatus.codeError],
  ['cell-error', ExitStatus.codeError],
  ['output-differs', ExitStatus.codeError],
  ['input-not-allowed', ExitStatus.codeError],
  ['input-ended', ExitStatus.codeError],

  ['usage', ExitStatus.usage],
  ['no-such-cell', ExitStatus.usage],
  ['server-option', ExitStatus.usage],
  ['unknown-language', ExitStatus.usage],
  ['untranslatable-parameter', ExitStatus.usage],

  ['kernel-not-found', ExitStatus.noKernel],
  ['kernel-ambiguous', ExitStatus.noKernel],
  ['not-a-kernelspec', ExitStatus.noKernel],
  ['connection-file-missing', ExitStatus.noKernel],
  ['language-missing', ExitStatus.noKernel],

  ...Object.keys(startFailures).map((kind) => [kind, ExitStatus.notStarted] as const),
  ['kernelspec-invalid', ExitStatus.notStarted],
  ['not-installable', ExitStatus.notStarted],
  ['manager-missing', ExitStatus.notStarted],
  ['install-failed', ExitStatus.notStarted],
  ['connection-file-invalid', ExitStatus.badInput],
  ['kernel-unreachable', ExitStatus.notStarted],
  ['run-dir', ExitStatus.notStarted],
  ['no-free-port', ExitStatus.notStarted],
  ['signature-scheme', ExitStatus.notStarted],

  ['kernel-died', ExitStatus.died],
  // while it ran; of one that was named and is gone it is said that there is none
  ['kernel-removed', ExitStatus.died],
  ['kernel-restarted', ExitStatus.died],
  ['kernel-closed', ExitStatus.died],
  ['channels-gone', ExitStatus.died],
  ['interrupt-failed', ExitStatus.died],
  ['interrupt-event', ExitStatus.died],
  ['interrupt-timeout', ExitStatus.died],
  ['interrupt-unsupported', ExitStatus.died],
  ['process-stuck', ExitStatus.died],
  ['no-reply', ExitStatus.died],
  ['reply-error', ExitStatus.died],

  ['timeout', ExitStatus.timeout],
  ['cell-timeout', ExitStatus.timeout],

  ...Object.keys(serverFailures).map((kind) => [kind, ExitStatus.server] as const),
  ['websocket-failed', ExitStatus.server],
  ['session-taken', ExitStatus.server],
  ['jupyter-server-missing', ExitStatus.notStarted],
  ['private-server-failed', ExitStatus.notStarted],
  ['local-server-failed', ExitStatus.notStarted],
  ['server-start-failed', ExitStatus.notStarted],

  // the gateway
  ['background-failed', ExitStatus.server],
  ['background-place', ExitStatus.server],
  ['journal-directory', ExitStatus.server],
  ['journal-files', ExitStatus.server],
  ['keep-directory', ExitStatus.server],
  ['keep-taken', ExitStatus.server],
  ['keep-files', ExitStatus.server],
  ['keep-unsupported', ExitStatus.usage],
  ['address-in-use', ExitStatus.server],
  ['cannot-listen', ExitStatus.server],
  ['tls-unreadable', ExitStatus.badInput],
  ['tls-invalid', ExitStatus.badInput],
  ['tls-mismatch', ExitStatus.badInput],

  ['servers-file', ExitStatus.badInput],
  ['input-unreadable', ExitStatus.badInput],
  ['no-notebooks', ExitStatus.badInput],
  ['dotenv-unreadable', ExitStatus.badInput],
  ['not-json', ExitStatus.badInput],
  ['not-a-notebook', ExitStatus.badInput],
  ['unsupported-version', ExitStatus.badInput],
  ['invalid', ExitStatus.badInput],

  ['output-unwritable', ExitStatus.output],
]);

const statusOfSignal: Partial<Record<NodeJS.Signals, ExitStatus>> = {
  SIGHUP: ExitStatus.sighup,
  SIGINT: ExitStatus.sigint,
  SIGTERM: ExitStatus.sigterm,
};

/** The exit status that a failure stands for: by its `kind`, whatever its class; anything else is a defect of ours. */
export function statusOf(error: unknown): ExitStatus {
  if (typeof error !== 'object' || error === null) return ExitStatus.defect;
  const { kind, signal } = error as { kind?: unknown; signal?: NodeJS.Signals };
  if (kind === 'interrupted' && signal !== undefined) return statusOfSignal[signal] ?? ExitStatus.sigterm;
  return (typeof kind === 'string' ? statusOfKind.get(kind) : undefined) ?? ExitStatus.defect;
}

/** The worse of two statuses, when several notebooks were run: the higher one. */
export function worse(a: ExitStatus, b: ExitStatus): ExitStatus {
  return a > b ? a : b;
}
