import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { whyNotHeavy } from './heavy.mjs';
import { withLock } from './lock.mjs';
import { run, tail } from './run.mjs';

/** What evcxr's quirks were measured on. */
export const EVCXR_VERSION = '0.22.0';
const STAMP = 'kernelkit-recipe.json';
const COMPILE_MS = 1_800_000;

/** @typedef {{ prefix: string, kernelspec: string, version: string }} Evcxr */

/**
 * Rust's kernel, compiled by cargo, with the kernelspec that it writes itself. It needs cargo when it runs, too.
 *
 * @param {string} prefix
 * @param {{ logs: string, anew: boolean, say: (line: string) => void }} options
 * @returns {Promise<Evcxr | { reason: string }>}
 */
export async function provideEvcxr(prefix, { logs, anew, say }) {
  const made = { prefix, kernelspec: join(prefix, 'share', 'jupyter', 'kernels', 'rust'), version: EVCXR_VERSION };
  const cargo = await run('cargo', ['--version'], { timeoutMs: 60_000 });
  if (cargo.code !== 0) return { reason: `there is no cargo: ${tail(cargo.output, 1) || `exit ${cargo.code}`}` };
  const refused = whyNotHeavy('evcxr');
  if ((!anew || refused !== null) && (await isMade(prefix))) return made;
  if (refused !== null) return { reason: refused };
  return withLock(`${prefix}.lock`, async () => {
    // another run may have made it while this one waited for the lock
    if (!anew && (await isMade(prefix))) return made;
    const problem = await make(prefix, logs, say);
    return problem === null ? made : { reason: problem };
  });
}

/** @param {string} prefix */
const program = (prefix) => join(prefix, 'bin', process.platform === 'win32' ? 'evcxr_jupyter.exe' : 'evcxr_jupyter');

/** @param {string} prefix its kernelspec names it, so that one that was moved is made again */
const stampOf = (prefix) => `${JSON.stringify({ format: 1, evcxr: EVCXR_VERSION, prefix }, null, 2)}\n`;

/** @param {string} prefix */
async function isMade(prefix) {
  const stamp = await readFile(join(prefix, STAMP), 'utf8').catch(() => '');
  return stamp === stampOf(prefix) && existsSync(program(prefix));
}

/**
 * @param {string} prefix @param {string} logs @param {(line: string) => void} say
 * @returns {Promise<string | null>} why it failed, or null when it is made
 */
async function make(prefix, logs, say) {
  await mkdir(logs, { recursive: true });
  const log = join(logs, 'evcxr.log');
  await rm(log, { force: true });
  await rm(prefix, { recursive: true, force: true });
  const crate = `evcxr_jupyter@${EVCXR_VERSION}`;
  say(`  making evcxr: cargo install ${crate}, which takes minutes`);
  const data = join(prefix, 'share', 'jupyter');
  /** @type {[string, string[], NodeJS.ProcessEnv, number][]} */
  const steps = [
    ['cargo', ['install', '--locked', '--root', prefix, crate], process.env, COMPILE_MS],
    [program(prefix), ['--install'], { ...process.env, JUPYTER_PATH: data }, 60_000],
  ];
  for (const [file, args, env, timeoutMs] of steps) {
    const { code, output } = await run(file, args, { timeoutMs, log, env });
    if (code !== 0) return `${args.join(' ')} failed (exit ${code}): ${tail(output)} (all of it: ${log})`;
  }
  await writeFile(join(prefix, `${STAMP}.new`), stampOf(prefix));
  await rename(join(prefix, `${STAMP}.new`), join(prefix, STAMP));
  return null;
}
