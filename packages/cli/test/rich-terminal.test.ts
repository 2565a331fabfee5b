import { readdir, readFile } from 'node:fs/promises';
import { PNG } from 'pngjs';
import { decode as decodeSixel } from 'sixel';
import { beforeAll, expect, test } from 'vitest';
import { describeKernel, describeTool } from '../../../testing/support/index.js';
import { TestTerminal } from './console-terminal.js';
import { onTerminal } from './on-terminal.js';
import { ensureBuilt, kernelkit, notebookOf, userWith } from './support.js';

beforeAll(ensureBuilt);

/** A PNG of 40×30 points, red in its upper half and blue in its lower one, made with what every Python has, and shown as IPython shows images. */
const IMAGE = `
import struct, zlib
from IPython.display import Image, display
chunk = lambda name, data: struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
rows = b''.join(b'\\0' + (b'\\xff\\0\\0' if y < 15 else b'\\0\\0\\xff') * 40 for y in range(30))
head = struct.pack('>IIBBBBB', 40, 30, 8, 2, 0, 0, 0)
png = b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', head) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b'')
display(Image(data=png))
`;
const [RED, BLUE] = [0x0000ff, 0xff0000];
const POINTS = Array.from({ length: 1200 }, (_, at) => (at < 600 ? RED : BLUE));
const QUESTION = '\\x1b\\[16t\\x1b\\[c';

function pointsOf(data: Uint8Array): number[] {
  return Array.from(
    { length: data.length / 4 },
    (_, at) => data[at * 4]! | (data[at * 4 + 1]! << 8) | (data[at * 4 + 2]! << 16),
  );
}

/** The image in a sixel sequence, as a terminal reads it. */
function sixelPoints(text: string): number[] {
  const [, data] = /\x1bP0;0;q([^\x1b]*)\x1b\\/.exec(text)!;
  return [...decodeSixel(Buffer.from(data!)).data32].map((point) => point & 0xffffff);
}

describeKernel('ipykernel', ({ python }) => {
  test("an image by kitty's protocol, on rows that are kept for it", async () => {
    await using user = await userWith(['ipykernel'], {
      TERM: 'xterm-kitty',
      KITTY_WINDOW_ID: '1',
      KERNELKIT_IMAGES: 'auto',
    });
    const answers = [[QUESTION, '\x1b[6;20;10t\x1b[?62c']] as const;
    const { status, screen } = await onTerminal(python!, user, ['exec', '-k', 'python3', IMAGE], answers);
    expect(status).toBe(0);
    const found = /^((?:\r\n)+)\x1b\[2A\x1b7\x1b_Ga=T,q=2,f=100,C=1,m=0;([^\x1b]*)\x1b\\\x1b8\x1b\[2B$/.exec(
      screen.replace(/\x1b\[16t\x1b\[c/, ''),
    );
    expect(found?.[1]).toBe('\r\n\r\n');
    expect(pointsOf(PNG.sync.read(Buffer.from(found![2]!, 'base64')).data)).toEqual(POINTS);
  });

  test('an image by sixel where the terminal says so; what is typed next is read', async () => {
    await using user = await userWith(['ipykernel'], { KERNELKIT_IMAGES: 'auto' });
    const answers = [
      [QUESTION, 'Ada\x1b[6;20;10t\x1b[?62;4;22c'],
      ['name\\? ', ' L.\r'],
    ] as const;
    const source = `${IMAGE}print('hello', input('name? '))`;
    const { status, screen } = await onTerminal(python!, user, ['exec', '-k', 'python3', source], answers);
    expect(status).toBe(0);
    expect(sixelPoints(screen)).toEqual(POINTS);
    // typed before the answer, it was for whoever reads next
    expect(screen).toContain('hello Ada L.');
  });

  test('where the terminal takes none: the size, and what saves it; what is long is folded and kept', async () => {
    await using user = await userWith(['ipykernel'], { TERM: 'linux', KERNELKIT_IMAGES: 'auto' });
    const source = `${IMAGE}\ndisplay({'text/plain': '\\n'.join(map(str, range(1000)))}, raw=True)`;
    const { status, screen } = await onTerminal(python!, user, ['exec', '--no-color', '-k', 'python3', source]);
    expect(status).toBe(0);
    expect(screen).toMatch(/^\[image\/png 40×30, \d+ B; --save-images DIR saves it\]\r\n0\r\n1\r\n/);
    const [, path] = /249\r\n… 750 more lines: all of it is in (\S+); --full shows all\r\n$/.exec(screen)!;
    expect((await readFile(path!, 'utf8')).split('\n')).toHaveLength(1001);
  });

  test('in a pipe: text, and images in files, whatever terminal there is', async () => {
    await using user = await userWith(['ipykernel'], { TERM: 'xterm-kitty', KERNELKIT_IMAGES: 'kitty' });
    const args = ['exec', '-k', 'python3', '--save-images', 'figures', IMAGE];
    const first = await kernelkit(args, { env: user.env });
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toMatch(/^\[image\/png 40×30, \d+ B: saved as figures\/output-1\.png\]\n$/);
    expect((await kernelkit([...args, '--images', 'sixel'], { env: user.env })).stdout).toMatch(
      /^\x1bP0;0;q[^\x1b]*\x1b\\\n\[image\/png 40×30, \d+ B: saved as figures\/output-1-2\.png\]\n$/,
    );
    expect((await readdir(user.dir.join('home/figures'))).sort()).toEqual(['output-1-2.png', 'output-1.png']);
    const saved = await readFile(user.dir.join('home/figures/output-1.png'));
    expect(pointsOf(PNG.sync.read(saved).data)).toEqual(POINTS);
  });

  test('run --show: images are named for their cells', async () => {
    await using user = await userWith(['ipykernel']);
    await user.dir.write('home/a.ipynb', notebookOf(['x = 1', IMAGE]));
    const args = ['run', 'a.ipynb', '-k', 'python3', '--show', '--save-images', '.', '--prefer', 'html', '--quiet'];
    const { status, stdout } = await kernelkit(args, { env: user.env });
    expect([status, stdout.replace(/\d+ B/, 'n B')]).toEqual([
      0,
      '[image/png 40×30, n B: saved as a-cell-2-output-1.png]\n',
    ]);
  });

  test.each([
    [['exec', '--images', 'vt52', '1']],
    [['exec', '--json', '--save-images', 'x', '1']],
    [['run', 'a.ipynb', '--save-images', 'x']],
  ])('wrong usage: %j', async (args) => {
    await using user = await userWith([]);
    expect(await kernelkit(args, { env: user.env })).toMatchObject({ status: 2 });
    expect(await readdir(user.home)).not.toContain('x');
  });

  test('a directory that cannot be made is told before the kernel starts', async () => {
    await using user = await userWith(['ipykernel']);
    const args = ['exec', '-k', 'python3', '--save-images', '/dev/null/x', 'print(1)'];
    expect(await kernelkit(args, { env: user.env })).toMatchObject({ status: 9, stdout: '' });
  });
});

describeTool('tmux', () => {
  describeKernel('ipykernel', () => {
    test('console: what exec shows, by the same chooser', async () => {
      await using user = await userWith(['ipykernel']);
      await using terminal = await TestTerminal.open(user, [
        'console',
        '-k',
        'python3',
        '--images',
        'none',
        '--save-images',
        'f',
      ]);
      await terminal.until(/In \[1\]/);
      await terminal.paste(IMAGE.trim());
      await terminal.press('M-Enter');
      await terminal.until(/\[image\/png 40×30, \d+ B: saved as f\/cell-1-output-1\.png\]/);
      await terminal.until(/In \[2\]/);
      await terminal.enter('display({"text/html": "<table><tr><td>10<td>b<tr><td>2<td>c</table>"}, raw=True)');
      await terminal.until(/^10 {2}b\n 2 {2}c$/m);
      await terminal.press('C-d');
      expect(await terminal.ended()).toBe(0);
      expect(await readdir(user.dir.join('home/f'))).toEqual(['cell-1-output-1.png']);
    });
  });
});
