import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { run, tail } from './run.mjs';

/** @typedef {{ command: string, executable: string, version: string }} Python */

const PROBE = 'import sys, venv, ensurepip; print("|".join([sys.executable, "%d.%d.%d" % sys.version_info[:3]]))';
const OLDEST = [3, 9];

/**
 * A Python that can make virtual environments: 3.9 or newer, with venv and ensurepip. A name on PATH may be a version
 * manager's shim (which may refuse to run), so each candidate is asked, and the answer is the interpreter behind the shim.
 *
 * @param {NodeJS.ProcessEnv} env KERNELKIT_TEST_PYTHON, when set, is tried alone
 * @returns {Promise<{ python: Python | null, tried: string[] }>} `tried`: why each earlier candidate was passed over
 */
export async function findPython(env = process.env) {
  const forced = env.KERNELKIT_TEST_PYTHON;
  const minors = ['3.13', '3.12', '3.11', '3.10', '3.9'].map((v) => `python${v}`);
  const candidates = forced ? [forced] : ['python3', '/usr/bin/python3', '/usr/local/bin/python3', ...minors, 'python'];
  /** @type {string[]} */
  const tried = [];
  /** @type {Python | null} */
  let secondChoice = null;
  for (const command of candidates) {
    const { code, output } = await run(command, ['-I', '-c', PROBE], { timeoutMs: 30_000 });
    const [executable, version] = output.trim().split('|');
    if (code !== 0 || !executable || !version) tried.push(`${command}: ${tail(output, 1) || `exit ${code}`}`);
    else if (isTooOld(version)) tried.push(`${command}: ${version} is older than ${OLDEST.join('.')}`);
    else if (!forced && !isReachable(executable)) {
      tried.push(`${command}: ${executable} lies where only root may go, and some tests run as another user`);
      secondChoice ??= { command, executable, version };
    } else return { python: { command, executable, version }, tried };
  }
  return { python: secondChoice, tried };
}

/**
 * Whether everybody may run it. Root's own (a pyenv below /root) is not for the tests that run as an unprivileged user.
 *
 * @param {string} executable
 */
function isReachable(executable) {
  if (process.platform === 'win32' || process.getuid?.() !== 0) return true;
  for (let path = realpathSync(executable); ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** @param {string} version */
function isTooOld(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 3 || (major === 3 && minor < /** @type {number} */ (OLDEST[1]));
}
