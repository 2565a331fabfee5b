import { describe, expect, test } from 'vitest';
import { type Catalog, compareEntries, KernelNotFoundError, kernelForNotebook } from '../../src/catalog/index.js';
import { entryWith } from './support.js';

const python3 = entryWith({ name: 'python3', language: 'python' });
const xpython = entryWith({ name: 'xpython', language: 'python' });
const ir = entryWith({ name: 'ir', language: 'R' });
const deno = entryWith({ name: 'deno', language: 'typescript', source: 'runtime', id: 'runtime-1' });
const broken = { startable: false, problem: { kind: 'program-not-found', message: '…', fix: null } };

function of(...kernels: Catalog['kernels']): Catalog {
  return { kernels: kernels.sort(compareEntries), searched: [] };
}

const all = of(python3, xpython, ir, deno);
const kernelspec = (name: unknown, language?: unknown) => ({ kernelspec: { name, language, display_name: 'x' } });

describe('the kernel for a notebook', () => {
  test.each([
    ['its kernelspec', all, kernelspec('xpython', 'python'), 'xpython', 'asks for the kernel xpython'],
    ['names have no case', all, kernelspec('XPython'), 'xpython', 'asks for'],
    ['python is python3', all, kernelspec('python'), 'python3', 'asks for'],
    ['the name decides over the language', all, kernelspec('ir', 'python'), 'ir', 'asks for'],
    ['a runtime has a name too', all, kernelspec('deno'), 'deno', 'asks for'],
    ['then its language', all, kernelspec('my-env', 'python'), 'python3', 'there is no kernel my-env; it is the first'],
    ['languages have no case', all, { language_info: { name: 'r' } }, 'ir', 'the first kernel for r'],
    [
      'kernelspec.language before language_info',
      all,
      { ...kernelspec('x', 'R'), language_info: { name: 'python' } },
      'ir',
      'R',
    ],
    ['else the best', all, {}, 'python3', 'names no kernel; it is the best'],
    [
      'the best too where only an unknown name is given',
      all,
      kernelspec('my-env'),
      'python3',
      'there is no kernel my-env',
    ],
    ['the best startable', of({ ...python3, ...broken }, deno), {}, 'deno', 'best'],
    [
      'metadata of the wrong types says nothing',
      all,
      { kernelspec: [], language_info: { name: 7 } },
      'python3',
      'best',
    ],
    ['a kernelspec of the wrong types neither', all, kernelspec(3, null), 'python3', 'names no kernel'],
    [
      'one that cannot be started gives way to one of its language',
      of({ ...python3, ...broken }, xpython, deno),
      kernelspec('python3'),
      'xpython',
      'python3 cannot be started; it is the first kernel for python',
    ],
    [
      'but to none of another, so that its problem is seen',
      of({ ...python3, ...broken }, deno),
      kernelspec('python3', 'python'),
      'python3',
      'which cannot be started',
    ],
    [
      'the only one of a language, too',
      of({ ...ir, ...broken }, deno),
      kernelspec('x', 'R'),
      'ir',
      'cannot be started',
    ],
    [
      'what is hidden is not taken',
      of({ ...python3, hidden: { reason: 'shadowed', by: 'x' } }, xpython),
      kernelspec('python3', 'python'),
      'xpython',
      'there is no kernel python3',
    ],
  ] as const)('%s', (_, catalog, metadata, name, reason) => {
    const choice = kernelForNotebook(catalog, metadata);
    expect(choice.entry.name).toBe(name);
    expect(choice.reason).toContain(reason);
  });

  test('a language that no kernel speaks is an error that says what there is', () => {
    const choose = () => kernelForNotebook(all, kernelspec('julia-1.11', 'julia'));
    expect(choose).toThrow(KernelNotFoundError);
    expect(choose).toThrow(/No kernel speaks the notebook's language, julia.*python3/);
  });

  test('no kernel at all is one as well', () => {
    const nothing: Catalog = {
      kernels: [],
      searched: [{ path: '/closed', kind: 'kernelspecs', found: 0, error: 'permission denied', ms: 1 }],
    };
    expect(() => kernelForNotebook(nothing, {})).toThrow(/no kernel was found at all.*\/closed: permission denied/);
    expect(() => kernelForNotebook(of({ ...ir, ...broken }), {})).toThrow(KernelNotFoundError);
  });
});
