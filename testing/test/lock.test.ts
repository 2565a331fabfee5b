import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { completeLock, type Lock, missingOptionals } from '../../scripts/lib/lock.mjs';

describe('the lock file', () => {
  test('names the binaries of every platform, or npm ci would refuse it (cure: node scripts/complete-lock.mjs)', () => {
    const lock: Lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));
    expect(missingOptionals(lock)).toEqual([]);
  });

  test('completing adds the missing platforms, in order, and nothing else', () => {
    const tool = {
      version: '2.0.0',
      dev: true,
      optionalDependencies: { '@t/linux-x64-musl': '2.0.0', '@t/darwin-arm64': '2.0.0', '@t/linux-x64': '2.0.0' },
    };
    const have = { version: '2.0.0', cpu: ['x64'], os: ['linux'], libc: ['glibc'], optional: true };
    const lock: Lock = { packages: { '': {}, 'node_modules/@t/linux-x64': have, 'node_modules/tool': tool } };
    expect(completeLock(lock)).toEqual(['@t/linux-x64-musl@2.0.0', '@t/darwin-arm64@2.0.0']);
    expect(Object.entries(lock.packages)).toEqual([
      ['', {}],
      ['node_modules/@t/darwin-arm64', { version: '2.0.0', cpu: ['arm64'], dev: true, optional: true, os: ['darwin'] }],
      ['node_modules/@t/linux-x64', have],
      [
        'node_modules/@t/linux-x64-musl',
        { version: '2.0.0', cpu: ['x64'], dev: true, libc: ['musl'], optional: true, os: ['linux'] },
      ],
      ['node_modules/tool', tool],
    ]);
    expect(completeLock(lock)).toEqual([]);
  });

  test('a package whose name tells no platform is an error, not a guess', () => {
    const lock: Lock = { packages: { 'node_modules/tool': { optionalDependencies: { fsevents: '2.3.3' } } } };
    expect(() => completeLock(lock)).toThrow('fsevents does not tell its platform');
  });
});
