import { beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../../../testing/support/index.js';
import { widthOf } from '../src/width.js';
import { onTerminal } from './on-terminal.js';
import { addSpec, ensureBuilt, faultySpec, notebookOf, userWith } from './support.js';

beforeAll(ensureBuilt);

describeKernel('ipykernel', ({ python }) => {
  test('a table in colour that is not wider than the terminal, plain with NO_COLOR and --no-color', async () => {
    await using user = await userWith(['ipykernel']);
    await addSpec(user, 'mine', { ...faultySpec(), display_name: 'A kernel with quite a long name, for a table' });
    const { status, screen } = await onTerminal(python!, user, ['list']);
    expect(status).toBe(0);
    expect(screen).toContain('\x1b[36mmine\x1b[39m');
    const lines = screen.replace(/\x1b\[\d+m/g, '').split('\r\n');
    // of the place the end is kept, which says most
    expect(lines.find((line) => line.startsWith('  mine '))).toMatch(/A kernel with .*… +….*kernels\/mine$/);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(80);
    expect((await onTerminal(python!, user, ['list', '--no-color'])).screen).not.toContain('\x1b');
    expect((await onTerminal(python!, user, ['--no-color', 'list'])).screen).not.toContain('\x1b');
    await using quiet = await userWith(['ipykernel'], { NO_COLOR: '1' });
    expect((await onTerminal(python!, quiet, ['list'])).screen).not.toContain('\x1b');
  });

  test('what the code asks is asked at the terminal; a password is not shown', async () => {
    await using user = await userWith(['ipykernel']);
    const source =
      'import getpass; n = input("name? "); p = getpass.getpass("secret? "); q = getpass.getpass(""); print("hello", n, len(p), len(q))';
    const answers = [
      ['name\\? ', 'Ada\r'],
      ['secret\\? ', 'hunter22\r'],
      ['Password: ', 'hunter333\r'],
    ] as const;
    const { status, screen } = await onTerminal(python!, user, ['exec', '-k', 'python3', source], answers);
    expect(status).toBe(0);
    expect(screen).toContain('hello Ada 8 9');
    expect(screen).not.toContain('hunter');
  });

  test.each([
    ['Ctrl-C', '\x03', 130],
    ['Ctrl-D', '\x04', 1],
  ])('%s at a question ends it: status %#', async (_, key, status) => {
    await using user = await userWith(['ipykernel']);
    const ended = await onTerminal(python!, user, ['exec', '-k', 'python3', 'input("name? ")'], [['name\\? ', key]]);
    expect(ended).toMatchObject({ status });
  });

  test('Ctrl-C while the code runs', async () => {
    await using user = await userWith(['ipykernel']);
    const source = 'import time; print("ready", flush=True); time.sleep(600)';
    const { status, screen } = await onTerminal(python!, user, ['exec', '-k', 'python3', source], [['ready', '\x03']]);
    expect(status).toBe(130);
    expect(screen).toContain('KeyboardInterrupt');
  });

  test('serve shows an address that opens with the token, whatever is in it', async () => {
    await using user = await userWith([]);
    const token = 'a b+c&d/é#';
    const args = ['serve', '--port', '0', '--token', token];
    const { status, screen } = await onTerminal(python!, user, args, [['Ctrl-C', '\x03']]);
    expect(status).toBe(130);
    const shown = /http:\S+token=.*/.exec(screen)?.[0] ?? '';
    expect(new URL(shown).searchParams.get('token')).toBe(token);
  });

  test('run --show: a cell is told to be done when what it shows is out', async () => {
    await using user = await userWith(['ipykernel']);
    const show = 'from IPython.display import Markdown\nMarkdown("*there*")';
    await user.dir.write('home/a.ipynb', notebookOf([show, 'print("next")']));
    const { status, screen } = await onTerminal(python!, user, ['run', 'a.ipynb', '-k', 'python3', '--show']);
    expect(status).toBe(0);
    expect(screen.replace(/\x1b\[\d*m/g, '')).toMatch(/there\s+1\/2 {2}cell 1 {2}ok.*\s+next\s+2\/2 {2}cell 2 {2}ok/);
  });

  test('run: a live line that goes, and none with --quiet', async () => {
    await using user = await userWith(['ipykernel']);
    await user.dir.write('home/a.ipynb', notebookOf(['import time', 'time.sleep(0.3)', `x = "${'long '.repeat(40)}"`]));
    const { status, screen } = await onTerminal(python!, user, ['run', 'a.ipynb', '-k', 'python3']);
    expect(status).toBe(0);
    const drawn = [...screen.matchAll(/ {2}(\d)\/3 {2}\d+ ms {2}([^\r\x1b]*)\r\x1b\[2K/g)];
    expect(new Set(drawn.map(([, number]) => number))).toEqual(new Set(['1', '2', '3']));
    for (const [line] of drawn) expect(line.indexOf('\r')).toBeLessThan(80);
    // The last that is drawn is taken away before the summary.
    expect(screen).toMatch(/\r\x1b\[2Ka\.ipynb: executed 3 cells in [^\r\n]*\r\n$/);
    const quiet = await onTerminal(python!, user, ['run', 'a.ipynb', '-k', 'python3', '--quiet']);
    expect(quiet).toEqual({ status: 0, screen: '' });
  });
});
