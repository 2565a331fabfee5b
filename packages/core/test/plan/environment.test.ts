import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EnvironmentLayer, mergeEnvironment } from '../../src/plan/index.js';

const spec = (variables: Record<string, string | null>): EnvironmentLayer => ({
  kind: 'kernelspec',
  detail: 'kernel.json',
  variables,
  substitute: true,
});
const override = (variables: Record<string, string | null>): EnvironmentLayer => ({
  kind: 'override',
  detail: 'the caller',
  variables,
});

describe('mergeEnvironment', () => {
  it('lays the layers over each other in order, and names every writer', () => {
    const { environment, changes } = mergeEnvironment(
      { PATH: '/bin', HOME: '/home/u', GONE: undefined },
      [spec({ PATH: '/opt:$PATH', X: 'spec' }), override({ X: 'mine', HOME: null })],
      'linux',
    );
    expect(environment).toEqual({ PATH: '/opt:/bin', X: 'mine' });
    expect(changes).toEqual([
      { name: 'HOME', value: null, was: '/home/u', source: { kind: 'override', detail: 'the caller' } },
      { name: 'PATH', value: '/opt:/bin', was: '/bin', source: { kind: 'kernelspec', detail: 'kernel.json' } },
      { name: 'X', value: 'mine', was: null, source: { kind: 'override', detail: 'kernel.json, the caller' } },
    ]);
  });

  it("fills a layer's values from the layers below it, not from the layer itself", () => {
    const { environment } = mergeEnvironment({ A: 'base' }, [spec({ A: 'new', B: '$A' })], 'linux');
    expect(environment).toEqual({ A: 'new', B: 'base' });
  });

  it('does not fill what is not asked for', () => {
    expect(mergeEnvironment({ A: 'x' }, [override({ B: '$A' })], 'linux').environment.B).toBe('$A');
  });

  it('leaves out what ends as it was', () => {
    expect(mergeEnvironment({ A: 'x' }, [spec({ A: 'y' }), override({ A: 'x' })], 'linux').changes).toEqual([]);
  });

  it('compares names without case on Windows only, and keeps the spelling that was there', () => {
    expect(mergeEnvironment({ Path: 'a' }, [spec({ PATH: 'b' })], 'win32').environment).toEqual({ Path: 'b' });
    expect(mergeEnvironment({ Path: 'a' }, [spec({ PATH: 'b' })], 'linux').environment).toEqual({
      Path: 'a',
      PATH: 'b',
    });
  });

  it('finds a variable without case on Windows', () => {
    const base = { Path: 'C:\\Windows' };
    expect(mergeEnvironment(base, [spec({ PATH: 'C:\\k;${PATH}' })], 'win32').environment).toEqual({
      Path: 'C:\\k;C:\\Windows',
    });
  });

  it('reports exactly the difference between what was and what is', () => {
    const names = fc.constantFrom('A', 'B', 'C', 'D');
    const layer = fc.dictionary(names, fc.option(fc.string({ maxLength: 3 }), { nil: null }));
    fc.assert(
      fc.property(
        fc.dictionary(names, fc.string({ maxLength: 3 })),
        fc.array(layer, { maxLength: 4 }),
        (base, layers) => {
          const { environment, changes } = mergeEnvironment(base, layers.map(override), 'linux');
          const rebuilt: Record<string, string> = { ...base };
          for (const { name, value, was } of changes) {
            expect(was).toBe(base[name] ?? null);
            if (value === null) delete rebuilt[name];
            else rebuilt[name] = value;
          }
          expect(rebuilt).toEqual(environment);
          expect(changes.map((change) => change.name)).toEqual(changes.map((change) => change.name).sort());
        },
      ),
    );
  });
});
