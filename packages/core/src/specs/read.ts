import { isUtf8 } from 'node:buffer';
import { type KernelSpec, KernelSpecError, parseKernelSpec, parseLenientJson } from '@kernelkit/protocol';
import { FileFaultError, type Files } from '../files/index.js';
import { type KernelSpecFault, KernelSpecReadError } from './errors.js';

/** What one kernel.json gave. `takesName`: Jupyter would count it as a kernel, whether it can be used or not. */
export type ReadSpec =
  | { spec: KernelSpec; warnings: string[]; realFile: string; error: null; takesName: true }
  | { error: KernelSpecReadError; realFile: string; takesName: boolean };

/** Far above any real one: a limit so that a log file or a disk image under this name is not read into memory. */
export const MAX_SPEC_BYTES = 16 * 1024 * 1024;

/**
 * Reads and checks one kernel.json (`KernelSpec.from_resource_dir`, jupyter_client 8).
 *
 * @param file path of the kernel.json
 * @returns null when there is no such file, which only means that its directory is no kernel
 * @throws RemotePlaceError
 */
export function readSpec(files: Files, file: string): ReadSpec | null {
  const broken = (fault: KernelSpecFault, detail: string, cause?: unknown): ReadSpec => ({
    error: new KernelSpecReadError(file, fault, detail, cause),
    realFile: file,
    takesName: fault !== 'not-a-file' && fault !== 'dangling-link',
  });
  let bytes: Buffer | null;
  try {
    const info = files.stat(file);
    if (info === null) return isLink(files, file) ? broken('dangling-link', 'it is a link to nothing') : null;
    if (info.type !== 'file') {
      return broken('not-a-file', info.type === 'directory' ? 'it is a directory' : 'it is a device, pipe or socket');
    }
    if (info.size > MAX_SPEC_BYTES) return broken('too-large', `it has ${info.size} bytes`);
  } catch (error) {
    if (!(error instanceof FileFaultError)) throw error;
    if (error.code === 'ELOOP') return broken('dangling-link', 'it is a link to nothing', error);
    // Jupyter, too, cannot see the file then, and goes on to the next directory
    return { ...broken('unreadable', because(error), error), takesName: false } as ReadSpec;
  }
  try {
    bytes = files.bytes(file, MAX_SPEC_BYTES);
  } catch (error) {
    if (!(error instanceof FileFaultError)) throw error;
    return broken('unreadable', because(error), error);
  }
  if (bytes === null) return null;
  const parsed = parse(bytes);
  const realFile = files.real(file);
  if (!('fault' in parsed)) return { ...parsed, realFile, error: null, takesName: true };
  return { ...broken(parsed.fault, parsed.detail, parsed.cause), realFile };
}

type Parsed = { spec: KernelSpec; warnings: string[] } | { fault: KernelSpecFault; detail: string; cause?: unknown };

function parse(bytes: Buffer): Parsed {
  if (bytes.length === 0) return { fault: 'empty', detail: 'it is empty' };
  // Python's json refuses it, so that Jupyter has no such kernel
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return { fault: 'byte-order-mark', detail: 'it begins with a byte order mark' };
  }
  if (!isUtf8(bytes)) return { fault: 'not-utf8', detail: 'it is not UTF-8' };
  let value: unknown;
  try {
    value = parseLenientJson(bytes.toString('utf8'));
  } catch (error) {
    return { fault: 'not-json', detail: `it is not JSON (${(error as Error).message})`, cause: error };
  }
  try {
    return parseKernelSpec(value);
  } catch (error) {
    if (!(error instanceof KernelSpecError)) throw error;
    const what = error.field === undefined ? 'the whole' : `"${error.field}"`;
    return { fault: 'wrong-type', detail: `${what} must be ${error.expected}, and is ${error.got}`, cause: error };
  }
}

function isLink(files: Files, file: string): boolean {
  try {
    return files.readLink(file) !== null;
  } catch (error) {
    if (error instanceof FileFaultError) return false;
    throw error;
  }
}

function because({ code }: FileFaultError): string {
  return code === 'EACCES' || code === 'EPERM' ? 'permission denied' : code;
}
