import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { conda, interpreterBytes, type PythonOptions, python, venv } from '../../../../testing/environments/index.js';
import { isScript, versionInBinary } from '../../src/environments/binary.js';
import { inspect } from '../../src/environments/index.js';
import { Parsers } from '../../src/environments/parsers.js';
import { Memory, whereOf } from '../../src/environments/where.js';
import { NodeFiles } from '../../src/files/index.js';
import { memoryMachine } from './support.js';

type Machine = ReturnType<typeof memoryMachine>;

/** The version of what `lay` laid out in a directory of `~/.pyenv/versions`, or wherever it says. */
function versionAfter(lay: (machine: Machine, prefix: string) => string | undefined, name = 'x'): string | null {
  const machine = memoryMachine('linux');
  const prefix = `${machine.home}/.pyenv/versions/${name}`;
  const at = lay(machine, prefix) ?? prefix;
  const where = whereOf({ platform: 'linux', env: {}, home: machine.home, cwd: machine.workspace });
  const look = { files: machine.files, where, memory: new Memory(), parsers: new Parsers(), projects: [] };
  const place = { locator: 'given', path: at, how: 'prefix', nearness: 'user' } as const;
  return inspect({ prefix: at, place }, look)!.version;
}

/** Each rung alone: the ones above it say nothing. */
const bare: PythonOptions = { header: false, bytes: null };
const details = (fields: object) => JSON.stringify({ schema_version: '1.0', ...fields });

describe('the ladder of versions', () => {
  test('conda’s record, over everything else', () => {
    expect(
      versionAfter(({ ground }, prefix) => {
        conda(ground, prefix, { version: '3.11.4' });
        python(ground, `${prefix}/other`, '3.11.9');
        ground.target.file(`${prefix}/include/python3.11/patchlevel.h`, '#define PY_VERSION "3.11.0"');
        return undefined;
      }),
    ).toBe('3.11.4');
  });

  test.each([
    ['3.12.1', '3.12.1'],
    ['3.13.0rc2', '3.13.0rc2'],
    ['pypy3.10-7.3.12', '3.10'],
    ['3.14-dev', '3.14'],
    // what numbers itself, and not the Python that it is
    ['graalpy-22.3.0', '3.8'],
    ['micropython-1.20.0', '3.8'],
  ])('the directory’s name %s', (name, version) => {
    const minor = /^\d\.\d+/.exec(version)![0];
    const library = name.startsWith('pypy') ? 'pypy3.10' : `python${minor}`;
    expect(
      versionAfter(({ ground }, prefix) => void python(ground, prefix, `${minor}.0`, { ...bare, library }), name),
    ).toBe(version);
  });

  test('a header of another minor version is not the interpreter’s', () => {
    const lay = ({ ground }: Machine, prefix: string) => {
      python(ground, prefix, '3.12.1', bare);
      ground.target.file(`${prefix}/include/python3.9/patchlevel.h`, '#define PY_VERSION "3.9.1"');
      return undefined;
    };
    expect(versionAfter(lay)).toBe('3.12');
  });

  test.each([
    [
      {
        language: { version: '3.14' },
        implementation: { version: { major: 3, minor: 14, micro: 2, releaselevel: 'final', serial: 0 } },
      },
      '3.14.2',
    ],
    [
      {
        language: { version: '3.14' },
        implementation: { version: { major: 3, minor: 14, micro: 0, releaselevel: 'candidate', serial: 1 } },
      },
      '3.14.0rc1',
    ],
    [{ language: { version: '3.14' } }, '3.14'],
    ['{ damaged', '3.14'],
    [null, '3.14'],
  ])('build-details.json %j', (fields, version) => {
    const text = typeof fields === 'string' ? fields : fields === null ? 'null' : details(fields);
    const lay = ({ ground }: Machine, prefix: string) => {
      python(ground, prefix, '3.14.0', bare);
      ground.target.file(`${prefix}/lib/python3.14/build-details.json`, text);
      return undefined;
    };
    expect(versionAfter(lay)).toBe(version);
  });

  test('a build without the lock keeps its files under another name', () => {
    const library = 'python3.13t';
    expect(versionAfter(({ ground }, prefix) => void python(ground, prefix, '3.13.5', { bytes: null, library }))).toBe(
      '3.13.5',
    );
  });

  test('patchlevel.h', () => {
    expect(versionAfter(({ ground }, prefix) => void python(ground, prefix, '3.8.10', { bytes: null }))).toBe('3.8.10');
    expect(versionAfter(({ ground }, prefix) => void python(ground, prefix, '3.12.0a3+', { bytes: null }))).toBe(
      '3.12.0a3',
    );
  });

  test('the interpreter’s bytes, or its library’s', () => {
    expect(versionAfter(({ ground }, prefix) => void python(ground, prefix, '3.11.2', { header: false }))).toBe(
      '3.11.2',
    );
    const lay = ({ ground }: Machine, prefix: string) => {
      python(ground, prefix, '3.11.2', bare);
      ground.target.file(`${prefix}/lib/libpython3.11.so.1.0`, interpreterBytes('3.11.7'));
      return undefined;
    };
    expect(versionAfter(lay)).toBe('3.11.7');
  });

  test('nothing but the library’s directory: the minor version', () => {
    expect(versionAfter(({ ground }, prefix) => void python(ground, prefix, '3.11.2', bare))).toBe('3.11');
  });
});

describe('a virtual environment', () => {
  const laid = (base: string | null, cfg: string) => (machine: Machine, prefix: string) => {
    const { ground, home } = machine;
    const at = `${home}/envs/x`;
    if (base !== null) python(ground, prefix, base);
    venv(ground, at, { base: prefix, version: cfg });
    return at;
  };

  test('the base’s version of now, not that of when it was made', () => {
    expect(versionAfter(laid('3.11.9', '3.11.4'))).toBe('3.11.9');
  });

  test('its own file’s, where the base is gone, is another minor version, or does not say', () => {
    expect(versionAfter(laid(null, '3.11.4'))).toBe('3.11.4');
    expect(versionAfter(laid('3.12.1', '3.11.4'))).toBe('3.11.4');
    const silent = (machine: Machine, prefix: string) => {
      python(machine.ground, prefix, '3.11.9', bare);
      return laid(null, '3.11.4')(machine, prefix);
    };
    expect(versionAfter(silent)).toBe('3.11.4');
  });
});

describe('versionInBinary', () => {
  const scan = (text: string, minor: string | null) => {
    const { files } = memoryMachine('linux');
    files.file('/f', Buffer.from(text, 'latin1'));
    return versionInBinary(files, '/f', minor);
  };

  test.each([
    ['x\x003.11.2\0', '3.11', '3.11.2'],
    ['x\x003.11.2+\0', '3.11', '3.11.2'],
    ['x\x003.13.0rc1\0', '3.13', '3.13.0rc1'],
    ['3.11.2\0', '3.11', '3.11.2'],
    // the tail of another number, text that goes on, another minor version
    ['x13.11.2\0', '3.11', null],
    ['1.3.11.2\0', '3.11', null],
    ['3.11.2 (main)\0', '3.11', null],
    ['3.11.2', '3.11', null],
    ['3.110.2\0', '3.11', null],
    ['3.0.2\x003.45.1\0', '3.11', null],
    // without the minor version, only what the interpreter calls its library
    ['3.0.2\x003.45.1\0', null, null],
    ['lib/python3.11\x003.45.1\x003.11.2\0', null, '3.11.2'],
    ['python3.11', null, null],
    ['', '3.11', null],
  ])('%j with minor version %s', (text, minor, version) => {
    expect(scan(text, minor)).toBe(version);
  });

  test.runIf(existsSync('/usr/bin/python3.11'))('this machine’s own Python', () => {
    expect(versionInBinary(new NodeFiles(), '/usr/bin/python3.11', '3.11')).toMatch(/^3\.11\.\d+$/);
  });

  test('a script is told from a program', () => {
    const { files } = memoryMachine('linux');
    files.file('/s', '#!/bin/sh\n');
    files.file('/p', interpreterBytes('3.11.4'));
    files.file('/e', '');
    files.fifo('/f');
    expect(['/s', '/p', '/e', '/f', '/none', join('/')].map((path) => isScript(files, path))).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
