import { win32 } from 'node:path';
import type { Changes } from './changes.js';
import type { Context } from './context.js';

/**
 * Python's `os.path.normpath`, which conda does to every entry of PATH (R4): an empty entry becomes `.`, a trailing slash and `..` go,
 * `~` stays, and two leading slashes (not three) stay two.
 */
export function normPath(path: string, platform: NodeJS.Platform): string {
  if (platform === 'win32') {
    const normal = win32.normalize(path);
    return /^(?:[A-Za-z]:)?\\$/.test(normal) ? normal : normal.replace(/\\+$/, '');
  }
  const lead = /^\/\/(?!\/)/.test(path) ? '//' : path.startsWith('/') ? '/' : '';
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..' || kept.at(-1) === '..' || (kept.length === 0 && lead === '')) kept.push(part);
    else kept.pop();
  }
  return lead + kept.join('/') || '.';
}

/** Whether two paths are the same by their text. Windows compares without case. */
export function samePath(a: string, b: string, platform: NodeJS.Platform): boolean {
  const [left, right] = [normPath(a, platform), normPath(b, platform)];
  return platform === 'win32' ? left.toLowerCase() === right.toLowerCase() : left === right;
}

/** What programs are searched in where nothing says it (`getconf PATH`, and the places that Windows always has). */
export function defaultSearchPath(platform: NodeJS.Platform): string {
  if (platform === 'win32') {
    return 'C:\\Windows\\system32;C:\\Windows;C:\\Windows\\System32\\Wbem;C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\';
  }
  return platform === 'darwin' ? '/usr/bin:/bin:/usr/sbin:/sbin' : '/usr/bin:/bin';
}

/** PATH, or the default with a note: a kernel that finds no program at all is of no use. */
export function searchPathOf(context: Context): string {
  const path = context.read('PATH');
  if (path !== undefined) return path;
  const instead = defaultSearchPath(context.platform);
  context.note('path-unset', `PATH is not set: ${instead} was taken for it`);
  return instead;
}

/**
 * Puts directories first on PATH, as they are; the rest stays as it is, empty entries too. What is first already stays.
 * An empty PATH means no directory, and not the current one.
 */
export function prependToPath(context: Context, changes: Changes, dirs: readonly string[], detail: string): void {
  const { delimiter } = context.path;
  const path = searchPathOf(context);
  const first = dirs.join(delimiter);
  changes.set('PATH', path === '' ? first : `${first}${delimiter}${path}`, detail);
}

/** Whether PATH begins with these directories. */
export function startsPath(context: Context, dirs: readonly string[]): boolean {
  const entries = (context.read('PATH') ?? '').split(context.path.delimiter);
  return dirs.every((dir, at) => entries[at] === dir);
}
