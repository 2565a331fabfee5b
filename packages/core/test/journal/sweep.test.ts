import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJournal, recordKernel, sweep } from '../../src/journal/index.js';
import { startTimeOf } from '../../src/process/index.js';
import { membersOf, startOwner, until, watchdogsOf } from '../process/owner.js';
import { faultyEntry } from '../support.js';
import { bystander, entry, GONE, place, record } from './support.js';

const alive = (pid: number): boolean => membersOf(pid).length > 0;

describe('what an owner left that was killed together with its watchdog', () => {
  it('is ended and removed by the next command, deaf kernels too, whichever of several comes first', async () => {
    await using there = await place();
    const { directory } = there.options;
    const entries = [faultyEntry({ child: true }), faultyEntry({ deaf: true, child: true })];
    await using owner = await startOwner('wait', entries, { XDG_RUNTIME_DIR: there.runtime });
    expect((await readJournal(there.options)).entries.map(({ state }) => state)).toEqual(['owned', 'owned']);
    expect(await sweep(there.options)).toEqual({ ended: [], removed: [], problems: [] });
    for (const { pid } of owner.kernels) expect(alive(pid)).toBe(true);

    const watchdogs = watchdogsOf(owner.pid);
    expect(watchdogs).toHaveLength(1);
    process.kill(watchdogs[0]!, 'SIGKILL');
    await until(() => watchdogsOf(owner.pid).length === 0);
    process.kill(owner.pid, 'SIGKILL');
    await owner.ended;
    const begin = performance.now();
    const results = await Promise.all([1, 2].map(() => sweep({ directory, temporary: owner.tmp })));
    process.stdout.write(`two kernels, one deaf, swept in ${Math.round(performance.now() - begin)} ms\n`);
    for (const { pid, runDir } of owner.kernels) {
      expect(alive(pid)).toBe(false);
      expect(existsSync(runDir)).toBe(false);
    }
    expect(existsSync(directory)).toBe(false);
    expect(results.flatMap(({ problems }) => problems)).toEqual([]);
    const removed = results.flatMap(({ removed }) => removed.map(({ pid }) => pid));
    expect(removed.sort()).toEqual(owner.kernels.map(({ pid }) => pid).sort());
  });

  it('but its watchdog lives: it removes the entry, too', async () => {
    await using there = await place();
    const { directory } = there.options;
    await using owner = await startOwner('wait', [faultyEntry()], { XDG_RUNTIME_DIR: there.runtime });
    process.kill(owner.pid, 'SIGKILL');
    await owner.ended;
    await until(() => !alive(owner.kernels[0]!.pid) && watchdogsOf(owner.pid).length === 0);
    expect(existsSync(directory)).toBe(false);
  });
});

describe('a sweep', () => {
  it('touches no process that only has the pid: the entry goes, and the run directory', async () => {
    await using there = await place();
    await using process = await bystander();
    const runDir = await there.runDir('kernelkit-a');
    await there.put('kernel-a.json', entry({ pid: process.pid, startTime: '1', runDir }));
    const { ended, removed, problems } = await sweep(there.options);
    expect([ended, removed.length, problems]).toEqual([[], 1, []]);
    expect(alive(process.pid)).toBe(true);
    expect(existsSync(runDir)).toBe(false);
  });

  it('ends no process that leads no group', async () => {
    await using there = await place();
    await using shell = await bystander('sleep 1000 & echo $!; wait');
    const child = membersOf(shell.pid).find((pid) => pid !== shell.pid)!;
    const runDir = await there.runDir('kernelkit-a');
    await there.put('kernel-a.json', entry({ pid: child, runDir }));
    const { ended, removed, problems } = await sweep(there.options);
    expect([ended, removed]).toEqual([[], []]);
    expect(problems).toMatchObject([
      { kind: 'left-alone', message: expect.stringContaining('leads no process group') },
    ]);
    expect(membersOf(shell.pid)).toContain(child);
    expect(existsSync(runDir)).toBe(true);
  });

  it("leaves a living owner's kernels to it, also one that has ended", async () => {
    await using there = await place();
    await using kernel = await bystander();
    const runDirs = [await there.runDir('kernelkit-a'), await there.runDir('kernelkit-b')];
    const records = [
      await recordKernel(record({ pid: kernel.pid, runDir: runDirs[0]! }), there.options),
      await recordKernel(record({ ...GONE, id: 'b', runDir: runDirs[1]! }), there.options),
    ];
    expect(await sweep(there.options)).toEqual({ ended: [], removed: [], problems: [] });
    expect(alive(kernel.pid)).toBe(true);
    for (const path of [...runDirs, ...records.map(({ file }) => file)]) expect(existsSync(path)).toBe(true);
    for (const written of records) await written.remove();
  });

  it('knows that no process outlives a restart of the machine', async () => {
    await using there = await place();
    await using process = await bystander();
    const runDir = await there.runDir('kernelkit-a');
    await there.put('kernel-a.json', entry({ pid: process.pid, bootId: 'another', runDir }));
    const { ended, removed } = await sweep(there.options);
    expect([ended.length, removed.length]).toEqual([0, 1]);
    expect(alive(process.pid)).toBe(true);
    expect(existsSync(runDir)).toBe(false);
  });

  it('leaves alone what it cannot see: another container, another machine, a newer version', async () => {
    await using there = await place();
    const runDir = await there.runDir('kernelkit-a');
    await there.put('kernel-a.json', entry({ ...GONE, pidNamespace: 'pid:[1]', runDir }));
    await there.put('kernel-b.json', entry({ ...GONE, id: 'b', host: 'another', bootId: 'another', runDir }));
    await there.put('kernel-c.json', { ...entry({ ...GONE, id: 'c', runDir }), version: 7 });
    // Dead as its own kernel may be, its directory is theirs, too.
    await there.put('kernel-d.json', entry({ ...GONE, id: 'd', runDir }));
    const { ended, removed, problems } = await sweep(there.options);
    expect([ended, removed.map(({ id }) => id)]).toEqual([[], ['d']]);
    expect(problems).toMatchObject([{ kind: 'unknown-version' }]);
    expect((await readdir(there.options.directory)).sort()).toEqual([
      'kernel-a.json',
      'kernel-b.json',
      'kernel-c.json',
    ]);
    expect(existsSync(runDir)).toBe(true);
  });

  it('removes no directory but a run directory', async () => {
    await using there = await place();
    const { temporary } = there.options;
    const home = await there.dir.dir('home/kernelkit-mine');
    await symlink(home, join(temporary, 'kernelkit-link'));
    await symlink(there.dir.join('home'), join(temporary, 'linked'));
    await mkdir(join(temporary, 'deep/kernelkit-x'), { recursive: true });
    await writeFile(join(temporary, 'kernelkit-file'), '');
    const wrong = [
      home,
      join(temporary, 'kernelkit-link'),
      join(temporary, 'linked/kernelkit-mine'),
      join(temporary, 'deep/kernelkit-x'),
      join(temporary, 'kernelkit-file'),
      temporary,
      '/',
    ];
    for (const [at, runDir] of wrong.entries()) {
      await there.put(`kernel-${at}.json`, entry({ ...GONE, id: String(at), runDir }));
    }
    const { removed, problems } = await sweep(there.options);
    // There is nobody left to whom the entries could be of use.
    expect(removed).toHaveLength(wrong.length);
    expect(problems.map(({ kind }) => kind)).toEqual(wrong.map(() => 'not-removed'));
    for (const path of wrong) expect(existsSync(path), path).toBe(true);
  });

  it('removes what a writer left that was killed, and not what one is writing', async () => {
    await using there = await place();
    const old = await there.put('.kernel-7-0.tmp', '{');
    const fresh = await there.put('.kernel-8-0.tmp', '{');
    const hourAgo = Date.now() / 1000 - 3600;
    await utimes(old, hourAgo, hourAgo);
    expect(await sweep(there.options)).toEqual({ ended: [], removed: [], problems: [] });
    expect([existsSync(old), existsSync(fresh)]).toEqual([false, true]);
  });

  it('ends nobody and removes nothing, whatever the entries say that are none', async () => {
    await using there = await place();
    await using stranger = await bystander();
    const usual = entry({ pid: stranger.pid });
    const kept = await there.dir.dir('home/x');
    const wrong = fc.oneof(
      fc.record({ pid: fc.constantFrom(0, 1, -1, -stranger.pid, process.pid, String(stranger.pid), 1e300, null) }),
      fc.record({ startTime: fc.oneof(fc.integer(), fc.constantFrom('0', `${usual.startTime}0`, '', null)) }),
      fc.record({ id: fc.constantFrom('../a', '..', 'a/../a', '', 7), runDir: fc.constant(kept) }),
      fc.record({
        owner: fc.oneof(fc.jsonValue(), fc.record({ pid: fc.constantFrom('7', 0, -1), startTime: fc.string() })),
      }),
      fc.record({ version: fc.constantFrom(0, 2, '1', null) }),
      fc.record({ host: fc.string(), runDir: fc.constant(kept) }),
    );
    await fc.assert(
      fc.asyncProperty(wrong, async (changes) => {
        await there.put('kernel-a.json', { ...usual, runDir: kept, ...changes });
        await sweep(there.options);
        expect(alive(stranger.pid)).toBe(true);
        expect(existsSync(kept)).toBe(true);
        await mkdir(there.options.directory, { mode: 0o700, recursive: true });
      }),
      { numRuns: 200 },
    );
    // And it does end what is right.
    const ended = once(stranger, 'exit');
    await there.put('kernel-a.json', { ...usual, startTime: startTimeOf(stranger.pid) });
    expect((await sweep(there.options)).ended).toHaveLength(1);
    expect(await ended).toEqual([null, 'SIGTERM']);
  });
});
