import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tracebackText } from '../src/display.js';
import { InterruptedError, UsageError } from '../src/errors.js';
import { nbformatOutput } from '../src/outputs.js';
import { takesColour } from '../src/paint.js';
import { duration } from '../src/progress.js';
import { errorDocument, quoted } from '../src/report.js';
import { statusOf, worse } from '../src/status.js';
import { table } from '../src/table.js';
import { version } from '../src/version.js';
import { shortened, widthOf } from '../src/width.js';

describe('exit status', () => {
  test.each([
    ['code-error', 1],
    ['cell-error', 1],
    ['input-not-allowed', 1],
    ['usage', 2],
    ['unknown-language', 2],
    ['kernel-not-found', 3],
    ['kernel-ambiguous', 3],
    ['not-startable', 4],
    ['spawn-failed', 4],
    ['process-exited', 4],
    ['start-timeout', 4],
    ['protocol-violated', 4],
    ['module-shadowed', 4],
    ['kernel-died', 5],
    ['channels-gone', 5],
    ['kernel-removed', 5],
    ['server-unauthorized', 7],
    ['server-unreachable', 7],
    ['server-spawning', 7],
    ['websocket-failed', 7],
    ['servers-file', 8],
    ['timeout', 6],
    ['cell-timeout', 6],
    ['not-json', 8],
    ['not-a-notebook', 8],
    ['unsupported-version', 8],
    ['invalid', 8],
    ['input-unreadable', 8],
    ['output-unwritable', 9],
    ['something-new', 70],
  ])('%s is %i', (kind, status) => {
    expect(statusOf(Object.assign(new Error('x'), { kind }))).toBe(status);
  });

  test('signals, defects, and what is no error at all', () => {
    expect(statusOf(new InterruptedError('SIGINT'))).toBe(130);
    expect(statusOf(new InterruptedError('SIGTERM'))).toBe(143);
    expect(statusOf(new InterruptedError('SIGHUP'))).toBe(129);
    expect([new TypeError('x'), 'text', null, undefined].map(statusOf)).toEqual([70, 70, 70, 70]);
    expect(worse(statusOf(new UsageError('x')), 0)).toBe(2);
  });

  test("the advice is for whoever uses the command, where core's is for programs", () => {
    const { fix } = errorDocument(
      Object.assign(new Error('x'), { kind: 'input-not-allowed', fix: 'pass onInput to execute()' }),
    );
    expect(fix).toMatch(/at a terminal/);
    expect(errorDocument(Object.assign(new Error('x'), { kind: 'some-kind', fix: 'restart it' })).fix).toBe(
      'restart it',
    );
  });

  test('a defect names itself in JSON', () => {
    expect(errorDocument(new TypeError('x is not a function'))).toEqual({
      kind: 'defect',
      message: 'x is not a function',
      fix: null,
    });
  });
});

test("the version is package.json's", () => {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(version).toBe(manifest.version);
});

describe('quoting for a shell', () => {
  test('a shell gives every word back', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
        const out = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(quoted).join(' ')}`], { encoding: 'utf8' });
        expect(out).toBe(words.map((one) => `${one}\0`).join(''));
      }),
      { numRuns: 40 },
    );
  });
});

describe('width', () => {
  test.each([
    ['abc', 3],
    ['日本', 4],
    ['é', 1],
    ['🚀', 2],
    ['\x1b', 0],
    ['', 0],
  ])('%j takes %i columns', (text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });

  test('what is fitted fits, and is kept when it fits already', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (text, columns) => {
        const cut = shortened(text, columns);
        expect(widthOf(cut)).toBeLessThanOrEqual(columns);
        if (widthOf(text) <= columns) expect(cut).toBe(text);
        else expect(cut.endsWith('…') && text.startsWith(cut.slice(0, -1))).toBe(true);
      }),
    );
  });

  test('columns of a table begin at the same place, whatever is in them', () => {
    const rows = ['a', '日本', 'long name'].map((text) => [{ text }, { text: '|' }]);
    const at = table(rows, null)
      .trimEnd()
      .split('\n')
      .map((line) => widthOf(line.slice(0, line.indexOf('|'))));
    expect(at).toEqual([11, 11, 11]);
  });
});

describe('colour', () => {
  test.each([
    [true, true, {}, true],
    [false, true, {}, false],
    [true, false, {}, false],
    [true, true, { NO_COLOR: '1' }, false],
    [true, true, { NO_COLOR: '' }, true],
    [true, true, { TERM: 'dumb' }, false],
  ])('terminal %j, wanted %j, %j: %j', (terminal, wanted, env, expected) => {
    expect(takesColour(terminal, wanted, env)).toBe(expected);
  });
});

describe('tracebacks', () => {
  test('an error without a traceback still says what it is', () => {
    expect(tracebackText({ ename: 'E', evalue: 'v', traceback: [] }, false)).toBe('E: v\n');
    expect(tracebackText({ ename: 'E', evalue: '', traceback: [] }, false)).toBe('E\n');
  });

  test("JSON outputs are nbformat's: no transient, an update is a display that says so", () => {
    const display = { data: { 'text/plain': 'a' }, metadata: {}, transient: { display_id: 'd' } };
    expect(nbformatOutput({ output_type: 'update_display_data', ...display })).toEqual({
      output_type: 'display_data',
      data: { 'text/plain': 'a' },
      metadata: { kernelkit: { display_id: 'd', update: true } },
    });
    expect(nbformatOutput({ output_type: 'clear_output', wait: false })).toBeNull();
  });
});

test('durations', () => {
  expect([0.4, 999, 1500, 61_000].map(duration)).toEqual(['0 ms', '999 ms', '1.5 s', '1 min 1 s']);
});
