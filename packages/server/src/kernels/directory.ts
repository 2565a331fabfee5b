import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';

/**
 * Where a kernel of a session path works: the directory of that path below `root`, or the nearest one above it that is there
 * (jupyter_server, `cwd_for_path`). A path that leads out of `root` means `root`.
 */
export async function directoryFor(path: string | undefined, root: string): Promise<string> {
  if (path === undefined || path.includes('\0')) return root;
  // session paths are the front end's: with slashes, and relative to the root whether they begin with one or not
  let at = resolve(root, path.replaceAll('\\', '/').replace(/^\/+/, ''));
  while (at !== root && isWithin(at, root)) {
    if (await isDirectory(at)) return at;
    at = dirname(at);
  }
  return root;
}

/** A gateway client's KERNEL_WORKING_DIR, where it is a directory here and below `root`. */
export async function workingDirectory(asked: string | undefined, root: string): Promise<string | null> {
  if (asked === undefined || !isAbsolute(asked)) return null;
  const at = resolve(asked);
  return (at === root || isWithin(at, root)) && (await isDirectory(at)) ? at : null;
}

/** Whether a path lies below a directory, by its name. */
export function isWithin(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
