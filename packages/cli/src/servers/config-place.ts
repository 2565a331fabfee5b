import { posix, win32 } from 'node:path';

/**
 * The user's directory for what the command is told to remember. KERNELKIT_CONFIG_DIR names another.
 * @param home `~`
 */
export function configDirectory(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  const { join, isAbsolute } = platform === 'win32' ? win32 : posix;
  const named = env.KERNELKIT_CONFIG_DIR ?? '';
  if (named !== '') return named;
  if (platform === 'win32') return join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'kernelkit');
  // a relative one is to be ignored (XDG Base Directory Specification)
  const xdg = env.XDG_CONFIG_HOME ?? '';
  if (isAbsolute(xdg)) return join(xdg, 'kernelkit');
  return platform === 'darwin'
    ? join(home, 'Library', 'Application Support', 'kernelkit')
    : join(home, '.config', 'kernelkit');
}
