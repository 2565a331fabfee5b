import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ActionLog } from '../soak/log.js';
import { trendOf } from '../soak/memory.js';
import { Random } from '../soak/random.js';
import { faults } from '../soak/report.js';
import { leftovers, type Sample, takeSample } from '../soak/samples.js';
import { type KernelName, kernel, tempDir } from '../support/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
// One for each way to be interrupted: by a signal, by a message, not at all.
const KERNELS: readonly KernelName[] = ['ipykernel', 'deno', 'xpython-raw'];
const SEED = 5;

test.skipIf(process.platform !== 'linux')(
  `a short soak, seed ${SEED}: every action comes out right, and nothing is left`,
  async () => {
    const names = KERNELS.filter((name) => kernel(name).available).join(',');
    const args = ['--no-set-up', '--minutes', '0.3', '--seed', `${SEED}`, '--kernels', names, '--concurrency', '3'];
    const soak = promisify(execFile)(process.execPath, ['scripts/soak.mjs', ...args], { cwd: root });
    // its output says what was violated, and how to do it again
    const { stdout } = await soak.catch((error: { stdout: string; stderr: string }) => {
      throw new Error(`${error.stdout}\n${error.stderr}`);
    });
    expect(stdout).toContain(`seed ${SEED}`);
    for (const what of ['descriptors', 'processes', 'run directories.*', 'the journal.*'])
      expect(stdout).toMatch(new RegExp(`^${what} .*\\+0$`, 'm'));
    expect(stdout).toContain('everything is as it was');
  },
  600_000,
);

describe('what a soak notices', () => {
  const nothing: Sample = {
    ...{ at: 0, descriptors: new Map([['socket', 2]]), processes: [], files: [], foreign: 0 },
    ...{ rss: 100, heap: 15, external: 3 },
  };
  const during = (grow: (minute: number) => Partial<Sample>): Sample[] =>
    Array.from({ length: 100 }, (_, i) => ({ ...nothing, at: i * 6000, ...grow(i / 10) }));
  const found = (more: Partial<Parameters<typeof faults>[0]>) =>
    faults({ log: new ActionLog(), before: nothing, after: nothing, during: during(() => ({})), minutes: 10, ...more });

  test('nothing where nothing is left and memory is flat, however it wavers', () => {
    expect(found({})).toEqual([]);
    expect(found({ during: during((minute) => ({ rss: 100 + 20 * Math.sin(40 * minute) })) })).toEqual([]);
  });

  test('descriptors, processes and files that are left', () => {
    const after: Sample = {
      ...nothing,
      descriptors: new Map([
        ['socket', 3],
        ['pipe', 1],
      ]),
      processes: [{ pid: 7, parent: 1, argv: ['sleep', '9'] }],
      files: ['kernelkit-x'],
    };
    const left = ['1 descriptors of socket', '1 descriptors of pipe', 'process 7: sleep 9', 'file kernelkit-x'];
    expect(leftovers(nothing, after)).toEqual(left);
    expect(found({ after, minutes: 0.5 })).toEqual(left.map((what) => `left over: ${what}`));
  });

  test('memory that grows, or is kept; not in a few seconds', () => {
    const growing = during((minute) => ({ heap: 15 + 2 * minute }));
    expect(trendOf(growing, 'heap')?.perMinute).toBeCloseTo(2);
    expect(found({ during: growing })).toEqual([expect.stringContaining('memory grows: heap')]);
    expect(found({ during: growing, minutes: 0.5 })).toEqual([]);
    expect(found({ after: { ...nothing, heap: 30 } })).toEqual([expect.stringContaining('memory is kept')]);
  });

  test.skipIf(process.platform !== 'linux')('its own descriptors, and what lies in its directory', async () => {
    await using dir = await tempDir();
    const mark = { marker: 'KERNELKIT_SOAK=no such soak', root: dir.path };
    const before = await takeSample(mark);
    await dir.write('kernelkit-x/kernel-1.json', '{}');
    await dir.write('Rtmp1/file', '');
    const handle = await open(dir.join('Rtmp1', 'file'));
    try {
      const after = await takeSample(mark);
      expect(leftovers(before, after)).toEqual([
        `1 descriptors of ${dir.join('Rtmp1', 'file')}`,
        'file kernelkit-x',
        'file kernelkit-x/kernel-1.json',
      ]);
      expect(after.foreign).toBe(1);
    } finally {
      await handle.close();
    }
  });

  test('a seed takes the same decisions', () => {
    const decisions = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 50 }, () => random.weighted({ a: 1, b: 2, c: 3 })).join('');
    };
    expect(decisions(1)).toBe(decisions(1));
    expect(decisions(1)).not.toBe(decisions(2));
    expect(new Set(decisions(1))).toEqual(new Set('abc'));
  });
});
