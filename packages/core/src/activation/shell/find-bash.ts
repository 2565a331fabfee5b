import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** bash where systems have it, else on PATH (NixOS, the BSDs). Null: there is none, or this is Windows, whose bash is another world. */
export function findBash(platform: NodeJS.Platform, searchPath: string | undefined): string | null {
  if (platform === 'win32') return null;
  const dirs = (searchPath ?? '').split(':').filter((dir) => dir.startsWith('/'));
  return ['/bin', '/usr/bin', ...dirs].map((dir) => join(dir, 'bash')).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
