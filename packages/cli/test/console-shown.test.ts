import type { WriteStream } from 'node:tty';
import type { Kernel } from '@kernelkit/core';
import { expect, test, vi } from 'vitest';
import { Others } from '../src/console/others.js';
import { CellOutputs } from '../src/console/outputs.js';
import { Prompts } from '../src/console/prompts.js';
import { readableText } from '../src/console/rich-text.js';
import { waitingFor } from '../src/console/starting.js';
import { Surface } from '../src/console/surface.js';
import { Display } from '../src/display.js';
import { painter } from '../src/paint.js';
import type { Screen } from '../src/screen.js';

/** A surface, and what was written to it. */
function page(): { surface: Surface; text: () => string } {
  let text = '';
  const screen = {
    write: (more: string) => {
      text += more;
      return Promise.resolve();
    },
  };
  const surface = new Surface(screen as unknown as Screen, { columns: 80, rows: 24 } as WriteStream);
  return { surface, text: () => text };
}

const broken = {
  text: () => Promise.reject(new Error('figures/output-1.png cannot be written: ENOSPC')),
} as unknown as Display;

test('an output that cannot be shown or saved ends no session', async () => {
  const { surface, text } = page();
  const outputs = new CellOutputs(surface, false, { display: broken, place: () => 'cell-1' }, () => 'Out[1]: ');
  const data = { 'image/png': '', 'text/plain': '<Figure \x1b[1msize\x1b[0m>' };
  await outputs.take({ output_type: 'display_data', data, metadata: {} });
  await outputs.take({ output_type: 'stream', name: 'stdout', text: 'goes on\n' });
  const told = '[this output could not be shown: figures/output-1.png cannot be written: ENOSPC]';
  expect(text()).toBe(`<Figure size>\n${told}\ngoes on\n`);
});

test("an image by kitty's protocol goes with clear_output, and when its display is updated", async () => {
  const picture = '\n\n\x1b[2A\x1b7\x1b_Ga=T,q=2,C=1;AAAA\x1b\\\x1b8\x1b[2B';
  const display = { text: () => Promise.resolve(picture) } as unknown as Display;
  const { surface, text } = page();
  const outputs = new CellOutputs(surface, false, { display, place: () => '' }, () => '');
  const undraw = '\x1b_Ga=d,d=C,q=2\x1b\\';
  const image = { data: {}, metadata: {}, transient: { display_id: 'a' } };
  await outputs.take({ output_type: 'stream', name: 'stdout', text: 'step 1\n' });
  await outputs.take({ output_type: 'clear_output', wait: false });
  // no more is said than is of use
  expect(text()).not.toContain(undraw);
  await outputs.take({ output_type: 'display_data', ...image });
  await outputs.take({ output_type: 'update_display_data', ...image });
  const rows = `\x1b[2A\r${undraw}\x1b[B${undraw}\x1b[B${undraw}\x1b[2A\x1b[J`;
  expect(text().endsWith(`${picture}${rows}${picture}`)).toBe(true);
  await outputs.take({ output_type: 'clear_output', wait: true });
  await outputs.take({ output_type: 'stream', name: 'stdout', text: 'step 2\n' });
  expect(text().endsWith(`${picture}${rows}step 2\n`)).toBe(true);
});

/** Others on a page, and what the kernel tells of them. */
function others(): { others: Others; text: () => string; tell: (name: string, event: unknown) => void } {
  const { surface, text } = page();
  const listeners: Record<string, (event: unknown) => void> = {};
  const kernel = {
    status: 'idle',
    on: (name: string, listener: (event: unknown) => void) => {
      listeners[name] = listener;
      return () => {};
    },
  } as unknown as Kernel;
  const display = new Display({
    ...{ colour: false, columns: () => 80, prefer: null, full: false, saver: null },
    canvas: () => Promise.resolve(null),
  });
  const prompts = new Prompts(false);
  return {
    ...{ others: new Others(kernel, surface, prompts, false, display), text },
    tell: (name, event) => listeners[name]!(event),
  };
}

test("each line of another client's output is marked, the empty ones as well", async () => {
  const { others: them, text, tell } = others();
  using _them = them;
  for (const chunk of ['a\n\nb\r\n', '\n', '10%', '\r20%\n', 'c\n\n\nd\n'])
    tell('lateOutput', { parent: 'theirs', output: { output_type: 'stream', name: 'stdout', text: chunk } });
  await expect.poll(text).toBe('│ a\n│ \n│ b\r\n│ \n│ 10%\r│ 20%\n│ c\n│ \n│ \n│ d\n');
});

test("another client's code is drawn as one's own: in colour, and what is in it is not obeyed", async () => {
  const { others: them, text, tell } = others();
  using _them = them;
  them.highlight = () => (code) => [{ start: 0, end: code.indexOf(' '), style: '35' }];
  tell('iopub', {
    ...{ header: { msg_type: 'execute_input' }, parent_header: { msg_id: 'theirs' } },
    content: { code: `import x\n"\x1b[2J"\n${'y'.repeat(200)}`, execution_count: 3 },
  });
  const code = ['In [3]: \x1b[35mimport\x1b[0m x', '   ...: "^[[2J"', `   ...: ${'y'.repeat(200)}`];
  await expect.poll(text).toBe(code.map((line) => `│ ${line}\n`).join(''));
});

test('a start that takes long says so, and one that does not says nothing', async () => {
  vi.useFakeTimers();
  try {
    const lines: string[] = [];
    const screen = {
      ...{ paintErr: painter(false), liveColumns: 20 },
      live: (line: string) => void lines.push(line),
    } as unknown as Screen;
    expect(await waitingFor(screen, 'starting x', Promise.resolve(1))).toBe(1);
    expect(lines).toEqual(['']);
    const started = waitingFor(
      screen,
      'starting a kernel of a long name',
      new Promise((resolve) => setTimeout(resolve, 2000)),
    );
    await vi.advanceTimersByTimeAsync(1500);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^starting a kernel.{0,2}$/);
    await vi.advanceTimersByTimeAsync(1000);
    await started;
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe('');
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  [{ 'text/plain': 'plain', 'text/html': '<b>html</b>' }, 'plain'],
  [{ 'text/plain': ['in ', 'pieces'] }, 'in pieces'],
  [{ 'text/plain': '', 'text/html': '<h1>Head</h1><p>a &lt; b</p>' }, 'Head\n\na < b'],
  [{ 'text/markdown': '# head' }, '# head'],
  [{ 'text/html': '<iframe src="x"></iframe>' }, null],
  [{}, null],
  [undefined, null],
])('what a kernel wants paged: %j', async (data, text) => {
  expect(await readableText(data)).toBe(text);
});
