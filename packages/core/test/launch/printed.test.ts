/** What a log shows of a start that failed, where the program does not catch it. */
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { tempDir } from '../../../../testing/support/index.js';
import { KernelStartError, start } from '../../src/index.js';

test('what is wrong, and no value of any variable', async () => {
  await using dir = await tempDir();
  const spec = { argv: ['/nowhere/python', '{connection_file}'], display_name: 'Lost', language: 'python' };
  const file = await dir.write('lost/kernel.json', JSON.stringify(spec));
  process.env.KERNELKIT_TEST_SECRET = 'of-the-process';
  const error = await start(file, { overrides: { API_KEY: 'of-the-caller' } }).catch((reason: unknown) => reason);
  delete process.env.KERNELKIT_TEST_SECRET;
  if (!(error instanceof KernelStartError)) throw error;
  // as Node prints what nobody catches: it asks no object how
  const printed = inspect(error, { depth: null, customInspect: false });
  expect(printed).toContain('/nowhere/python');
  expect(printed).toContain("kind: 'program-not-found'");
  expect(printed).not.toMatch(/of-the-(caller|process)/);
  expect(printed.split('\n').length).toBeLessThan(30);
  // as data it is all there
  expect(error.plan.environment.KERNELKIT_TEST_SECRET).toBe('of-the-process');
  expect(JSON.parse(JSON.stringify(error.failure)).environment).toContainEqual(
    expect.objectContaining({ name: 'API_KEY', value: 'of-the-caller' }),
  );
});
