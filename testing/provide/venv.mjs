import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run, tail } from './run.mjs';

/**
 * @typedef {object} Recipe
 * @property {string} name its folder under the cache
 * @property {string[]} requirements what pip installs
 * @property {string[]} imports modules that must import before the environment counts as made
 * @property {string} distribution whose version is reported
 */

// Written last: an environment without it, or with another recipe in it, is half made or out of date and is made again.
const STAMP = 'kernelkit-recipe.json';

/** @param {string} prefix */
export function venvPython(prefix) {
  return process.platform === 'win32' ? join(prefix, 'Scripts', 'python.exe') : join(prefix, 'bin', 'python');
}

/** @param {string} prefix @param {Recipe} recipe */
export async function isMade(prefix, recipe) {
  try {
    const stamp = await readFile(join(prefix, STAMP), 'utf8');
    // existsSync follows the link to the base interpreter, which an upgrade of the machine's Python may have taken away
    return stamp === stampOf(recipe) && existsSync(venvPython(prefix));
  } catch {
    return false;
  }
}

/**
 * Makes the environment anew. The caller holds the lock.
 *
 * @param {string} prefix
 * @param {Recipe} recipe
 * @param {string} basePython
 * @param {string} log a file for everything that venv and pip say
 * @returns {Promise<string | null>} why it failed, or null when it is made
 */
export async function makeVenv(prefix, recipe, basePython, log) {
  await rm(prefix, { recursive: true, force: true });
  await mkdir(dirname(prefix), { recursive: true });
  await mkdir(dirname(log), { recursive: true });
  await rm(log, { force: true });
  const python = venvPython(prefix);
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' };
  delete env.PYTHONPATH;
  delete env.PYTHONHOME;
  delete env.VIRTUAL_ENV;
  /** @type {[string, string[], number][]} */
  const steps = [
    [basePython, ['-m', 'venv', prefix], 180_000],
    [python, ['-m', 'pip', 'install', '--quiet', ...recipe.requirements], 900_000],
    [python, ['-c', `import ${recipe.imports.join(', ')}`], 120_000],
  ];
  for (const [file, args, timeoutMs] of steps) {
    const { code, output } = await run(file, args, { timeoutMs, log, env });
    if (code !== 0) return `${args.slice(0, 3).join(' ')} failed (exit ${code}): ${tail(output)} (all of it: ${log})`;
  }
  const stamp = join(prefix, STAMP);
  await writeFile(`${stamp}.new`, stampOf(recipe));
  await rename(`${stamp}.new`, stamp);
  return null;
}

/**
 * The version of an installed distribution, from the name of its .dist-info folder: no interpreter is started.
 *
 * @param {string} prefix @param {string} distribution
 * @returns {Promise<string | null>}
 */
export async function installedVersion(prefix, distribution) {
  for (const site of await sitePackages(prefix)) {
    for (const entry of await readdir(site)) {
      const match = /^([^-]+)-([^-]+)\.dist-info$/.exec(entry);
      if (match?.[1]?.toLowerCase().replaceAll('_', '-') === distribution.replaceAll('_', '-')) return match[2] ?? null;
    }
  }
  return null;
}

/** @param {string} prefix */
async function sitePackages(prefix) {
  if (process.platform === 'win32') return [join(prefix, 'Lib', 'site-packages')];
  const lib = join(prefix, 'lib');
  const pythons = (await readdir(lib)).filter((name) => name.startsWith('python'));
  return pythons.map((name) => join(lib, name, 'site-packages')).filter((path) => existsSync(path));
}

/** @param {Recipe} recipe */
function stampOf(recipe) {
  return `${JSON.stringify({ format: 2, requirements: recipe.requirements, imports: recipe.imports }, null, 2)}\n`;
}
