import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Kernel } from '@kernelkit/core';
import { describe, expect, test } from 'vitest';
import { Interrupts } from '../src/console/interrupts.js';
import { Keyboard } from '../src/console/keyboard.js';
import type { Stroke } from '../src/console/strokes.js';

test('what is typed soon after Escape is no Alt-key', async () => {
  const input = Object.assign(new PassThrough(), { setRawMode: () => {} });
  using keyboard = new Keyboard(input as unknown as ReadStream, new PassThrough() as unknown as WriteStream);
  const strokes: Stroke[] = [];
  const escaped = new Promise<string>((resolve) => {
    keyboard.read((stroke) => {
      strokes.push(stroke);
      resolve('escape');
    });
  });
  input.write('\x1b');
  // both timers are of one clock: a busy machine does not change which of them is first
  expect(await Promise.race([escaped, delay(300, 'nothing')])).toBe('escape');
  input.write('x\x1bf');
  await expect.poll(() => strokes).toHaveLength(3);
  expect(strokes).toEqual([
    { kind: 'key', name: 'escape' },
    { kind: 'text', text: 'x' },
    { kind: 'key', name: 'alt-f' },
  ]);
});

describe('Ctrl-C', () => {
  test('a kernel that takes no interrupt says so once, and not that its code does not heed it', async () => {
    const lines: string[] = [];
    const refused = Object.assign(new Error('it cannot be interrupted'), { kind: 'interrupt-unsupported' });
    const kernel = { interrupt: () => Promise.reject(refused) } as unknown as Kernel;
    const interrupts = new Interrupts(kernel, false, (line) => lines.push(line));
    interrupts.begun();
    for (let at = 0; at < 4; at++) {
      interrupts.interrupt();
      await Promise.resolve();
    }
    await expect.poll(() => lines).toHaveLength(1);
    expect(lines[0]).toMatch(/it cannot be interrupted.*Ctrl-\\/);
    expect(interrupts.sent).toBe(false);
  });

  test('code that was interrupted is told from code that did not run', () => {
    const kernel = { interrupt: () => Promise.resolve() } as unknown as Kernel;
    const interrupts = new Interrupts(kernel, false, () => {});
    expect(interrupts.sent).toBe(false);
    // before the code runs there is nothing to interrupt
    interrupts.interrupt();
    expect(interrupts.sent).toBe(false);
    interrupts.begun();
    expect(interrupts.sent).toBe(true);
  });
});
