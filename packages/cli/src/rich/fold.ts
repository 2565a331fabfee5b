import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { homeDirectory } from '@kernelkit/core';
import { historyPath } from '../console/history-file.js';

/** Text of no more lines and characters is shown whole; of more, the beginning. */
const MOST_LINES = 300;
const SHOWN_LINES = 250;
const MOST_CHARACTERS = 100_000;
const SHOWN_CHARACTERS = 80_000;

/** What is shown of a long text on a terminal, and what is said of the rest; null: it is not long. */
export function fold(text: string): { shown: string; rest: string } | null {
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
  if (lines.length <= MOST_LINES && text.length <= MOST_CHARACTERS) return null;
  const byLines = lines.length > MOST_LINES ? lines.slice(0, SHOWN_LINES).join('\n') : text;
  if (byLines.length <= MOST_CHARACTERS)
    return { shown: byLines, rest: `${(lines.length - SHOWN_LINES).toLocaleString('en')} more lines` };
  // not within a pair of surrogates, nor an escape sequence
  const shown = byLines.slice(0, SHOWN_CHARACTERS).replace(/[\ud800-\udbff]$|\x1b[^a-zA-Z]{0,20}$/, '');
  return { shown, rest: `${(text.length - shown.length).toLocaleString('en')} more characters` };
}

/** Long texts that are kept, and the bytes of all of them, at most: the last one always is. */
const MOST_KEPT = 20;
const MOST_BYTES = 50_000_000;

/** The directory that long texts are kept in, beside the console's history. */
function keptPath(): string {
  const home = homeDirectory(process.platform, process.env);
  return join(dirname(historyPath(process.platform, process.env, home)), 'outputs');
}

/** Keeps a text that is shown in part: code need not run again to see it all. A file of its own, that its owner can read. Null: it could not be. */
export async function keep(text: string): Promise<string | null> {
  try {
    const directory = keptPath();
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const path = await written(directory, stripVTControlCharacters(text));
    // what is older and cannot be removed is in nobody's way
    await prune(directory).catch(() => {});
    return path;
  } catch {
    return null;
  }
}

/** Names are in the order in which the texts came. */
async function written(directory: string, text: string): Promise<string> {
  for (let at = Date.now(); ; at += 1) {
    const path = join(directory, `${new Date(at).toISOString().replace(/[:.]/g, '-')}.txt`);
    try {
      await writeFile(path, text, { mode: 0o600, flag: 'wx' });
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      // half of it is none
      await rm(path, { force: true });
      throw error;
    }
  }
}

async function prune(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('Z.txt')).sort();
  let bytes = 0;
  for (const [at, name] of names.reverse().entries()) {
    const path = join(directory, name);
    bytes += (await stat(path)).size;
    if (at > 0 && (at >= MOST_KEPT || bytes > MOST_BYTES)) await rm(path, { force: true });
  }
}
