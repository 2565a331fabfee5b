import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Block, root } from './blocks.js';

const command = join(root, 'packages/cli/dist/bin/main.js');

/** Puts the command on a PATH; gives the folder. */
export async function commandFolder(folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const script = (text: string) => `#!/bin/sh\n${text}\n`;
  await writeFile(join(bin, 'kernelkit'), script(`exec '${process.execPath}' '${command}' "$@"`));
  // what it would run is what is here
  await writeFile(join(bin, 'npx'), script('exec "$@"'));
  await Promise.all(['kernelkit', 'npx'].map((name) => chmod(join(bin, name), 0o755)));
  return bin;
}

/**
 * What a page shows as printed, as a pattern: times, ids and versions are of the moment, the home is `~`, and a line with `…` stands for any number of lines.
 * @param home the reader's
 */
export function asPrinted(text: string, home: string): RegExp {
  const escaped = text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const pattern = escaped
    .replace(/\d+(\\\.\d+)? m?s\b/g, '[\\d.]+ m?s')
    .replace(/environment-[0-9a-f]{12}/g, 'environment-[0-9a-f]{12}')
    .replace(/Python \d+\\\.\d+\\\.\d+/g, 'Python [\\d.]+')
    .replace(/^ *…$/gm, '(?:.*\\n)*?.*')
    .replaceAll('~', home.replace(/[\\.]/g, '\\$&'));
  return new RegExp(pattern);
}

/** Waits for a server that the line before it has begun. */
const LISTENING = `for _ in $(seq 200); do node -e "fetch('$1').then(()=>0,()=>process.exit(1))" && return; sleep 0.1; done; return 1`;

/**
 * Types the lines of a block, one after the other; the first that fails ends it. Commands that serve go on in the background.
 * @param edit from what is printed in the page to what is here
 */
export async function typeLines(
  block: Block,
  edit: (text: string) => string,
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Promise<{ stdout: string; stderr: string }> {
  const lines = edit(`${block.before}\n${block.code}`).split('\n');
  const typed = lines.map((line) => {
    // packages/server/test/jupyterlab.test.ts does that, in a browser
    if (/(^| )jupyter lab /.test(line)) return '';
    if (!/(^| )kernelkit serve\b/.test(line)) return line;
    const port = /--port (\d+)/.exec(line)?.[1] ?? '8888';
    return `${line.replace(/ +#.*/, '')} &\nlistening http://127.0.0.1:${port}/api`;
  });
  const script = [
    'set -euo pipefail',
    `trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT`,
    `listening() { ${LISTENING}; }`,
    ...typed,
  ].join('\n');
  return promisify(execFile)('bash', ['-c', script], { cwd, env, timeout: 120_000 });
}
