import type { KernelSpecFault } from '../entries/index.js';
import { KernelkitError } from '../errors/index.js';

export type { KernelSpecFault };

const FIXES: Record<KernelSpecFault, string> = {
  missing: 'Give a kernel.json or the directory that holds it.',
  unreadable: 'Make the file readable for this user, or remove its directory.',
  'not-a-file': 'Put a kernel.json file in its place, or remove the directory.',
  'dangling-link': 'Install the kernel again, or remove the link.',
  'too-large': 'A kernel.json is a few hundred bytes: install the kernel again, or remove its directory.',
  empty: 'Install the kernel again, or remove its directory.',
  'byte-order-mark': 'Save the file as UTF-8 without a byte order mark.',
  'not-utf8': 'Save the file as UTF-8.',
  'not-json': 'Correct the JSON, or install the kernel again.',
  'wrong-type': 'Correct the field, or install the kernel again.',
};

/** A kernel.json that cannot be used. `fault` says in which way, `file` which one. */
export class KernelSpecReadError extends KernelkitError {
  readonly file: string;
  readonly fault: KernelSpecFault;
  /** What is wrong, without the file's name. */
  readonly detail: string;

  constructor(file: string, fault: KernelSpecFault, detail: string, cause?: unknown) {
    super('kernelspec-invalid', `The kernelspec ${file} cannot be used: ${detail}`, { fix: FIXES[fault], cause });
    this.file = file;
    this.fault = fault;
    this.detail = detail;
  }
}

/** A directory of kernelspecs that is there and cannot be listed. `code` is the system's (`EACCES`, `ENOTDIR`, …). */
export class KernelSpecRootError extends KernelkitError {
  readonly path: string;
  readonly code: string;

  constructor(path: string, code: string, cause: unknown) {
    const why = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : code;
    super('kernelspecs-unreadable', `The kernelspec directory ${path} cannot be listed: ${why}`, {
      fix: code === 'ENOTDIR' ? 'It, or a part of its path, is a file: correct the search path.' : null,
      cause,
    });
    this.path = path;
    this.code = code;
  }
}
