import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { run, tail } from './run.mjs';

// xpython imports IPython at its start, and its package depends on nothing that brings it
const XPYTHON = { package: 'xpython', also: ['python3-ipython'], file: '/usr/lib/python3/dist-packages/IPython' };

/**
 * Kernelspec name → the Debian package that brings it; `also`: what the package needs and does not name; `file`: what must
 * be there for the kernel to start, beside its program.
 *
 * @type {Record<'xpython' | 'xpython-raw' | 'ir' | 'octave' | 'm2', { package: string, also: string[], file: string | null }>}
 */
export const DEBIAN_KERNELS = {
  xpython: XPYTHON,
  'xpython-raw': XPYTHON,
  ir: { package: 'r-cran-irkernel', also: [], file: null },
  octave: { package: 'python3-octave-kernel', also: ['octave'], file: '/usr/bin/octave-cli' },
  m2: { package: 'macaulay2-jupyter-kernel', also: [], file: '/usr/bin/M2' },
};

/** What a bare `python` in the kernelspec of a Debian package means: the Python that the package is installed for. */
export const SYSTEM_PYTHON = '/usr/bin/python3';

const SYSTEM_KERNELS = ['/usr/share/jupyter/kernels', '/usr/local/share/jupyter/kernels'];

/**
 * A kernelspec of the system whose program is there, too, and what that needs.
 *
 * @param {keyof typeof DEBIAN_KERNELS} name
 * @returns {Promise<{ dir: string, program: string } | { reason: string }>}
 */
export async function systemKernelspec(name) {
  const { file: needed } = DEBIAN_KERNELS[name];
  if (needed !== null && !existsSync(needed)) return { reason: `${name} needs ${needed}, which is not there` };
  for (const parent of SYSTEM_KERNELS) {
    const dir = join(parent, name);
    const file = join(dir, 'kernel.json');
    if (!existsSync(file)) continue;
    const named = String(JSON.parse(await readFile(file, 'utf8')).argv?.[0]);
    const program = named === 'python' ? SYSTEM_PYTHON : named;
    const found = isAbsolute(program) ? (existsSync(program) ? program : undefined) : onPath(program);
    if (found !== undefined) return { dir, program: found };
    return { reason: `${file} names a program that is not there: ${program}` };
  }
  return { reason: `no kernelspec ${name} under ${SYSTEM_KERNELS.join(' or ')}` };
}

/** @param {string} program */
function onPath(program) {
  const dirs = (process.env.PATH ?? '').split(delimiter).filter((dir) => dir !== '');
  return dirs.map((dir) => join(dir, program)).find((path) => existsSync(path));
}

/** Why apt may not be used here, or null when it may. */
export function whyNoApt() {
  if (process.platform !== 'linux') return 'this is not a Debian system';
  if (!existsSync('/usr/bin/apt-get')) return 'apt-get is not there';
  if (process.env.KERNELKIT_TEST_APT !== '1')
    return 'set KERNELKIT_TEST_APT=1 (as root) to let this script install Debian packages';
  if (process.getuid?.() !== 0) return 'only root may install Debian packages';
  return null;
}

/**
 * @param {readonly string[]} packages
 * @param {string} log
 * @returns {Promise<string | null>} why it failed, or null
 */
export async function aptInstall(packages, log) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { timeoutMs: 900_000, log, env };
  const install = ['-o', 'DPkg::Lock::Timeout=600', 'install', '-y', '--no-install-recommends', ...packages];
  const first = await run('apt-get', install, options);
  if (first.code === 0) return null;
  // the lists may be missing (a fresh image) or older than the archive
  await run('apt-get', ['-o', 'DPkg::Lock::Timeout=600', 'update'], options);
  const second = await run('apt-get', install, options);
  return second.code === 0
    ? null
    : `apt-get install ${packages.join(' ')} failed: ${tail(second.output)} (all of it: ${log})`;
}

/**
 * Versions of installed Debian packages, in one question.
 *
 * @param {readonly string[]} packages
 * @returns {Promise<Map<string, string>>}
 */
export async function debianVersions(packages) {
  const versions = new Map();
  const { output } = await run('dpkg-query', ['-W', '-f', `\${Package} \${Version}\\n`, ...packages], {
    timeoutMs: 30_000,
  });
  for (const line of output.split('\n')) {
    const [name, version, ...rest] = line.split(' ');
    if (name && version && rest.length === 0) versions.set(name, version);
  }
  return versions;
}
