import { relative, sep } from 'node:path';
import { homeDirectory } from '@kernelkit/core';

/** A path as people write it: what lies in the working directory relative to it, and the home as `~`. */
export function shortPath(path: string, cwd: string | null = null): string {
  if (cwd !== null && cwd !== sep && path.startsWith(cwd + sep)) return relative(cwd, path);
  const home = homeDirectory(process.platform, process.env);
  if (home === '' || home === sep || (path !== home && !path.startsWith(home + sep))) return path;
  return `~${path.slice(home.length)}`;
}

/** A command line with the home as `~`, where a shell would take it for that: not within quotes. */
export function withShortPaths(command: string): string {
  const home = homeDirectory(process.platform, process.env);
  if (home === '' || home === sep) return command;
  return command
    .split(' ')
    .map((word) => (word === home || word.startsWith(home + sep) ? `~${word.slice(home.length)}` : word))
    .join(' ');
}
