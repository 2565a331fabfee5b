import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faultyEntry } from '../support.js';
import { membersOf, startOwner, until, watchdogsOf } from './owner.js';

/** Starts a program that owns a kernel, lets it end in some way, and says what is left. */
async function afterEnding(how: string, end: (pid: number) => void) {
  await using owner = await startOwner(how, [faultyEntry({ child: true })]);
  const [kernel] = owner.kernels;
  expect(membersOf(kernel!.pid).length).toBeGreaterThan(1);
  expect(watchdogsOf(owner.pid)).toHaveLength(1);
  end(owner.pid);
  const { code, signal } = await owner.ended;
  // SIGKILL is not instantaneous.
  await until(() => membersOf(kernel!.pid).length === 0 && watchdogsOf(owner.pid).length === 0);
  return {
    code,
    signal,
    left: readdirSync(owner.tmp),
    processes: [...membersOf(kernel!.pid), ...watchdogsOf(owner.pid)],
  };
}

const nothing = { left: [], processes: [] };

describe('a program that ends without closing its kernel leaves neither process nor file', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s, which it does not handle, still ends it', async (signal) => {
    const after = await afterEnding('wait', (pid) => process.kill(pid, signal));
    expect(after).toEqual({ code: null, signal, ...nothing });
  });

  it.each([
    ['exit', 7],
    ['throw', 1],
  ])('%s', async (how, code) => {
    expect(await afterEnding(how, () => {})).toEqual({ code, signal: null, ...nothing });
  });

  it.each([
    ['handle', 5],
    ['once', 6],
  ])('a signal that it handles is its own affair: %s', async (how, code) => {
    const after = await afterEnding(how, (pid) => process.kill(pid, 'SIGTERM'));
    expect(after).toEqual({ code, signal: null, ...nothing });
  });
});
