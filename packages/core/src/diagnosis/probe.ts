import { closeSync, lstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** The disk, as far as a diagnosis asks it. Whatever cannot be looked at counts as not there: it is asked after a failure, and must not fail. */
export interface Probe {
  kind(path: string): 'file' | 'directory' | null;
  /** Whether it is a link, wherever that leads. */
  isLink(path: string): boolean;
  /** Whether its mode has an `x` for anybody. */
  hasMode(path: string): boolean;
  /** Its first bytes; null where it cannot be read. */
  head(path: string): Buffer | null;
  /** Whether it lies on a mount that nothing may be executed from. */
  noexec(path: string): boolean;
}

const HEAD_BYTES = 4096;

export const diskProbe: Probe = {
  kind(path) {
    const info = attempt(() => statSync(path));
    return info === null ? null : info.isDirectory() ? 'directory' : 'file';
  },
  isLink: (path) => attempt(() => lstatSync(path))?.isSymbolicLink() ?? false,
  hasMode: (path) => ((attempt(() => statSync(path))?.mode ?? 0) & 0o111) !== 0,
  head(path) {
    return attempt(() => {
      const descriptor = openSync(path, 'r');
      try {
        const bytes = Buffer.alloc(HEAD_BYTES);
        return bytes.subarray(0, readSync(descriptor, bytes, 0, HEAD_BYTES, 0));
      } finally {
        closeSync(descriptor);
      }
    });
  },
  noexec(path) {
    const mountinfo = attempt(() => readFileSync('/proc/self/mountinfo', 'utf8')) ?? '';
    return isNoexec(mountinfo, path);
  },
};

/** By `/proc/self/mountinfo` (proc(5)): field 5 is where, field 6 the options of the mount. The last of the deepest counts. */
export function isNoexec(mountinfo: string, path: string): boolean {
  let deepest = -1;
  let found = false;
  for (const line of mountinfo.split('\n')) {
    const [, , , , quoted = '', options = ''] = line.split(' ');
    const point = quoted.replace(/\\([0-7]{3})/g, (_all, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const isAbove = path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`);
    if (point === '' || !isAbove || point.length < deepest) continue;
    deepest = point.length;
    found = options.split(',').includes('noexec');
  }
  return found;
}

/** The file that a program's name stands for: a bare name is looked for on PATH, as the system does. */
export function programFile(
  { argv, environment, cwd }: { argv: readonly string[]; environment: Readonly<Record<string, string>>; cwd: string },
  probe: Probe,
): string {
  const [name = ''] = argv;
  if (/[\\/]/.test(name)) return isAbsolute(name) ? name : join(cwd, name);
  const dirs = (environment.PATH ?? '').split(delimiter);
  const files = dirs.map((dir) => join(dir === '' ? cwd : dir, name));
  return files.find((file) => probe.kind(file) === 'file' && probe.hasMode(file)) ?? name;
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
