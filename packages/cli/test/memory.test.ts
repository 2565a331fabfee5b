import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('fixtures/small.mjs', import.meta.url));

test('a gateway makes little room for young objects, a thread started or not', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  // V8 goes to 32 by itself
  expect(Number(stdout)).toBeGreaterThan(0);
  expect(Number(stdout)).toBeLessThanOrEqual(8);
});
