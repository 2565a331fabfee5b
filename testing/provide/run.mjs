import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/**
 * @typedef {object} RunResult
 * @property {number | null} code exit code, null when a signal ended it or it never started
 * @property {string} output stdout and stderr as they came, at most the last 64 KiB
 */

const KEPT = 64 * 1024;

/**
 * Runs a program to its end, keeps the tail of what it printed, and ends it (SIGTERM, then SIGKILL) when `timeoutMs` has passed.
 * A program that cannot be started is a result too (code null, the reason in `output`): the caller tries several.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ timeoutMs?: number, log?: string, env?: NodeJS.ProcessEnv, cwd?: string }} [options] `log`: a file to append everything to
 * @returns {Promise<RunResult>}
 */
export async function run(file, args, options = {}) {
  const { timeoutMs = 60_000, log, env = process.env, cwd } = options;
  const sink = log === undefined ? undefined : createWriteStream(log, { flags: 'a' });
  sink?.write(`$ ${[file, ...args].join(' ')}\n`);
  try {
    return await new Promise((resolve) => {
      let output = '';
      /** @param {Buffer} chunk */
      const take = (chunk) => {
        sink?.write(chunk);
        output = (output + chunk.toString('utf8')).slice(-KEPT);
      };
      const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env, cwd });
      const term = setTimeout(() => {
        output += `\n(ended: still running after ${timeoutMs / 1000} s)`;
        child.kill('SIGTERM');
      }, timeoutMs);
      const kill = setTimeout(() => child.kill('SIGKILL'), timeoutMs + 5_000);
      const done = (/** @type {number | null} */ code) => {
        clearTimeout(term);
        clearTimeout(kill);
        resolve({ code, output });
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.on('error', (error) => {
        output += error.message;
        done(null);
      });
      child.on('close', done);
    });
  } finally {
    sink?.end();
    if (sink !== undefined) await finished(sink);
  }
}

/**
 * The last lines of a log that say something, on one line: short enough for a summary.
 *
 * @param {string} output
 * @param {number} [lines]
 */
export function tail(output, lines = 3) {
  const said = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return said.slice(-lines).join(' | ').slice(-600);
}
