import { KernelkitError } from '../errors/index.js';
import type { RemoteMount } from './mounts.js';

/** A path that is there and cannot be used. `code` is the system's (`EACCES`, `ELOOP`, …), or `not-a-file`, `too-large`. */
export class FileFaultError extends KernelkitError {
  readonly path: string;
  readonly code: string;

  constructor(path: string, code: string, cause?: unknown) {
    super('file-unreadable', `${path}: ${reason(code)}`, { cause });
    this.path = path;
    this.code = code;
  }
}

/** A path on a file system that may not answer: it has to be read in a process that can be killed. */
export class RemotePlaceError extends KernelkitError {
  readonly path: string;
  readonly mount: RemoteMount;

  constructor(path: string, mount: RemoteMount) {
    super('remote-place', `${path} lies on a ${mount.type} file system (${mount.point})`);
    this.path = path;
    this.mount = mount;
  }
}

/** A remote file system did not answer in time. */
export class MountSilentError extends KernelkitError {
  readonly mount: RemoteMount;

  constructor(mount: RemoteMount, ms: number) {
    super('mount-silent', `the ${mount.type} file system ${mount.point} did not answer within ${ms / 1000} s`, {
      fix: 'See whether its server can be reached, or unmount it.',
    });
    this.mount = mount;
  }
}

/** The system's code of a failed call. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}

function reason(code: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'ELOOP':
      return 'a loop of links';
    case 'ENOTDIR':
      return 'it is not a directory';
    case 'not-a-file':
      return 'it is not a regular file';
    case 'too-large':
      return 'it is far too large for what it should be';
    default:
      return code;
  }
}
