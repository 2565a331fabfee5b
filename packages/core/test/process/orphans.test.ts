import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeKernel, tempDir } from '../../../../testing/support/index.js';
import type { CatalogEntry } from '../../src/index.js';
import { faultyEntry, realEntry } from '../support.js';
import { membersOf, naming, spawnOwner, startOwner, until, watchdogsOf } from './owner.js';

const PROMISED_MS = 2000;

/** Kills an owner by SIGKILL; says how long its kernels, then everything else of it, were still there. */
async function afterKill(entries: readonly CatalogEntry[]) {
  await using owner = await startOwner('wait', entries);
  const groups = owner.kernels.map(({ pid }) => pid);
  for (const pid of groups) expect(membersOf(pid).length).toBeGreaterThan(0);
  const watchdogs = watchdogsOf(owner.pid);
  process.kill(owner.pid, 'SIGKILL');
  await owner.ended;
  const kernels = await until(() => groups.every((pid) => membersOf(pid).length === 0));
  // R, when it is ended by a signal, leaves a directory of its own there.
  const ours = (): string[] => readdirSync(owner.tmp).filter((name) => name.startsWith('kernelkit'));
  const rest = await until(() => ours().length === 0 && watchdogsOf(owner.pid).length === 0);
  const report = `${entries.map(({ name }) => name).join(', ')}: kernels gone after ${kernels} ms, the rest ${rest} ms later`;
  process.stdout.write(`${report}\n`);
  return { kernels, rest, watchdogs: watchdogs.length, report };
}

describe('an owner that is killed by SIGKILL leaves no kernel, run directory or watchdog', () => {
  describeKernel(['ipykernel', 'ipykernel6', 'xpython', 'ir', 'deno', 'jvm'], ({ name }) => {
    it('a real kernel', async () => {
      const { kernels, rest, watchdogs, report } = await afterKill([realEntry(name)]);
      expect(kernels, report).not.toBeNull();
      // The promise holds for a machine that has time; a loaded one is given more.
      expect(kernels, report).toBeLessThan(PROMISED_MS * 5);
      expect(rest, report).not.toBeNull();
      expect(watchdogs).toBe(1);
    });
  });

  it('several kernels, one of them deaf to every request and signal but SIGKILL, and with children', async () => {
    const entries = [faultyEntry({ deaf: true, child: true }), faultyEntry({ child: true }), faultyEntry()];
    const { kernels, rest, watchdogs, report } = await afterKill(entries);
    expect(kernels, report).not.toBeNull();
    expect(kernels, report).toBeGreaterThan(500);
    expect(rest, report).not.toBeNull();
    expect(watchdogs).toBe(1);
  });
});

describe('an owner that is killed while its kernel starts', () => {
  it.each(['plain', "with blanks and 'quotes' $(x)"])(
    'leaves none, in a directory that is called so: %s',
    async (name) => {
      await using temporary = await tempDir();
      const tmp = await temporary.dir(name);
      const owner = spawnOwner('wait', [faultyEntry({ silent: true, deaf: true })], { TMPDIR: tmp });
      // The journal is begun after the watchdog has been told: in the moment before nobody could end the kernel.
      const isTold = () => readdirSync(tmp).some((entry) => entry.startsWith('kernelkit.'));
      expect(await until(() => naming(tmp).length > 0 && watchdogsOf(owner.pid).length > 0 && isTold())).not.toBeNull();
      // beside it there may be the journal by now
      expect(readdirSync(tmp).filter((entry) => entry.startsWith('kernelkit-'))).toHaveLength(1);
      const ended = once(owner, 'exit');
      owner.kill('SIGKILL');
      await ended;
      // an entry of the journal that was being written is left to a sweep
      const left = () => readdirSync(tmp).filter((entry) => entry.startsWith('kernelkit-'));
      expect(await until(() => naming(tmp).length === 0 && left().length === 0)).not.toBeNull();
      expect(await until(() => watchdogsOf(owner.pid).length === 0)).not.toBeNull();
    },
  );
});

describe('an owner that closes its kernels', () => {
  it('has no watchdog any more, and is not kept from ending by it', async () => {
    await using owner = await startOwner('close', [faultyEntry(), faultyEntry()]);
    expect(await owner.ended).toEqual({ code: 0, signal: null });
    expect(await until(() => watchdogsOf(owner.pid).length === 0)).not.toBeNull();
    for (const { runDir } of owner.kernels) expect(existsSync(runDir)).toBe(false);
  });
});
