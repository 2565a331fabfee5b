import { readFile } from 'node:fs/promises';
import { inHome, localAppData, type Where, xdgData } from '../environments/index.js';

/** What lies in the place of private servers: the environment that was made last, and completely. */
export const POINTER = 'server.json';

/**
 * Where the private environment of a Jupyter server lies: among the user's data, since it is no cache (it took minutes to get).
 * `$XDG_DATA_HOME/kernelkit/jupyter-server`; on macOS in Application Support, on Windows in %LOCALAPPDATA%. KERNELKIT_SERVER_DIR names another.
 */
export function privateServerDir(where: Where): string {
  const named = where.read('KERNELKIT_SERVER_DIR');
  if (named) return where.path.resolve(where.cwd, named);
  const parts = ['kernelkit', 'jupyter-server'];
  if (where.platform === 'win32') return localAppData(where, ...parts);
  if (where.platform === 'darwin') return inHome(where, 'Library', 'Application Support', ...parts);
  return xdgData(where, ...parts);
}

/** An environment of a Jupyter server: what `findEnvironments` would give of it. */
export interface PrivateServer {
  prefix: string;
  python: string;
}

/** The private environment that is there and complete; null: there is none. */
export async function readPrivateServer(dir: string, { path }: Pick<Where, 'path'>): Promise<PrivateServer | null> {
  try {
    const { prefix, python }: Record<string, unknown> = JSON.parse(await readFile(path.join(dir, POINTER), 'utf8'));
    // what lies elsewhere was not made here
    const isHere = (found: unknown): found is string => typeof found === 'string' && found.startsWith(dir + path.sep);
    return isHere(prefix) && isHere(python) ? { prefix, python } : null;
  } catch {
    // not there, or half written by a machine that went down: it is made anew
    return null;
  }
}
