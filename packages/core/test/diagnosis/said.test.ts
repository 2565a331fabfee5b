import { describe, expect, test } from 'vitest';
import { binaryFormat, foreignTo } from '../../src/diagnosis/binary-format.js';
import { diagnoseDeath, diagnoseStart } from '../../src/diagnosis/diagnose.js';
import type { Evidence } from '../../src/diagnosis/evidence.js';
import { isNoexec } from '../../src/diagnosis/probe.js';
import { lastTraceback } from '../../src/diagnosis/python-traceback.js';

// What cannot be made to happen on this machine: what other systems, and packages that are not to be had any more, are known to say.

const nothing = { kind: () => null, isLink: () => false, hasMode: () => false, head: () => null, noexec: () => false };

function evidence(stderr: string, more: Partial<Evidence> = {}): Evidence {
  return {
    platform: 'linux',
    argv: ['/env/bin/python', '-m', 'ipykernel_launcher', '-f', 'k.json'],
    cwd: '/project',
    environment: {},
    prefix: null,
    install: null,
    spawn: null,
    exit: { code: 1, signal: null },
    stderr,
    stdout: '',
    oomKills: 0,
    probe: nothing,
    ...more,
  };
}

const traceback = (file: string, code: string, end: string) =>
  `Traceback (most recent call last):\n  File "${file}", line 3, in <module>\n    ${code}\n${end}\n`;

describe('Python', () => {
  test.each([
    [
      'pywin32 without its DLL',
      traceback(
        'C:\\env\\lib\\site-packages\\jupyter_core\\paths.py',
        'import win32api',
        'ImportError: DLL load failed while importing win32api: The specified module could not be found.',
      ),
      { kind: 'library-failed', module: 'win32api', fix: expect.stringContaining('pywin32') },
    ],
    [
      'a DLL that is missing',
      traceback(
        'C:\\env\\lib\\site-packages\\zmq\\__init__.py',
        'from zmq import backend',
        'ImportError: DLL load failed while importing _zmq: The specified module could not be found.',
      ),
      { kind: 'library-failed', module: '_zmq' },
    ],
    [
      'an old IPython on macOS',
      traceback(
        '/env/lib/python3.8/site-packages/appnope/_nope.py',
        'NSProcessInfo = C(b"NSProcessInfo")',
        "AssertionError: Couldn't find Class NSProcessInfo",
      ),
      { kind: 'import-failed', fix: expect.stringContaining('upgrade ipython') },
    ],
    [
      'an old ipykernel on Windows',
      traceback('C:\\Python38\\lib\\asyncio\\events.py', 'raise NotImplementedError', 'NotImplementedError'),
      { kind: 'import-failed', fix: expect.stringContaining('ipykernel') },
    ],
    [
      'an old traitlets',
      traceback(
        '/env/lib/python3.11/site-packages/traitlets/config/loader.py',
        'self._flags',
        "AttributeError: 'Namespace' object has no attribute '_flags'",
      ),
      { kind: 'import-failed', fix: expect.stringContaining('traitlets>=5.1.1') },
    ],
    [
      'pyzmq of two versions at once',
      traceback(
        '/env/lib/python3.8/site-packages/zmq/backend/cython/__init__.py',
        'from . import (constants, error)',
        "ImportError: cannot import name 'constants' from partially initialized module 'zmq.backend.cython' (most likely due to a circular import) (/env/lib/python3.8/site-packages/zmq/backend/cython/__init__.py)",
      ),
      { kind: 'import-failed', module: 'zmq.backend.cython', fix: expect.stringContaining('force-reinstall pyzmq') },
    ],
    [
      'another architecture on macOS',
      traceback(
        '/env/lib/python3.9/site-packages/zmq/backend/select.py',
        'mod = __import__(name)',
        "ImportError: dlopen(/env/lib/_zmq.so, 0x0002): tried: '/env/lib/_zmq.so' (mach-o file, but is an incompatible architecture (have 'x86_64', need 'arm64'))",
      ),
      { kind: 'library-failed', library: '/env/lib/_zmq.so', fix: expect.stringContaining('architecture') },
    ],
    [
      'a module of the user’s that Python names itself (3.13)',
      traceback(
        '/project/random.py',
        'import numpy',
        "AttributeError: module 'random' has no attribute 'seed' (consider renaming '/project/random.py' since it has the same name as the standard library module named 'random' and prevents importing that standard library module)",
      ),
      { kind: 'module-shadowed', module: 'random', file: '/project/random.py' },
    ],
    [
      'encodings',
      "Fatal Python error: init_fs_encoding: failed to get the Python codec of the filesystem encoding\nModuleNotFoundError: No module named 'encodings'\n",
      { kind: 'environment-gone' },
    ],
  ])('%s', (_what, stderr, cause) => {
    expect(diagnoseStart(evidence(stderr))).toMatchObject(cause);
  });

  test('a traceback is told from what only looks like one', () => {
    expect(lastTraceback('Error: no traceback\n')).toBeNull();
    expect(lastTraceback('')).toBeNull();
    const chained = `${traceback('/a.py', 'x()', 'KeyError: 1')}\nDuring handling of the above exception, another exception occurred:\n\n${traceback('/b.py', 'import c', 'pkg.Error.FooError: two\nlines')}`;
    expect(lastTraceback(chained)).toEqual({
      frames: [{ file: '/b.py', code: 'import c' }],
      type: 'pkg.Error.FooError',
      message: 'two\nlines',
    });
  });

  test('a file of the user’s that has nothing to do with it is not blamed', () => {
    const stderr = traceback('/project/mine.py', 'raise ValueError("no")', 'ValueError: no');
    expect(diagnoseStart(evidence(stderr)).kind).toBe('process-exited');
  });
});

describe('other runtimes and loaders', () => {
  test.each([
    ['Error: Unable to access jarfile /k/kernel.jar', { kind: 'kernel-package-missing', package: '/k/kernel.jar' }],
    ['Error: Could not find or load main class io.github.Kernel', { kind: 'kernel-package-missing' }],
    [
      'java.lang.UnsupportedClassVersionError: io/x/Kernel has been compiled by a more recent version of the Java Runtime',
      { kind: 'import-failed' },
    ],
    [
      'ERROR: LoadError: ArgumentError: Package IJulia not found in current path.',
      { kind: 'kernel-package-missing', package: 'IJulia' },
    ],
    ['error: Module not found "file:///k/mod.ts".', { kind: 'module-missing' }],
    [
      "dyld[1]: Library not loaded: @rpath/libzmq.5.dylib\n  Referenced from: /k\n  Reason: tried: '/usr/lib/libzmq.5.dylib' (no such file)",
      { kind: 'library-failed', library: '@rpath/libzmq.5.dylib' },
    ],
    [
      'Error loading shared library libstdc++.so.6: No such file or directory (needed by /k)',
      { kind: 'library-failed', library: 'libstdc++.so.6' },
    ],
    [
      "/k: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /k)",
      { kind: 'library-failed' },
    ],
    [
      'Error occurred during initialization of VM\nCould not reserve enough space for object heap',
      { kind: 'out-of-memory', certain: true },
    ],
    [
      "Error: unable to load shared object '/r/zmq.so':\n  libzmq.so.5: cannot open shared object file",
      { kind: 'library-failed', library: '/r/zmq.so' },
    ],
    ['listen EADDRINUSE: address already in use 127.0.0.1:5555', { kind: 'address-taken', address: '127.0.0.1:5555' }],
    ["thread 'main' panicked: Os { code: 98, kind: AddrInUse }", { kind: 'address-taken' }],
    [
      "PermissionError: [Errno 13] Permission denied: '/home/me/.ipython'",
      { kind: 'file-denied', path: '/home/me/.ipython' },
    ],
  ])('%s', (stderr, cause) => {
    expect(diagnoseStart(evidence(stderr, { argv: ['/k', 'k.json'] }))).toMatchObject(cause);
  });
});

describe('ends', () => {
  const windows = (code: number) => evidence('', { platform: 'win32', exit: { code, signal: null } });

  test.each([
    [0xc0000005, { kind: 'process-exited', status: 'STATUS_ACCESS_VIOLATION' }],
    [0xc0000005 | 0, { kind: 'process-exited', status: 'STATUS_ACCESS_VIOLATION' }],
    [0xc0000135, { kind: 'library-failed' }],
    [0xc0000017, { kind: 'out-of-memory' }],
    [0xc0001234, { kind: 'process-exited', status: '0xC0001234' }],
    [1, { kind: 'process-exited', status: null }],
  ])('status %i on Windows', (code, cause) => {
    expect(diagnoseStart(windows(code))).toMatchObject(cause);
  });

  test('SIGKILL that the system is known to have sent, and one that it is not', () => {
    const killed = { exit: { code: null, signal: 'SIGKILL' } };
    expect(diagnoseDeath(evidence('', { ...killed, oomKills: 1 }))).toMatchObject({
      kind: 'out-of-memory',
      certain: true,
    });
    expect(diagnoseDeath(evidence('', killed))).toMatchObject({ kind: 'out-of-memory', certain: false });
  });

  test('what a kernel printed at work is not what ended it', () => {
    const stderr = traceback('/project/a.py', 'import numpy', "ModuleNotFoundError: No module named 'numpy'");
    expect(diagnoseDeath(evidence(stderr, { exit: { code: 3, signal: null } })).kind).toBe('process-exited');
  });

  test.each(['ENOMEM', 'EMFILE', 'ENFILE', 'EAGAIN', 'E2BIG', 'EWHATEVER'])('the system refuses it: %s', (code) => {
    const cause = diagnoseStart(
      evidence('', { spawn: { code }, exit: null, probe: { ...nothing, kind: () => 'directory' } }),
    );
    expect(['out-of-memory', 'limit-reached', 'spawn-failed']).toContain(cause.kind);
    expect(cause.kind === 'spawn-failed').toBe(code === 'EWHATEVER');
  });
});

test('mounts that forbid to execute', () => {
  const mountinfo = [
    '1 0 8:1 / / rw,relatime - ext4 /dev/sda1 rw',
    '2 1 0:5 / /home rw,noexec,nosuid - ext4 /dev/sdb1 rw',
    '3 2 0:6 / /home/me/my\\040env rw - tmpfs tmpfs rw',
  ].join('\n');
  expect(isNoexec(mountinfo, '/home/me/env/bin/python')).toBe(true);
  expect(isNoexec(mountinfo, '/home/me/my env/bin/python')).toBe(false);
  expect(isNoexec(mountinfo, '/homes/x')).toBe(false);
  expect(isNoexec('', '/x')).toBe(false);
});

test('what was built for another system', () => {
  const mach = Buffer.alloc(32);
  mach.writeUInt32BE(0xcffaedfe, 0);
  mach.writeUInt32LE(0x0100000c, 4);
  expect(binaryFormat(mach)).toEqual({ format: 'mach-o', arch: 'arm64' });
  expect(foreignTo({ format: 'mach-o', arch: 'x64' }, 'darwin', 'arm64')).toBeNull();
  expect(foreignTo({ format: 'mach-o', arch: 'arm64' }, 'darwin', 'x64')).toBe('arm64');
  expect(foreignTo({ format: 'elf', arch: 'ia32', interpreter: null }, 'linux', 'x64')).toBeNull();
  expect(foreignTo({ format: 'elf', arch: 'arm64', interpreter: null }, 'linux', 'x64')).toBe('arm64');
  expect(foreignTo({ format: 'pe', arch: 'x64' }, 'linux', 'x64')).toBe('Windows x64');
  for (const bytes of ['', '#!/bin/sh\n', 'text', '\x7fELF', 'MZ'])
    expect(() => binaryFormat(Buffer.from(bytes))).not.toThrow();
});
