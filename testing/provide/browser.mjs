import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { aptInstall, whyNoApt } from './debian.mjs';
import { whyNotHeavy } from './heavy.mjs';
import { run, tail } from './run.mjs';
import { missingTool } from './tools.mjs';

/** Any one of these runs a page without a window, and takes Chromium's protocol. */
const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ELSEWHERE = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const PACKAGE = 'chromium';

/**
 * A Chromium for the tests of the browser's door: the machine's, or Debian's, where it is asked for.
 *
 * @param {{ logs: string, say: (line: string) => void }} options
 * @returns {Promise<import('./tools.mjs').ProvidedTool>}
 */
export async function provideBrowser({ logs, say }) {
  const found = await findBrowser();
  if (found !== null) return found;
  const nothing = `there is no ${PROGRAMS[0]} on this machine`;
  const why = whyNotHeavy('browser') ?? whyNoApt();
  if (why !== null) return missingTool('browser', `${nothing}; ${why}`);
  say(`  apt-get install ${PACKAGE}`);
  await mkdir(logs, { recursive: true });
  const failed = await aptInstall([PACKAGE], join(logs, 'browser.log'));
  return (await findBrowser()) ?? missingTool('browser', `${nothing}; ${failed ?? 'its package brought none'}`);
}

/** @returns {Promise<import('./tools.mjs').ProvidedTool | null>} */
async function findBrowser() {
  const dirs = (process.env.PATH ?? '').split(delimiter).filter((dir) => dir !== '');
  const candidates = [...PROGRAMS.flatMap((name) => dirs.map((dir) => join(dir, name))), ...ELSEWHERE];
  /** @type {string | null} */
  let problem = null;
  for (const program of candidates.filter((path) => existsSync(path))) {
    // what Ubuntu has by this name is a script that says to get a snap
    const { code, output } = await run(program, ['--version'], { timeoutMs: 30_000 });
    const version = /\d+(?:\.\d+){2,}/.exec(output)?.[0];
    if (code === 0 && version !== undefined)
      return { name: 'browser', available: true, version, program, reason: null };
    problem ??= `${program} does not run: ${tail(output)}`;
  }
  return problem === null ? null : missingTool('browser', problem);
}
