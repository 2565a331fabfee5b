import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { aptInstall, whyNoApt } from './debian.mjs';
import { run } from './run.mjs';
import { missingTool } from './tools.mjs';

/**
 * A terminal whose screen can be read, for the tests of the console: the machine's tmux, or Debian's.
 *
 * @param {{ logs: string, say: (line: string) => void }} options
 * @returns {Promise<import('./tools.mjs').ProvidedTool>}
 */
export async function provideTmux({ logs, say }) {
  const found = await findTmux();
  if (found !== null) return found;
  const why = whyNoApt();
  if (why !== null) return missingTool('tmux', `there is no tmux on this machine; ${why}`);
  say('  apt-get install tmux');
  await mkdir(logs, { recursive: true });
  const failed = await aptInstall(['tmux'], join(logs, 'tmux.log'));
  return (await findTmux()) ?? missingTool('tmux', failed ?? 'its package brought none');
}

/** @returns {Promise<import('./tools.mjs').ProvidedTool | null>} */
async function findTmux() {
  const { code, output } = await run('tmux', ['-V'], { timeoutMs: 30_000 });
  const version = /\d\S*/.exec(output)?.[0] ?? null;
  return code === 0 ? { name: 'tmux', available: true, version, program: 'tmux', reason: null } : null;
}
