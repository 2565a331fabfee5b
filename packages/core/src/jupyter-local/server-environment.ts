import type { ProcessVariables } from '../specs/index.js';

/** What would make a server of ours somebody else's: another address, token or configuration, or a gateway in place of its own kernels. */
const NOT_HANDED_DOWN =
  /^(?:JUPYTER_(?:TOKEN|TOKEN_FILE|PORT|PORT_RETRIES|IP|CONFIG_PATH|NO_CONFIG|GATEWAY_\w+)|JPY_PARENT_PID|JPY_SESSION_NAME|PYTHONHOME|PYTHONEXECUTABLE|__PYVENV_LAUNCHER__)$/i;

/** The directories that a server of ours has instead of the user's. */
export interface PrivateDirs {
  config: string;
  data: string;
  runtime: string;
}

/**
 * The environment of a server of ours. Its own files go to private directories; the kernelspecs that the user sees are seen by it, after the
 * private ones. IPYTHONDIR stays the user's: it is the kernels'.
 *
 * @param userData the user's own data directory, which the private one takes the place of; null: there is none
 * @param unset variables that no kernel of it may have
 */
export function serverEnvironment(
  env: ProcessVariables,
  dirs: PrivateDirs,
  { userData, unset, delimiter }: { userData: string | null; unset: readonly string[]; delimiter: string },
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !NOT_HANDED_DOWN.test(name) && !unset.includes(name)) kept[name] = value;
  }
  // Jupyter searches its path first, then the user's directory, then the prefix's and the machine's
  const path = [dirs.data, ...(env.JUPYTER_PATH ?? '').split(delimiter), userData ?? ''].filter((each) => each !== '');
  return {
    ...kept,
    JUPYTER_CONFIG_DIR: dirs.config,
    JUPYTER_DATA_DIR: dirs.data,
    JUPYTER_RUNTIME_DIR: dirs.runtime,
    JUPYTER_PATH: path.join(delimiter),
  };
}

/** What a kernel of ours has in place of the server's private directories: the user's, or (empty counts as not set) the usual ones. */
export function ownDirectories(env: ProcessVariables): Record<string, string> {
  const names = ['JUPYTER_CONFIG_DIR', 'JUPYTER_DATA_DIR', 'JUPYTER_RUNTIME_DIR', 'JUPYTER_PATH'];
  return Object.fromEntries(names.map((name) => [name, env[name] ?? '']));
}
