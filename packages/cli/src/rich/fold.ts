import { mkdir, rename, writeFile } from 'node:fs/promises';
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

/** The file that the last long text is kept in, beside the console's history. */
function keptPath(): string {
  const home = homeDirectory(process.platform, process.env);
  return join(dirname(historyPath(process.platform, process.env, home)), 'last-output.txt');
}

/** Keeps a text that is shown in part: code need not run again to see it all. One file, that its owner can read. Null: it could not be. */
export async function keep(text: string): Promise<string | null> {
  try {
    const path = keptPath();
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const draft = `${path}.${process.pid}.tmp`;
    await writeFile(draft, stripVTControlCharacters(text), { mode: 0o600 });
    await rename(draft, path);
    return path;
  } catch {
    return null;
  }
}
