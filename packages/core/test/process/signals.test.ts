import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testing/support/index.js';
import { groupRuns } from '../../src/process/group.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const program = fileURLToPath(new URL('../fixtures/owner.mjs', import.meta.url));

/** Starts a program that owns a kernel, lets it end in some way, and says what is left. */
async function afterEnding(how: string, end: (pid: number) => void) {
  await using temporary = await tempDir();
  const env = { ...process.env, TMPDIR: temporary.path };
  const owner = spawn(process.execPath, [program, how], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(owner, 'exit');
  try {
    for await (const line of createInterface({ input: owner.stdout })) {
      const kernel = Number(line);
      expect(await groupRuns(kernel)).toBe(true);
      end(owner.pid!);
      const [code, signal] = await ended;
      // SIGKILL is not instantaneous.
      for (const deadline = Date.now() + 10_000; Date.now() < deadline && (await groupRuns(kernel)); );
      return { code, signal, kernelRuns: await groupRuns(kernel), left: readdirSync(temporary.path) };
    }
    throw new Error('the program ended before its kernel was ready');
  } finally {
    owner.kill('SIGKILL');
  }
}

describe('a program that ends without closing its kernel leaves neither process nor file', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s, which it does not handle, still ends it', async (signal) => {
    const after = await afterEnding('wait', (pid) => process.kill(pid, signal));
    expect(after).toEqual({ code: null, signal, kernelRuns: false, left: [] });
  });

  it.each([
    ['exit', 7],
    ['throw', 1],
  ])('%s', async (how, code) => {
    expect(await afterEnding(how, () => {})).toEqual({ code, signal: null, kernelRuns: false, left: [] });
  });

  it.each([
    ['handle', 5],
    ['once', 6],
  ])('a signal that it handles is its own affair: %s', async (how, code) => {
    const after = await afterEnding(how, (pid) => process.kill(pid, 'SIGTERM'));
    expect(after).toEqual({ code, signal: null, kernelRuns: false, left: [] });
  });
});
