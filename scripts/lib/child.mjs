import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './root.mjs';

/** A program that a script needed ended badly. The script ends with `status`. */
export class ChildError extends Error {
  /** @param {string} command @param {number} status @param {string} how */
  constructor(command, status, how) {
    super(`${command}: ${how}`);
    this.status = status;
  }
}

/**
 * Runs a program on this terminal, in the repository's root. A signal that asks this script to end is handed on, and the
 * script waits for the child, so that nothing is left over.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<number>} its exit status; 128 + the signal's number when a signal ended it
 * @throws {ChildError} when it cannot be started
 */
export async function status(file, args, options = {}) {
  const { env = process.env, cwd = root } = options;
  const child = spawn(file, args, {
    stdio: 'inherit',
    env,
    cwd,
    shell: process.platform === 'win32' && !file.includes('\\'),
  });
  const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  // the terminal sends SIGINT to the child as well: here it only has to be survived
  const survive = () => {};
  process.on('SIGTERM', pass).on('SIGHUP', pass).on('SIGINT', survive);
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', (error) => reject(new ChildError(file, 1, `could not be started (${error.message})`)));
      child.on('close', (code, signal) =>
        resolve(code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)]),
      );
    });
  } finally {
    process.off('SIGTERM', pass).off('SIGHUP', pass).off('SIGINT', survive);
  }
}

/**
 * The same, for a program that must succeed.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @throws {ChildError} when it ends with anything but 0
 */
export async function must(file, args, options = {}) {
  const code = await status(file, args, options);
  if (code !== 0) throw new ChildError([file, ...args].join(' '), code, `exit status ${code}`);
}

/** @param {readonly string[]} args */
export function npm(args) {
  // npm says where it is when it runs a script; on Windows its name on PATH is a .cmd file, which needs a shell
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? must(process.execPath, [script, ...args]) : must('npm', args);
}

/**
 * The frame of every script: a failed child ends it with the child's status and one line, not with a stack trace.
 *
 * @param {() => Promise<void>} work
 */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ChildError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.status;
  }
}
