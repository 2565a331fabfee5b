import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { isRunning, lookAt, parsePs, parseStat, startTimeOf } from '../../src/process/start-time.js';

const after = 'S 1 77 77 0 -1 4194560 1 0 0 0 3 4 0 0 20 0 1 0 1153506 3133440 411 184467440737';

describe('what /proc/PID/stat says', () => {
  it.each([
    ['a plain name', `12 (cat) ${after}`],
    ['blanks', `12 (Web Content) ${after}`],
    ['parentheses', `12 (a) R 9 9 (b)) ${after}`],
    ['a line end', `12 (a\nb) ${after}\n`],
    ['no name', `12 () ${after}`],
  ])('%s', (_, text) => {
    expect(parseStat(text)).toEqual({ state: 'S', parent: 1, group: 77, startTime: '1153506' });
  });

  it.each(['', '12', '12 (cat', '12 (cat) ', '12 (cat) S 1 77', `12 (cat) ${after.replace('1153506', 'x')}`])(
    'nothing: %j',
    (text) => expect(parseStat(text)).toBeNull(),
  );
});

describe('what ps says', () => {
  it.each([
    ['Ss    77 Wed Nov 25 17:05:25 2026\n', { state: 'S', group: 77, startTime: 'Wed Nov 25 17:05:25 2026' }],
    ['Z+  1 Sun Nov  1 07:05:25 2026', { state: 'Z', group: 1, startTime: 'Sun Nov 1 07:05:25 2026' }],
    ['', null],
    ['S 77', null],
  ])('%j', (text, expected) => expect(parsePs(text)).toEqual(expected));
});

describe('a process', () => {
  it('is known by its pid and the time of its start', () => {
    const start = startTimeOf(process.pid);
    expect(start).not.toBeNull();
    expect(isRunning(process.pid, start)).toBe(true);
    expect(isRunning(process.pid, `${start}0`)).toBe(false);
    expect(isRunning(process.pid, null)).toBe(true);
  });

  it('that has ended does not run, also while nobody has reaped it', async () => {
    const child = spawn('/bin/true');
    const { startTime } = lookAt(child.pid!)!;
    // This thread, which would reap it, does not turn; the process becomes a zombie.
    while (isRunning(child.pid!, startTime));
    expect(startTimeOf(child.pid!)).toBe(startTime);
    await once(child, 'exit');
    expect(startTimeOf(child.pid!)).toBeNull();
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 40])('%d is none', (pid) => {
    expect(startTimeOf(pid)).toBeNull();
    expect(isRunning(pid, '1')).toBe(false);
  });
});
