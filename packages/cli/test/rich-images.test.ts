import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inflateSync } from 'node:zlib';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { decode as decodeSixel } from 'sixel';
import { describe, expect, test } from 'vitest';
import { readAnswer } from '../src/rich/ask-terminal.js';
import { type Canvas, imageText } from '../src/rich/encode.js';
import { sizeLine } from '../src/rich/image.js';
import { bytesOf, sizeOf } from '../src/rich/mime.js';
import { svgAsPng } from '../src/rich/svg.js';
import { chosenImages, imagesByEnvironment } from '../src/rich/terminal.js';

const COLOURS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
  [0, 0, 0],
] as const;

/** Stripes of pure colours, which no way of writing colours changes. */
function picture(width: number, height: number): PNG {
  const png = new PNG({ width, height });
  for (let at = 0; at < width * height; at += 1) {
    const [red, green, blue] = COLOURS[((at % width) + Math.floor(at / width)) % COLOURS.length]!;
    png.data.set([red, green, blue, 255], at * 4);
  }
  return png;
}

const canvas = (protocol: Canvas['protocol'], cell: Canvas['cell'] = null): Canvas => ({
  ...{ protocol, cell, columns: 80, rows: 24 },
});
const CELL = { width: 10, height: 20 };

function kittyParts(text: string): { keys: Record<string, string>; bytes: Buffer; chunks: string[] } {
  const parts = [...text.matchAll(/\x1b_G([^;]*);([^\x1b]*)\x1b\\/g)];
  const keys = Object.fromEntries(parts[0]![1]!.split(',').map((key) => key.split('=') as [string, string]));
  return {
    keys,
    bytes: Buffer.from(parts.map(([, , data]) => data).join(''), 'base64'),
    chunks: parts.map(([, control]) => control!),
  };
}

/** The picture that is shown, as a terminal reads it. */
function sixelPicture(text: string): { width: number; height: number; points: number[] } {
  const [, data] = /\x1bP0;0;q([^\x1b]*)\x1b\\/.exec(text)!;
  const { width, height, data32 } = decodeSixel(Buffer.from(data!));
  return { width, height, points: [...data32].map((point) => point & 0xffffff) };
}

describe("kitty's protocol", () => {
  test('a PNG goes as it is, in chunks of which only the last says that it is', async () => {
    const noise = new PNG({ width: 97, height: 61 });
    for (let at = 0, value = 1; at < noise.data.length; at += 1) {
      value = (value * 48_271) % 2_147_483_647;
      noise.data[at] = value;
    }
    const png = PNG.sync.write(noise);
    const text = await imageText(png, 'image/png', {}, canvas('kitty'));
    const { keys, bytes, chunks } = kittyParts(text!);
    expect(keys).toEqual({ a: 'T', q: '2', f: '100', m: '1' });
    expect(bytes.equals(png)).toBe(true);
    expect(chunks.slice(1)).toEqual([...chunks.slice(2).map(() => 'm=1'), 'm=0']);
    expect(chunks.length).toBeGreaterThan(2);
    for (const [, , chunk] of text!.matchAll(/\x1b_G([^;]*);([^\x1b]*)/g))
      expect(chunk!.length).toBeLessThanOrEqual(4096);
  });

  test('a JPEG goes as points', async () => {
    const file = jpeg.encode({ ...picture(40, 30), data: picture(40, 30).data }, 90).data;
    const { keys, bytes } = kittyParts((await imageText(file, 'image/jpeg', {}, canvas('kitty')))!);
    expect(keys).toMatchObject({ f: '32', s: '40', v: '30', o: 'z' });
    expect(inflateSync(bytes).equals(jpeg.decode(file, { useTArray: false }).data)).toBe(true);
  });

  test.each([
    ['as it is', 100, 50, {}, undefined, 3],
    ['as wide as the terminal', 1600, 400, {}, ['80', '10'], 10],
    ['as high', 100, 4400, {}, ['1', '22'], 22],
    ['half, as its metadata ask', 200, 80, { 'image/png': { width: 100 } }, ['10', '2'], 2],
    ['metadata of another type', 100, 40, { 'image/jpeg': { width: 10 } }, undefined, 2],
    ['senseless metadata', 100, 40, { 'image/png': { width: -1, height: 'x' } }, undefined, 2],
  ])('%s: rows are kept for it', async (_, width, height, metadata, scale, rows) => {
    const png = PNG.sync.write(new PNG({ width, height }));
    const text = (await imageText(png, 'image/png', metadata, canvas('kitty', CELL)))!;
    expect(text.startsWith(`${'\n'.repeat(rows)}\x1b[${rows}A\x1b7\x1b_G`)).toBe(true);
    expect(text.endsWith(`\x1b\\\x1b8\x1b[${rows}B`)).toBe(true);
    const { keys } = kittyParts(text);
    expect([keys.C, keys.c, keys.r]).toEqual(['1', ...(scale ?? [undefined, undefined])]);
  });
});

describe("iTerm2's protocol", () => {
  const sequence = /\x1b\]1337;File=([^:]*):([^\x07]*)\x07/;

  test.each(['image/png', 'image/jpeg', 'image/gif'])('%s goes as it is', async (type) => {
    const gif = Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAAC', 'base64');
    const { data, width, height } = picture(20, 20);
    const jpegFile = jpeg.encode({ data, width, height }, 90).data;
    const file = type === 'image/png' ? PNG.sync.write(picture(20, 20)) : type === 'image/gif' ? gif : jpegFile;
    const [, keys, base64] = sequence.exec((await imageText(file, type, {}, canvas('iterm2')))!)!;
    expect(keys).toBe(`inline=1;size=${file.length};preserveAspectRatio=1`);
    expect(Buffer.from(base64!, 'base64').equals(file)).toBe(true);
  });

  test('its size: in characters where that of one is known', async () => {
    const png = PNG.sync.write(picture(200, 80));
    const half = { 'image/png': { width: 100, height: 40 } };
    const keysOf = async (on: Canvas) => sequence.exec((await imageText(png, 'image/png', half, on))!)![1];
    expect(await keysOf(canvas('iterm2', CELL))).toContain(';width=10;height=2;');
    expect(await keysOf(canvas('iterm2'))).toContain(';width=100px;height=40px;');
  });
});

describe('sixel', () => {
  test.each([
    [13, 7],
    [60, 24],
  ])('%i×%i: every point comes back', async (width, height) => {
    const png = picture(width, height);
    const shown = sixelPicture((await imageText(PNG.sync.write(png), 'image/png', {}, canvas('sixel', CELL)))!);
    expect(shown.width).toBe(width);
    // sixels come in sixes: the raster attributes cut the last row
    expect(shown.height).toBe(height);
    const points = [...new Uint32Array(png.data.buffer, png.data.byteOffset, width * height)].map(
      (point) => point & 0xffffff,
    );
    expect(shown.points).toEqual(points);
  });

  test('of more colours than there can be, near ones', async () => {
    const png = new PNG({ width: 160, height: 100 });
    for (let at = 0; at < 16_000; at += 1)
      png.data.set([((at % 160) * 255) / 159, (Math.floor(at / 160) * 255) / 99, at < 8000 ? 255 : 0, 255], at * 4);
    const { points } = sixelPicture((await imageText(PNG.sync.write(png), 'image/png', {}, canvas('sixel', CELL)))!);
    expect(new Set(points).size).toBeGreaterThan(128);
    const farthest = points.map((point, at) =>
      Math.max(...[0, 1, 2].map((part) => Math.abs(((point >> (8 * part)) & 0xff) - png.data[at * 4 + part]!))),
    );
    expect(farthest.reduce((most, each) => Math.max(most, each))).toBeLessThan(32);
  });

  test('what is seen through is on white', async () => {
    const png = new PNG({ width: 6, height: 6 });
    const text = (await imageText(PNG.sync.write(png), 'image/png', {}, canvas('sixel', CELL)))!;
    expect(new Set(sixelPicture(text).points)).toEqual(new Set([0xffffff]));
  });

  test('a JPEG; larger than the terminal, it is made smaller', async () => {
    const [width, height] = [1600, 60];
    const data = Buffer.alloc(width * height * 4, 255);
    for (let at = 0; at < data.length; at += 4) data[at + 2] = 0;
    const file = jpeg.encode({ data, width, height }, 95).data;
    const shown = sixelPicture((await imageText(file, 'image/jpeg', {}, canvas('sixel')))!);
    expect([shown.width, shown.height]).toEqual([800, 30]);
    const [point] = shown.points;
    // yellow, but for what JPEG and 101 shades make of it
    expect(point! & 0xff).toBeGreaterThan(245);
    expect((point! >> 16) & 0xff).toBeLessThan(10);
  });

  test('what cannot be read, or claims too many points, is not decoded', async () => {
    const bomb = PNG.sync.write(new PNG({ width: 8, height: 8 }));
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    expect(await imageText(bomb, 'image/png', {}, canvas('sixel'))).toBeNull();
    const cut = PNG.sync.write(picture(30, 30)).subarray(0, 60);
    expect(await imageText(cut, 'image/png', {}, canvas('sixel'))).toBeNull();
    expect(await imageText(Buffer.from('hello'), 'image/png', {}, canvas('kitty'))).toBeNull();
  });
});

describe('what is said of an image', () => {
  test('its size and bytes', () => {
    const png = PNG.sync.write(new PNG({ width: 640, height: 480 }));
    expect(sizeLine('image/png', png)).toBe(`image/png 640×480, ${sizeOf(png.length)}`);
    expect(sizeLine('image/png', Buffer.from('AAAA'))).toBe('image/png, 4 B');
    expect(sizeLine('application/x\x1b[2J\n', Buffer.alloc(12_345))).toBe('application/x , 12 kB');
    expect([0, 999, 1000, 1234, 9_999, 12_345, 999_600, 3_400_000].map(sizeOf)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '1.2 kB',
      '10 kB',
      '12 kB',
      '1.0 MB',
      '3.4 MB',
    ]);
  });

  test('base64 cannot end the escape sequence that it is in', () => {
    const bytes = bytesOf({ 'image/png': 'AA\x1b\\\x07\nAA' }, 'image/png');
    expect(Buffer.from(bytes!).toString('base64')).toBe('AAAA');
    expect(bytesOf({ 'image/png': { a: 1 } }, 'image/png')).toBeNull();
  });
});

describe('how a terminal takes images', () => {
  test.each<[Record<string, string>, string]>([
    [{ TERM: 'xterm-kitty', KITTY_WINDOW_ID: '1' }, 'kitty'],
    [{ TERM: 'xterm-256color', KITTY_WINDOW_ID: '1' }, 'kitty'],
    [{ TERM: 'xterm-ghostty' }, 'kitty'],
    [{ TERM: 'xterm-256color', TERM_PROGRAM: 'ghostty' }, 'kitty'],
    [{ TERM: 'xterm-256color', KONSOLE_VERSION: '230804' }, 'kitty'],
    [{ TERM: 'xterm-256color', KONSOLE_VERSION: '211200' }, 'ask'],
    [{ TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app' }, 'iterm2'],
    [{ TERM: 'xterm-256color', LC_TERMINAL: 'iTerm2' }, 'iterm2'],
    [{ TERM: 'xterm-256color', TERM_PROGRAM: 'WezTerm' }, 'iterm2'],
    [{ TERM: 'wezterm' }, 'iterm2'],
    [{ TERM: 'xterm-256color', WEZTERM_PANE: '0' }, 'iterm2'],
    [{ TERM: 'xterm', TERM_PROGRAM: 'mintty' }, 'iterm2'],
    // started from another terminal
    [{ TERM: 'xterm-kitty', TERM_PROGRAM: 'WezTerm', WEZTERM_PANE: '0' }, 'kitty'],
    [{ TERM: 'xterm-256color', TERM_PROGRAM: 'vscode', KITTY_WINDOW_ID: '1' }, 'ask'],
    [{ TERM: 'xterm-256color', TERM_PROGRAM: 'Apple_Terminal' }, 'none'],
    [{ TERM: 'xterm-256color', VTE_VERSION: '7800' }, 'ask'],
    [{ TERM: 'foot' }, 'ask'],
    [{ TERM: 'xterm-256color' }, 'ask'],
    [{ WT_SESSION: 'x' }, 'ask'],
    [{}, 'none'],
    [{ TERM: 'dumb', KITTY_WINDOW_ID: '1' }, 'none'],
    [{ TERM: 'linux' }, 'none'],
    [{ TERM: 'tmux-256color', TMUX: '/x', KITTY_WINDOW_ID: '1' }, 'ask'],
    [{ TERM: 'screen', STY: '1', TERM_PROGRAM: 'iTerm.app' }, 'none'],
  ])('%j: %s', (env, told) => {
    expect(imagesByEnvironment(env)).toBe(told);
  });

  test.each<[string, { sixel: boolean; cell: object | null } | null, string]>([
    ['\x1b[6;20;10t\x1b[?62;4;22c', { sixel: true, cell: { width: 10, height: 20 } }, ''],
    ['\x1b[?1;2c', { sixel: false, cell: null }, ''],
    // the class of a VT132, and no sixel
    ['\x1b[?4;6c', { sixel: false, cell: null }, ''],
    ['\x1b[6;0;0t\x1b[?65;1;4c', { sixel: true, cell: null }, ''],
    ['l\x1b[6;20;10ts\x1b[?64;4c\r', { sixel: true, cell: { width: 10, height: 20 } }, 'ls\r'],
    ['\x1b[6;20', null, '\x1b[6;20'],
  ])('%j', (heard, answer, rest) => {
    expect(readAnswer(heard)).toEqual({ answer, rest });
  });

  test('the option goes before the variable', () => {
    expect(chosenImages('none', { KERNELKIT_IMAGES: 'kitty' })).toBe('none');
    expect(chosenImages(null, { KERNELKIT_IMAGES: 'sixel' })).toBe('sixel');
    expect(chosenImages(null, { KERNELKIT_IMAGES: 'what' })).toBe('auto');
    expect(chosenImages(null, {})).toBe('auto');
  });
});

describe.runIf(process.platform !== 'win32')('SVG', () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"/>');

  /** With `rsvg-convert` as a script, or none at all. */
  async function withDrawing<T>(script: string | null, work: () => Promise<T>): Promise<T> {
    const directory = await mkdtemp(join(tmpdir(), 'kk-rich-'));
    const { PATH } = process.env;
    try {
      if (script !== null) await writeFile(join(directory, 'rsvg-convert'), script, { mode: 0o755 });
      process.env.PATH = script === null ? directory : `${directory}${delimiter}${PATH}`;
      return await work();
    } finally {
      process.env.PATH = PATH;
      await rm(directory, { recursive: true });
    }
  }

  test('is drawn by rsvg-convert, which gets it on standard input', async () => {
    const script = '#!/bin/sh\ncat; printf "%s" " $*"\n';
    const png = await withDrawing(script, () => svgAsPng(svg));
    expect(Buffer.from(png!).toString()).toBe(`${svg} --format=png --background-color=white`);
  });

  test('is not drawn where there is none, or it fails, or nothing comes of it', async () => {
    expect(await withDrawing(null, () => svgAsPng(svg))).toBeNull();
    expect(await withDrawing('#!/bin/sh\necho half; exit 1\n', () => svgAsPng(svg))).toBeNull();
    expect(await withDrawing('#!/bin/sh\nexit 0\n', () => svgAsPng(svg))).toBeNull();
    const ended = AbortSignal.abort(new Error('the end'));
    expect(await withDrawing('#!/bin/sh\nexec sleep 600\n', () => svgAsPng(svg, ended))).toBeNull();
  });
});
