import { chmod, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, tail } from './run.mjs';

/**
 * Deno from the npm package `deno`: the binary itself, not the wrapper in .bin (a wrapper would take the signals).
 *
 * @param {string} root the repository
 * @returns {Promise<{ binary: string, version: string } | { reason: string }>}
 */
export async function findDeno(root) {
  const scope = join(root, 'node_modules', '@deno');
  /** @type {string[]} */
  let platforms;
  try {
    platforms = await readdir(scope);
  } catch {
    return { reason: 'node_modules/@deno is not there: run `npm ci`' };
  }
  let reason = 'the npm package deno has no binary for this platform';
  for (const platform of platforms) {
    const binary = join(scope, platform, process.platform === 'win32' ? 'deno.exe' : 'deno');
    try {
      const { version } = JSON.parse(await readFile(join(scope, platform, 'package.json'), 'utf8'));
      const asked = await ask(binary);
      if (asked.code === 0) return { binary, version };
      reason = `${binary} does not run: ${tail(asked.output)}`;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  return { reason };
}

/** @param {string} binary */
async function ask(binary) {
  const first = await run(binary, ['--version'], { timeoutMs: 60_000 });
  // npm keeps the mode that the archive has, and that one lacks the executable bit on some versions
  if (first.code !== null || !first.output.includes('EACCES')) return first;
  await chmod(binary, 0o755);
  return run(binary, ['--version'], { timeoutMs: 60_000 });
}
