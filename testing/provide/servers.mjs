import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, tail } from './run.mjs';
import { installedVersion, venvPython } from './venv.mjs';

/**
 * @typedef {object} ProvidedServer
 * @property {string} name
 * @property {boolean} available
 * @property {string | null} version
 * @property {string | null} python the interpreter that has it
 * @property {string | null} proxy the hub's proxy, a program for node; null for the others
 * @property {string | null} reason why it is not available
 */

/**
 * Environments of real Jupyter servers. `jupyter-server` also has Kernel Gateway, which is an application of the newest
 * server, and `cryptography`, which makes the certificates of the tests; `jupyter-server1` is the server of Debian 12's
 * time with the classic notebook; `jupyterlab` has a kernel with ipywidgets, and papermill.
 *
 * @type {import('./venv.mjs').Recipe[]}
 */
export const SERVER_VENVS = [
  {
    name: 'jupyter-server',
    requirements: ['jupyter_server>=2', 'jupyter_kernel_gateway', 'cryptography'],
    imports: ['jupyter_server', 'kernel_gateway', 'cryptography'],
    distribution: 'jupyter_server',
  },
  {
    name: 'jupyter-server1',
    requirements: ['jupyter_server<2', 'notebook<7'],
    imports: ['jupyter_server', 'notebook'],
    distribution: 'jupyter_server',
  },
  {
    name: 'jupyterhub',
    requirements: ['jupyterhub', 'jupyter_server>=2'],
    imports: ['jupyterhub', 'jupyter_server'],
    distribution: 'jupyterhub',
  },
  {
    name: 'jupyterlab',
    requirements: ['jupyterlab', 'ipywidgets', 'papermill'],
    imports: ['jupyterlab', 'ipywidgets', 'ipykernel.kernelapp', 'papermill'],
    distribution: 'jupyterlab',
  },
];

/** Name of a server → the environment that it lives in, and the distribution whose version is its own. */
const SERVERS = {
  'jupyter-server': { venv: 'jupyter-server', distribution: 'jupyter_server' },
  'jupyter-server1': { venv: 'jupyter-server1', distribution: 'jupyter_server' },
  notebook6: { venv: 'jupyter-server1', distribution: 'notebook' },
  'kernel-gateway': { venv: 'jupyter-server', distribution: 'jupyter_kernel_gateway' },
  jupyterhub: { venv: 'jupyterhub', distribution: 'jupyterhub' },
  jupyterlab: { venv: 'jupyterlab', distribution: 'jupyterlab' },
};

/** The hub's proxy: 5.x asks for Node 22. */
const PROXY = 'configurable-http-proxy@^4.6.3';

/**
 * @param {string} cache
 * @param {ReadonlyMap<string, string | null>} problems environment → why it could not be made, or null
 * @param {{ anew: boolean, say: (line: string) => void }} options
 * @returns {Promise<ProvidedServer[]>}
 */
export async function describeServers(cache, problems, options) {
  return Promise.all(
    Object.entries(SERVERS).map(async ([name, { venv, distribution }]) => {
      const none = { name, available: false, version: null, python: null, proxy: null };
      const problem = problems.get(venv) ?? null;
      if (problem !== null) return { ...none, reason: problem };
      const proxy = name === 'jupyterhub' ? await provideProxy(cache, options) : null;
      if (proxy !== null && 'reason' in proxy) return { ...none, reason: proxy.reason };
      const prefix = join(cache, venv);
      const version = await installedVersion(prefix, distribution);
      const python = venvPython(prefix);
      return { name, available: true, version, python, proxy: proxy?.program ?? null, reason: null };
    }),
  );
}

/**
 * @param {string} cache
 * @param {{ anew: boolean, say: (line: string) => void }} options
 * @returns {Promise<{ program: string } | { reason: string }>}
 */
async function provideProxy(cache, { anew, say }) {
  const prefix = join(cache, 'hub-proxy');
  const program = join(prefix, 'node_modules', 'configurable-http-proxy', 'bin', 'configurable-http-proxy');
  const stamp = join(prefix, 'kernelkit-recipe');
  const made = await readFile(stamp, 'utf8').catch(() => '');
  if (!anew && made === PROXY && existsSync(program)) return { program };
  // Made beside and renamed, so that two runs at once do not meet in it: the last one's stays.
  const draft = `${prefix}.${process.pid}`;
  const log = join(cache, 'logs', 'hub-proxy.log');
  await mkdir(draft, { recursive: true });
  await mkdir(join(cache, 'logs'), { recursive: true });
  say(`  npm install ${PROXY}`);
  try {
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', draft, PROXY];
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const { code, output } = await run(npm, args, { timeoutMs: 300_000, log, cwd: draft });
    if (code !== 0)
      return { reason: `npm install ${PROXY} failed (exit ${code}): ${tail(output)} (all of it: ${log})` };
    await writeFile(join(draft, 'kernelkit-recipe'), PROXY);
    await rm(prefix, { recursive: true, force: true });
    await rename(draft, prefix);
    return { program };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
