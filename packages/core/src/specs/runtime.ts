import { runtimeDirs } from './data-dirs.js';
import { type ProcessVariables, variableReader } from './variables.js';

/** Where Jupyter keeps the connection files of running kernels, in the order in which they are looked at. Pure: reads nothing. */
export function runtimeDirectories(given: {
  platform: NodeJS.Platform;
  env: ProcessVariables;
  home: string;
  realHome?: string;
}): string[] {
  const { platform, env, home, realHome = home } = given;
  return runtimeDirs({ platform, read: variableReader(platform, env), home, realHome, prefixes: [] });
}
