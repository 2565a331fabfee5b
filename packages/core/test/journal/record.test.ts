import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { JournalError, readJournal, recordKernel } from '../../src/journal/index.js';
import { startTimeOf } from '../../src/process/index.js';
import { bystander, entry, place, record } from './support.js';

const writer = fileURLToPath(new URL('writer.mjs', import.meta.url));

describe('the entry of a kernel', () => {
  it('says what the kernel is, where it runs, and whose it is', async () => {
    await using there = await place();
    await using kernel = await bystander();
    const told = record({ ...kernel, pid: kernel.pid, id: 'my.kernel-1', runDir: '/tmp/kernelkit-x' });
    const written = await recordKernel(told, there.options);
    expect(written.file).toBe(join(there.options.directory, 'kernel-my.kernel-1.json'));
    const { entries, problems } = await readJournal(there.options);
    expect(problems).toEqual([]);
    expect(entries).toEqual([
      {
        ...record({ pid: kernel.pid, id: 'my.kernel-1', runDir: '/tmp/kernelkit-x' }),
        version: 1,
        host: expect.any(String),
        bootId: expect.stringMatching(/^[\da-f-]{36}$/),
        pidNamespace: expect.stringMatching(/^pid:/),
        owner: { pid: process.pid, startTime: startTimeOf(process.pid) },
        state: 'owned',
        file: written.file,
      },
    ]);
    await kernel[Symbol.asyncDispose]();
    expect((await readJournal(there.options)).entries).toMatchObject([{ state: 'ended' }]);
    await written.remove();
    expect((await readJournal(there.options)).entries).toEqual([]);
  });

  it('of the kernel that has taken its place is not removed with it', async () => {
    await using there = await place();
    await using first = await bystander();
    await using second = await bystander();
    const one = await recordKernel(record({ pid: first.pid }), there.options);
    const two = await recordKernel(record({ pid: second.pid }), there.options);
    await one.remove();
    expect((await readJournal(there.options)).entries).toMatchObject([{ pid: second.pid }]);
    await two.remove();
  });

  it.each([{ id: '../a' }, { id: '' }, { runDir: 'relative' }, { cwd: 'relative' }])(
    'is refused where it would be none: %j',
    async (wrong) => {
      await using there = await place();
      await using kernel = await bystander();
      const error = await recordKernel(record({ pid: kernel.pid, ...wrong }), there.options).catch((error) => error);
      expect(error).toBeInstanceOf(JournalError);
      expect(error).toMatchObject({ kind: 'journal-entry' });
      expect(await readdir(there.options.directory)).toEqual([]);
    },
  );
});

describe('reading', () => {
  it('takes what is broken for a problem, and the rest all the same', async () => {
    await using there = await place();
    await using kernel = await bystander();
    await there.put('kernel-good.json', entry({ pid: kernel.pid, id: 'good' }));
    await there.put('kernel-torn.json', '{"version": 1, "id"');
    await there.put('kernel-empty.json', '');
    await there.put('kernel-large.json', 'x'.repeat(100_000));
    await there.put('kernel-newer.json', { ...entry({ pid: kernel.pid, id: 'newer' }), version: 2 });
    await there.put('kernel-other.json', entry({ pid: kernel.pid, id: 'not-other' }));
    await there.put('gateway.json', 'not of the journal');
    await there.dir.dir('run/kernelkit/kernel-dir.json');
    const { entries, problems } = await readJournal(there.options);
    expect(entries.map(({ id, state }) => [id, state])).toEqual([['good', 'orphaned']]);
    const kinds = problems.map(({ file, kind }) => [file.slice(there.options.directory.length + 1), kind]);
    expect(kinds).toEqual([
      ['kernel-dir.json', 'unreadable'],
      ['kernel-empty.json', 'not-an-entry'],
      ['kernel-large.json', 'unreadable'],
      ['kernel-newer.json', 'unknown-version'],
      ['kernel-other.json', 'not-an-entry'],
      ['kernel-torn.json', 'not-an-entry'],
    ]);
  });
});

describe('several processes', () => {
  it('write and remove at once: nothing is torn, nothing is lost, nothing is left', async () => {
    await using there = await place();
    const rounds = 40;
    const writers = ['a', 'b', 'c', 'd'].map((name) =>
      spawn(process.execPath, [writer, there.options.directory, name, String(rounds)], {
        stdio: ['ignore', 'inherit', 'inherit'],
      }),
    );
    let running = writers.length;
    const ended = async (child: ChildProcess): Promise<number> => {
      const [code] = await once(child, 'exit');
      running--;
      return code;
    };
    const codes = Promise.all(writers.map(ended));
    let reads = 0;
    for (; running > 0; reads++) {
      const { entries, problems } = await readJournal(there.options);
      expect(problems).toEqual([]);
      for (const { owner, displayName } of entries) expect(displayName).toBe(`of ${owner.pid}`);
    }
    // Each of them looked itself whether its entry was there, and ended with 1 if it was not.
    expect(await codes).toEqual([0, 0, 0, 0]);
    expect(reads).toBeGreaterThan(0);
    expect(await readdir(there.runtime)).toEqual([]);
  });

  it('that end normally leave no entry, even if they do not remove it', async () => {
    await using there = await place();
    const child = spawn(process.execPath, [writer, there.options.directory, 'a', 'forgets'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [written] = await once(child.stdout, 'data');
    expect(JSON.parse(await readFile(String(written).trim(), 'utf8'))).toMatchObject({ id: 'a' });
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
    // the directory goes with its last entry
    expect(await readdir(there.runtime)).toEqual([]);
  });
});
