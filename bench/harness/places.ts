import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The bundle lies in bench/.cache.
const bench = dirname(dirname(fileURLToPath(import.meta.url)));

export const root = dirname(bench);

export const resultsFile = join(bench, 'RESULTS.md');

/** The command as it is built. */
export const command = join(root, 'packages', 'cli', 'dist', 'bin', 'main.js');

export const peerSources = join(bench, 'peers');

/** A program of bench/peers. */
export function sourceOf(name: string): string {
  return join(peerSources, name);
}
