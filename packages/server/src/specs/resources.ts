import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { extname, relative, resolve, sep } from 'node:path';
import { isListed } from './model.js';

/** No logo is larger; a link to a device or a dump is. */
const LARGEST = 16 * 2 ** 20;

const TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.ico': 'image/vnd.microsoft.icon',
  '.webp': 'image/webp',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
};

export interface Resource {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The names of a kernelspec's files that front ends are told of; none where the directory cannot be read. */
export async function listedResources(dir: string | null): Promise<string[]> {
  if (dir === null) return [];
  try {
    return (await readdir(dir)).filter(isListed).sort();
  } catch {
    // it went since it was found: the kernel has no picture, and still is one
    return [];
  }
}

/**
 * A file of a kernelspec's directory; null where there is none of that name. Links are followed only as far as they stay inside: whatever
 * else the user may read is not for whoever asks for a logo.
 * @param path decoded; with slashes
 */
export async function readResource(dir: string, path: string): Promise<Resource | null> {
  if (path === '' || path.includes('\0') || path.includes('\\')) return null;
  try {
    const root = await realpath(dir);
    const file = await realpath(resolve(root, `./${path}`));
    const way = relative(root, file);
    if (way === '' || way === '..' || way.startsWith(`..${sep}`)) return null;
    const { size, isFile } = await stat(file).then((found) => ({ size: found.size, isFile: found.isFile() }));
    if (!isFile || size > LARGEST) return null;
    return {
      type: TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream',
      bytes: new Uint8Array(await readFile(file)),
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || code === 'ELOOP' || code === 'ENAMETOOLONG')
      return null;
    throw error;
  }
}
