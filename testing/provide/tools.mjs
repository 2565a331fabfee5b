import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installedVersion, venvPython } from './venv.mjs';

/**
 * @typedef {object} ProvidedTool
 * @property {string} name
 * @property {boolean} available
 * @property {string | null} version
 * @property {string | null} program what is started; for rattler, a library, the interpreter that can import it
 * @property {string | null} reason why it is not available
 */

/** What makes Python environments, by the name of its program. rattler is pixi's installer as a library: it makes conda's. */
export const TOOL_NAMES = ['virtualenv', 'uv', 'poetry', 'pipenv', 'hatch', 'pipx', 'rattler'];

const distributionOf = (/** @type {string} */ name) => (name === 'rattler' ? 'py-rattler' : name);

/**
 * All of them live in one environment, which takes one `pip install`.
 *
 * @type {import('./venv.mjs').Recipe}
 */
export const TOOLS = {
  name: 'tools',
  requirements: TOOL_NAMES.map(distributionOf),
  imports: ['virtualenv', 'poetry', 'pipenv', 'hatch', 'pipx', 'rattler'],
  distribution: 'virtualenv',
};

/** @param {string} name @param {string} reason @returns {ProvidedTool} */
export function missingTool(name, reason) {
  return { name, available: false, version: null, program: null, reason };
}

/**
 * @param {string} prefix the environment of {@link TOOLS}, made
 * @returns {Promise<ProvidedTool[]>}
 */
export async function describeTools(prefix) {
  const python = venvPython(prefix);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return Promise.all(
    TOOL_NAMES.map(async (name) => {
      const program = name === 'rattler' ? python : join(dirname(python), `${name}${suffix}`);
      if (!existsSync(program)) return missingTool(name, `pip installed it, but not its program ${program}`);
      const version = await installedVersion(prefix, distributionOf(name));
      return { name, available: true, version, program, reason: null };
    }),
  );
}
