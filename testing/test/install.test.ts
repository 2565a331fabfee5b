import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { installDrift, type Locked, whyInstall } from '../../scripts/lib/install.mjs';

const wanted: Record<string, Locked> = {
  '': {},
  'packages/core': { version: '0.1.0' },
  'node_modules/@kernelkit/core': { resolved: 'packages/core', link: true },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/a/node_modules/b': { version: '2.0.0' },
  'node_modules/@bin/linux': { version: '1.0.0', optional: true },
  'node_modules/@bin/win32': { version: '1.0.0', optional: true },
};
const { 'node_modules/@bin/win32': _, ...installed } = wanted;
const { 'node_modules/a': __, ...withoutA } = installed;

describe('what tells that npm ci must run', () => {
  test.each<[string, Record<string, Locked>, string | null]>([
    ['everything is there but the binaries of other platforms', installed, null],
    ['a package is missing', withoutA, 'node_modules/a is not installed'],
    [
      'a nested package is old',
      { ...installed, 'node_modules/a/node_modules/b': { version: '1.9.0' } },
      'b is 1.9.0, wanted is 2.0.0',
    ],
    ['an optional package is old', { ...installed, 'node_modules/@bin/linux': { version: '0.9.0' } }, 'linux is 0.9.0'],
    [
      'a workspace is not linked',
      { ...installed, 'node_modules/@kernelkit/core': { version: '0.1.0' } },
      'wanted is packages/core',
    ],
  ])('%s', (_title, have, expected) => {
    const drift = installDrift(wanted, have);
    if (expected === null) expect(drift).toBeNull();
    else expect(drift).toContain(expected);
  });

  test('the tests run on an install that fits', () => {
    expect(whyInstall()).toBeNull();
    const lock = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).packages;
    expect(installDrift(lock('package-lock.json'), lock('node_modules/.package-lock.json'))).toBeNull();
  });
});
