import { posix, win32 } from 'node:path';

/** The flavour of paths that a platform has. */
export function pathFlavour(platform: NodeJS.Platform): typeof posix {
  return platform === 'win32' ? win32 : posix;
}

/**
 * `os.path.join`, as Jupyter builds its directories: nothing is normalised, an empty first part leaves a relative path.
 * Node's own `join` would fold `..`, which is another place when what stands before it is a link.
 */
export function joinPath(platform: NodeJS.Platform, base: string, ...parts: string[]): string {
  const { isAbsolute, sep } = pathFlavour(platform);
  let path = base;
  for (const part of parts) {
    if (isAbsolute(part)) path = part;
    else if (path === '' || path.endsWith('/') || path.endsWith(sep)) path += part;
    else path += sep + part;
  }
  return path;
}

/** `str(Path(base, …))`: repeated separators, `.` and a trailing separator go, `..` stays, Windows gets its own separator. */
export function purePath(platform: NodeJS.Platform, base: string, ...parts: string[]): string {
  const flavour = pathFlavour(platform);
  const joined = joinPath(platform, base, ...parts);
  const native = platform === 'win32' ? joined.replaceAll('/', '\\') : joined;
  // exactly two leading slashes are a root of their own in POSIX, and stay; Node would read them as one
  const root = /^\/\/(?!\/)/.test(native) && platform !== 'win32' ? '//' : flavour.parse(native).root;
  const steps = native
    .slice(root.length)
    .split(flavour.sep)
    .filter((step) => step !== '' && step !== '.');
  return root + steps.join(flavour.sep) || '.';
}

/** `os.path.expanduser` for `~` and `~/…`. `~name` stays as it is: whose that is, no file of ours says. */
export function expandHome(platform: NodeJS.Platform, path: string, home: string): string {
  const followed = path[1] === undefined || path[1] === '/' || (platform === 'win32' && path[1] === '\\');
  if (path[0] !== '~' || !followed) return path;
  return home.replace(/\/+$/, '') + path.slice(1) || '/';
}
