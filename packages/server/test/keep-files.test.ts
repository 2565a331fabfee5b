/** What lies on the disk of a kept kernel's log: whatever becomes of the files, what is read goes on without a gap. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HubPlaces, LogEntry, OpenRequest, RestoredHub } from '@kernelkit/core';
import { createMessage } from '@kernelkit/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../../../testing/support/index.js';
import { KeepLock } from '../src/keep/lock.js';
import { LogFiles } from '../src/keep/log-files.js';
import { readSegments, SKIPPED } from '../src/keep/read-segments.js';
import { StateFile } from '../src/keep/state-file.js';
import { removeStrays } from '../src/keep/strays.js';

/** The one entry that was appended so far is on the disk: what comes next is another write. */
async function isWritten(directory: string): Promise<void> {
  const entries = async () => (await readSegments(directory)).restored?.log.entries.length;
  await expect.poll(entries, { timeout: 10_000 }).toBe(1);
}

const KEEP = 512 * 1024;
const SEGMENT = KEEP / 8;

/** A hub, as far as its log's files see one. */
class Writer {
  readonly files: LogFiles;
  readonly failures: Error[] = [];
  seq: number;
  places: HubPlaces = { places: new Map(), requests: [], runs: null };

  static async open(directory: string): Promise<Writer> {
    const read = await readSegments(directory);
    const restored = read.restored === null ? null : { ...read.restored, until: read.written! };
    return new Writer(directory, read, restored);
  }

  private constructor(directory: string, read: Awaited<ReturnType<typeof readSegments>>, restored: RestoredHub | null) {
    const failed = (error: Error) => void this.failures.push(error);
    this.files = new LogFiles({ directory, read, restored, keepBytes: KEEP, failed });
    this.seq = restored?.log.last ?? 0;
    this.files.begin(() => this.places);
  }

  append(to: string | null, size: number): LogEntry {
    this.seq += 1;
    const content = { name: 'stdout', text: `${this.seq} ${'x'.repeat(size)}` } as never;
    const message = createMessage({ channel: 'iopub', type: 'stream', session: 'kernel', content });
    if (this.seq % 3 === 0) message.buffers.push(Buffer.from(`buffer ${this.seq}`));
    const entry = { seq: this.seq, to, message, bytes: 512 + size };
    this.files.append(entry);
    return entry;
  }
}

const plain = ({ seq, to, bytes, message }: LogEntry) => {
  const { contentBytes: _, buffers, ...rest } = message;
  return { seq, to, bytes, message: { ...rest, buffers: buffers.map((each) => Buffer.from(each).toString()) } };
};

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.nat(40), size: fc.nat(6000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), bytes: fc.nat(20_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('garbage' as const), bytes: fc.nat(200) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('damage' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
);

describe('the segments of a log', () => {
  test('written, rotated, cut, damaged: what is read is a run of what was written, in order and whole; all of it where nothing was done to it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        await using directory = await tempDir();
        let writer = await Writer.open(directory.path);
        let written: LogEntry[] = [];
        let isWhole = true;
        const reopen = async (cut = 0): Promise<void> => {
          const { restored, segments } = await readSegments(directory.path);
          const entries = restored?.log.entries ?? [];
          const last = entries.at(-1)?.seq;
          const end = last === undefined ? 0 : written.findIndex(({ seq }) => seq === last) + 1;
          const run = written.slice(end - entries.length, end);
          expect(entries.map(plain)).toEqual(run.map(plain));
          if (isWhole) expect(end).toBe(written.length);
          // a record has more bytes than that, and none is lost beyond those that were cut off
          if (cut >= 0) expect(written.length - end).toBeLessThanOrEqual(cut / 200 + 1);
          const lost = written.slice(0, end - entries.length);
          const tally = restored?.log.gone.toAll.messages ?? 0;
          // of what is gone for all it is known how much; what was cut off at an end before is in nobody's count
          if (isWhole) expect(tally).toBe(lost.filter(({ to }) => to === null).length);
          expect(segments.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(KEEP + 2 * SEGMENT + 20 * 8000);
          written = written.slice(0, end);
          writer = await Writer.open(directory.path);
          // no number is given twice, whatever a client has seen
          if (restored !== null) expect(writer.seq).toBe(restored.log.last);
        };
        for (const each of steps) {
          if (each.do === 'append') {
            for (let n = 0; n < each.count; n++) written.push(writer.append(n % 5 === 0 ? 's' : null, each.size));
            continue;
          }
          await writer.files.close();
          const names = (await readdir(directory.path)).sort();
          const path = join(directory.path, names.at(-1)!);
          const { size } = await stat(path);
          if (each.do === 'cut') await truncate(path, Math.max(0, size - each.bytes));
          if (each.do === 'garbage') await appendFile(path, Buffer.alloc(each.bytes, 7));
          if (each.do === 'damage') {
            const data = await readFile(path);
            const at = Math.floor(each.at * (size - 1));
            data[at] = data[at]! ^ 0xff;
            await writeFile(path, data);
          }
          if (each.do === 'cut' || each.do === 'damage') isWhole = false;
          await reopen(each.do === 'cut' ? each.bytes : each.do === 'damage' ? -1 : 0);
        }
        await writer.files.close();
        await reopen();
        await writer.files.close();
        expect(writer.failures).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test('where clients stood, and what was asked and is not answered, goes on over segments', async () => {
    await using directory = await tempDir();
    const writer = await Writer.open(directory.path);
    const asked = (name: string): OpenRequest => {
      const { header } = createMessage({
        channel: 'shell',
        type: 'execute_request',
        session: 'one',
        content: {} as never,
        id: name,
      });
      return { session: 'one', channel: 'shell', header, id: name };
    };
    const [done, open] = [asked('done'), asked('open')];
    writer.places = { places: new Map([['one', 1]]), requests: [done, open], runs: { seq: 1, parent: 'open' } };
    for (const each of [done, open]) writer.files.asked(each);
    writer.append(null, 10);
    await isWritten(directory.path);
    writer.seq += 1;
    const message = createMessage({
      channel: 'shell',
      type: 'execute_reply',
      session: 'k',
      content: {} as never,
      parent: done.header,
    });
    writer.files.append({ seq: writer.seq, to: 'one', message, bytes: 600 });
    writer.places = {
      places: new Map([
        ['one', 2],
        ['two', 1],
      ]),
      requests: [open],
      runs: { seq: 1, parent: 'open' },
    };
    for (let n = 0; n < 40; n++) writer.append(null, 5000);
    await writer.files.close();
    expect((await readdir(directory.path)).length).toBeGreaterThan(2);
    const { restored } = await readSegments(directory.path);
    expect(restored!.requests).toEqual([open]);
    expect([...restored!.places]).toEqual([
      ['one', 2],
      ['two', 1],
    ]);
    expect(restored!.runs).toEqual({ seq: 1, parent: 'open' });
    expect(restored!.log.last).toBe(42 + SKIPPED);
    expect(restored!.isCut).toBe(false);
  });

  test('an answer to a session with an endless name ends no log', async () => {
    await using directory = await tempDir();
    const writer = await Writer.open(directory.path);
    for (const to of ['one', 'x'.repeat(70_000), 'two']) writer.append(to, 10);
    await writer.files.close();
    expect(writer.failures).toEqual([]);
    const { restored } = await readSegments(directory.path);
    expect(restored!.log.entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  test('a disk that is far too slow: the newest is kept, and what was skipped is counted', async () => {
    await using directory = await tempDir();
    const writer = await Writer.open(directory.path);
    const first = writer.append(null, 10);
    await isWritten(directory.path);
    // all of it in one go, more than may wait
    const written = [first, ...Array.from({ length: 90 }, () => writer.append(null, 1024 ** 2))];
    await writer.files.close();
    const { restored } = await readSegments(directory.path);
    const entries = restored!.log.entries;
    expect(entries.map(({ seq }) => seq)).toEqual(written.slice(-entries.length).map(({ seq }) => seq));
    expect(restored!.log.gone.toAll.messages).toBe(written.length - entries.length);
    expect(entries.length).toBeLessThan(written.length);
    expect(writer.failures).toEqual([]);
  });

  test('a directory that cannot be written is told, and what comes then is not kept', async () => {
    await using directory = await tempDir();
    const writer = await Writer.open(directory.join('not-there'));
    writer.append(null, 10);
    await writer.files.close();
    expect(writer.failures).toMatchObject([{ kind: 'keep-files' }]);
    expect((await readSegments(directory.path)).restored).toBeNull();
  });
});

test('one gateway at a time: of many at once one gets the directory, also where a dead one had it', async () => {
  await using directory = await tempDir();
  const dead = { pid: 2 ** 22 + 1, startTime: '1', host: 'nowhere', bootId: null, pidNamespace: null };
  const { thisMachine } = await import('@kernelkit/core');
  await writeFile(directory.join('lock'), JSON.stringify({ ...dead, ...thisMachine() }));
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => KeepLock.take(directory.path)));
  const got = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  expect(got).toHaveLength(1);
  const refused = tries.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  expect(new Set(refused.map(({ kind }) => kind))).toEqual(new Set(['keep-taken']));
  expect(refused[0].message).toContain(`process ${process.pid}`);
  await got[0]!.release();
  expect(await readdir(directory.path)).toEqual([]);
  // of another machine nothing is known
  await writeFile(directory.join('lock'), JSON.stringify(dead));
  await expect(KeepLock.take(directory.path)).rejects.toThrow(/on nowhere/);
});

test.skipIf(process.platform !== 'linux')('what a gateway left that was killed in the middle of a start', async () => {
  await using directory = await tempDir();
  const [mine, stray] = [await directory.dir('kernelkit-mine'), await directory.dir('kernelkit-stray')];
  const started = [mine, stray].map((runDir) =>
    spawn('/bin/sh', ['-c', 'sleep 60; :', 'sh', `${runDir}/kernel-x.json`], { detached: true, stdio: 'ignore' }),
  );
  const [kept, left] = started.map((child) => once(child, 'exit'));
  await removeStrays(directory.path, new Set([mine, undefined]));
  expect(await left).toEqual([null, 'SIGKILL']);
  expect(await readdir(directory.path)).toEqual(['kernelkit-mine']);
  expect(started[0]!.exitCode).toBeNull();
  process.kill(-started[0]!.pid!, 'SIGKILL');
  await kept;
});

test('a small file is whole at any time; many writes at once are few, and the last one counts', async () => {
  await using directory = await tempDir();
  const path = directory.join('state.json');
  const file = new StateFile(path);
  let value = 0;
  const writes = Array.from({ length: 50 }, () => {
    value += 1;
    return file.write(() => ({ value }));
  });
  await writes[0];
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ value: 50 });
  await Promise.all(writes);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory.path)).toEqual(['state.json']);
});
