import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { display, ownHome } from './display-home.js';

const home = ownHome();
const terminal = { columns: () => 80 };

describe('long output', () => {
  const long = Array.from({ length: 4562 }, (_, at) => `line ${at}`).join('\n');
  const directory = () => join(home(), 'state', 'outputs');
  /** The file that a text tells of. */
  const keptBy = (text: string): string => /all of it is in (\S+\.txt);/.exec(text)![1]!;

  test('is folded on a terminal; all of it is kept in a file of its owner, and --full shows it', async () => {
    const text = await display(terminal).text({ data: { 'text/plain': `\x1b[1m${long}` } });
    const file = keptBy(text);
    expect(text).toBe(
      `${long.split('\n').slice(0, 250).join('\n')}\n… 4,312 more lines: all of it is in ${file}; --full shows all\n`,
    );
    expect(await readFile(file, 'utf8')).toBe(`${long}\n`);
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect((await stat(directory())).mode & 0o077).toBe(0);
    expect((await readdir(directory())).map((name) => join(directory(), name))).toEqual([file]);
    expect(await display({ ...terminal, full: true }).text({ data: { 'text/plain': long } })).toBe(`${long}\n`);
  });

  test('in a pipe, and where it cannot be kept, it is whole', async () => {
    expect(await display().text({ data: { 'text/plain': long } })).toBe(`${long}\n`);
    expect(await readdir(home())).toEqual([]);
    process.env.KERNELKIT_STATE_DIR = '/dev/null/state';
    expect(await display(terminal).text({ data: { 'text/plain': long } })).toBe(`${long}\n`);
  });

  test('a line without end; JSON', async () => {
    const text = await display(terminal).text({ data: { 'text/plain': 'x'.repeat(1_080_000) } });
    expect(text).toMatch(/^x{80000}\n… 1,000,001 more characters: /);
    const value = Array.from({ length: 100 }, (_, at) => ({ at }));
    const json = await display(terminal).text({ data: { 'application/json': value } });
    expect(json).toMatch(/… 50 more\n\]\n… folded: all of it is in .*; --full shows all\n$/);
    expect(JSON.parse(await readFile(keptBy(json), 'utf8'))).toEqual(value);
    // what was told before is there still
    expect((await stat(keptBy(text))).size).toBe(1_080_001);
  });

  test('the newest twenty are kept, of all no more than 50 MB, and nothing else is touched', async () => {
    await display(terminal).text({ data: { 'text/plain': long } });
    await writeFile(join(directory(), 'notes.txt'), 'mine');
    const files: string[] = [];
    for (let at = 0; at < 22; at++)
      files.push(keptBy(await display(terminal).text({ data: { 'text/plain': `${at}\n${long}` } })));
    const left = async () => (await readdir(directory())).filter((name) => name !== 'notes.txt').sort();
    expect(await left()).toEqual(files.slice(2).map((file) => basename(file)));
    await truncate(files.at(-2)!, 60_000_000);
    const last = keptBy(await display(terminal).text({ data: { 'text/plain': long } }));
    expect(await left()).toEqual([basename(files.at(-1)!), basename(last)]);
    expect(await readdir(directory())).toContain('notes.txt');
  });

  test('what is said of the rest follows at once, in colour as well', async () => {
    const value = Array.from({ length: 100 }, (_, at) => ({ at }));
    for (const data of [{ 'text/plain': long }, { 'application/json': value }]) {
      const text = await display({ ...terminal, colour: true }).text({ data });
      expect(stripVTControlCharacters(text)).toMatch(/\S\n… .*; --full shows all\n$/);
    }
  });
});
