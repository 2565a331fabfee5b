import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it, test } from 'vitest';
import { tempDir } from '../../../../testing/support/index.js';
import { planKernel, startPlan } from '../../src/index.js';
import { faultyEntry } from '../support.js';

/** The permission bits, as `chmod` takes them. */
const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

it.each(['ipc', 'tcp'] as const)(
  'nobody else can reach a kernel or read its key, whatever the umask (%s)',
  async (transport) => {
    const usual = process.umask(0);
    const keys = new Set<string>();
    try {
      for (let i = 0; i < 2; i++) {
        const { kernel, host } = await startPlan(planKernel(faultyEntry(), { transport }));
        const { connectionFile, connection } = host.launched;
        const directory = dirname(connectionFile);
        try {
          expect([mode(directory), mode(connectionFile)]).toEqual(['700', '600']);
          const written = JSON.parse(readFileSync(connectionFile, 'utf8')) as typeof connection;
          expect(written.key).toMatch(/^[0-9a-f]{64}$/);
          expect(written).toMatchObject({ transport, signature_scheme: 'hmac-sha256' });
          if (transport === 'ipc') expect(dirname(written.ip)).toBe(directory);
          else expect(written.ip).toBe('127.0.0.1');
          keys.add(written.key);
        } finally {
          await kernel.close();
        }
        expect(existsSync(directory)).toBe(false);
      }
    } finally {
      process.umask(usual);
    }
    expect(keys.size).toBe(2);
  },
);

test('a place for temporary files that is none is said, and what to do', async () => {
  await using temporary = await tempDir();
  const plan = { ...(await planKernel(faultyEntry())), runBase: `${temporary.path}/missing` };
  await expect(startPlan(plan)).rejects.toMatchObject({
    kind: 'run-dir',
    message: expect.stringContaining(`${temporary.path}/missing`),
    fix: expect.stringContaining('TMPDIR'),
  });
});
