import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeKernel, tempDir } from '../../../../testing/support/index.js';
import { entryOf } from '../support.js';
import { FILE, failureIn, failureOf, Ground, mayMount } from './support.js';

// Every failure here really happens: nothing is said to have been printed that was not.

let at: Ground;
beforeAll(async () => {
  at = await Ground.make();
});
afterAll(() => at[Symbol.asyncDispose]());

describe('a program that cannot be started', () => {
  test('is not there', async () => {
    expect(await failureOf(['no-such-program-anywhere', FILE])).toMatchObject({
      kind: 'program-not-found',
      program: 'no-such-program-anywhere',
      fix: expect.stringMatching(/install/i),
    });
  });

  test('has no x in its mode', async () => {
    const program = await at.file('mode', '#!/bin/sh\n', 0o644);
    expect(await failureOf([program, FILE])).toMatchObject({
      kind: 'not-executable',
      reason: 'permission',
      fix: `chmod +x ${program}`,
    });
  });

  test('is a directory, is empty, is no program', async () => {
    expect(await failureOf([at.path, FILE])).toMatchObject({ kind: 'not-executable', reason: 'directory' });
    const empty = await at.file('empty', '');
    expect(await failureOf([empty, FILE])).toMatchObject({ kind: 'not-executable', reason: 'format' });
    const rubbish = await at.file('rubbish', Buffer.from([1, 2, 3, 0, 255, 7, 0, 0]));
    expect(await failureOf([rubbish, FILE])).toMatchObject({ kind: 'not-executable', reason: 'format' });
  });

  test.skipIf(process.platform !== 'linux')('was built for another processor', async () => {
    const elf = await readFile('/bin/true');
    elf.writeUInt16LE(process.arch === 'x64' ? 183 : 62, 18);
    const built = process.arch === 'x64' ? 'arm64' : 'x64';
    const program = await at.file('foreign', elf);
    expect(await failureOf([program, FILE])).toMatchObject({ kind: 'wrong-architecture', built, here: process.arch });
    const windows = Buffer.alloc(256);
    windows.write('MZ');
    windows.writeUInt32LE(128, 60);
    windows.writeUInt16LE(0x8664, 132);
    expect(await failureOf([await at.file('kernel.exe', windows), FILE])).toMatchObject({
      kind: 'wrong-architecture',
      built: 'Windows x64',
    });
  });

  test('is a script whose interpreter has gone', async () => {
    const program = await at.file('script', '#!/no/such/python\n');
    expect(await failureOf([program, FILE])).toMatchObject({ kind: 'program-not-found', program: '/no/such/python' });
  });

  test('is a script that starts what is not there', async () => {
    for (const line of ['exec no-such-python "$@"', 'no-such-python "$@"']) {
      const program = await at.file('wrapper', `#!/bin/sh\n${line}\n`);
      expect(await failureOf([program, FILE])).toMatchObject({ kind: 'program-not-found', program: 'no-such-python' });
    }
  });

  test.skipIf(process.platform !== 'linux')('wants a library, or a loader, that this system has not', async () => {
    const library = await at.patched('/bin/true', 'needs', 'libc.so.6', 'libq.so.6');
    expect(await failureOf([library, FILE])).toMatchObject({ kind: 'library-failed', library: 'libq.so.6' });
    const loader = await at.patched('/bin/true', 'loader', 'ld-linux', 'ld-minux');
    expect(await failureOf([loader, FILE])).toMatchObject({
      kind: 'library-failed',
      library: expect.stringContaining('ld-minux'),
    });
  });

  test('gets more environment than the system takes', async () => {
    expect(await failureOf(['/bin/sh', FILE], { overrides: { BIG: 'x'.repeat(4_000_000) } })).toMatchObject({
      kind: 'limit-reached',
    });
  });

  test('would work in a directory that has gone, and its environment has', async () => {
    const cwd = at.join('deleted');
    expect(await failureOf(['/bin/sh', FILE], { cwd })).toMatchObject({ kind: 'directory-gone', directory: cwd });
    const prefix = at.join('moved');
    const owner = { prefix, install: 'pip install ipykernel' } as never;
    const gone = { ...entryOf({ argv: [join(prefix, 'bin/python'), FILE] }), owner };
    const options = { activate: false } as const;
    expect(await failureOf(gone, options)).toMatchObject({ kind: 'environment-gone', prefix });
    // its folder is there, and the Python that it was made with is not
    await mkdir(join(prefix, 'bin'), { recursive: true });
    await symlink('/no/such/python3', join(prefix, 'bin/python'));
    expect(await failureOf(gone, options)).toMatchObject({ kind: 'environment-gone', prefix });
  });
});

describe('in a mount namespace', async () => {
  const may = await mayMount();
  const quiet = '>/dev/null 2>&1';

  test.skipIf(!may)('a program on a file system that nothing may be executed from', async () => {
    const dir = at.join('noexec');
    await mkdir(dir);
    const mount = `mount -t tmpfs -o noexec,size=1m tmpfs ${dir}; cp /bin/true ${dir}/kernel ${quiet}`;
    expect(await failureIn(mount, [`${dir}/kernel`, FILE], at.path, true)).toMatchObject({
      kind: 'not-executable',
      reason: 'mount',
    });
  });

  describeKernel('ipykernel', ({ python }) => {
    test.skipIf(!may)('a full disk', async () => {
      const dir = at.join('full');
      await mkdir(dir);
      const mount = `mount -t tmpfs -o size=16k tmpfs ${dir}; cat /dev/zero > ${dir}/fill 2>/dev/null; mkdir ${dir}/x ${quiet}`;
      const code = `import shutil, sys; shutil.copy("/bin/sh", "${dir}/sh")`;
      expect(await failureIn(mount, [python!, '-c', code, FILE], at.path, true)).toMatchObject({ kind: 'disk-full' });
    });

    test.skipIf(!may)('a disk that cannot be written', async () => {
      const dir = at.join('readonly');
      await mkdir(dir);
      const argv = [python!, '-c', `open("${dir}/history", "w")`, FILE];
      expect(await failureIn(`mount -t tmpfs -o ro tmpfs ${dir}`, argv, at.path, true)).toMatchObject({
        kind: 'file-denied',
        path: `${dir}/history`,
      });
    });
  });

  test.skipIf(may)('is not allowed here: noexec, a full and a read-only disk were not tried', () => {
    expect(may).toBe(false);
  });
});

describeKernel('ipykernel', ({ python: given }) => {
  const python = given!;
  const launcher = [python, '-m', 'ipykernel_launcher', '-f', FILE];

  test('ipykernel is missing', async () => {
    const prefix = at.join('bare');
    execFileSync(python, ['-m', 'venv', '--without-pip', prefix]);
    const bare = join(prefix, 'bin/python');
    expect(await failureOf([bare, ...launcher.slice(1)])).toMatchObject({
      kind: 'kernel-package-missing',
      package: 'ipykernel',
      fix: `${bare} -m pip install ipykernel`,
    });
    const install = `uv pip install --python ${bare} ipykernel`;
    const owned = { ...entryOf({ argv: [bare, ...launcher.slice(1)] }), owner: { prefix, install } as never };
    expect((await failureOf(owned, { activate: false })).fix).toBe(install);
    expect(await failureOf([bare, '-m', 'bash_kernel', '-f', FILE])).toMatchObject({ package: 'bash_kernel' });
  });

  test('a module is missing', async () => {
    const failure = await failureOf([python, '-c', 'import no_such_module.part', FILE]);
    expect(failure).toMatchObject({
      kind: 'module-missing',
      module: 'no_such_module',
      exit: { code: 1, signal: null },
      fix: `${python} -m pip install no_such_module`,
    });
    expect(failure.stderr).toContain('Traceback');
  });

  test.each([
    ['random.py', 'raise_me = 1'],
    ['traitlets.py', ''],
    ['logging/__init__.py', 'x = 1'],
    ['socket.py', 'import json\nprint(undefined)\n'],
    ['zmq.py', 'this is no Python\n'],
    ['tornado/__init__.py', ''],
  ])('a file of the user’s is taken for a module: %s', async (name, content) => {
    await using dir = await tempDir();
    await dir.write(name, content);
    const module = name.replace(/(\/__init__)?\.py$/, '');
    // as kernelspecs that were written by hand have it: with the working directory in front
    expect(await failureOf([python, '-m', 'ipykernel', '-f', FILE], { cwd: dir.path })).toMatchObject({
      kind: 'module-shadowed',
      module,
      file: dir.join(name),
    });
  });

  test('… of the few that the launcher imports before it leaves the working directory out', async () => {
    await using dir = await tempDir();
    await dir.write('pathlib.py', 'x = 1\n');
    const failure = await failureOf(launcher, { cwd: dir.path });
    expect(failure).toMatchObject({ kind: 'module-shadowed', module: 'pathlib', file: dir.join('pathlib.py') });
    expect(failure.fix).toContain('rename');
  });

  test.each([
    ['pyzmq without its library', 'zmq/__init__.py', 'from zmq.backend import cython_thing\n', 'zmq'],
    ['a traitlets that is too old', 'traitlets/__init__.py', '', 'traitlets'],
    ['a package for a newer Python', 'traitlets/__init__.py', 'match = = 1\n', null],
  ])('broken packages: %s', async (_what, name, content, module) => {
    await using dir = await tempDir();
    const site = dir.join('lib/python3/site-packages');
    await dir.write(`lib/python3/site-packages/${name}`, content);
    if (name.startsWith('traitlets')) await dir.write('lib/python3/site-packages/traitlets/config.py', '');
    const failure = await failureOf(launcher, { overrides: { PYTHONPATH: site } });
    expect(failure).toMatchObject({ kind: 'import-failed', fix: expect.stringContaining('pip install') });
    if (module !== null) expect((failure as { module?: string }).module).toMatch(new RegExp(`^${module}`));
  });

  test.skipIf(process.platform !== 'linux')('a module’s library cannot be loaded', async () => {
    const extension = execFileSync(python, ['-c', 'import _bz2; print(_bz2.__file__)'], { encoding: 'utf8' }).trim();
    const importing = (name: string) => [
      python,
      '-c',
      `import sys; sys.path.insert(0, "${at.path}"); import ${name}`,
      FILE,
    ];
    const name = extension.slice(extension.lastIndexOf('/') + 1);
    await at.patched(extension, name, 'libbz2.so', 'libbq2.so');
    expect(await failureOf(importing('_bz2'))).toMatchObject({
      kind: 'library-failed',
      library: expect.stringContaining('libbq2.so'),
    });
    await at.patched(extension, name, 'GLIBC_2.2.5', 'GLIBC_9.9.9');
    expect(await failureOf(importing('_bz2'))).toMatchObject({
      kind: 'library-failed',
      fix: expect.stringContaining('older version'),
    });
    await at.file('brokenext.so', 'no ELF at all, but longer than a header is, so that all of it is read as one');
    expect(await failureOf(importing('brokenext'))).toMatchObject({ kind: 'library-failed' });
  });

  test('PYTHONHOME names another Python', async () => {
    expect(await failureOf(launcher, { overrides: { PYTHONHOME: '/nowhere' } })).toMatchObject({
      kind: 'environment-gone',
    });
  });

  /** Python code that changes the connection file before the kernel reads it. */
  const changing = (change: string): string[] => [
    python,
    '-c',
    `import json, os, sys; f = sys.argv[1]; c = json.load(open(f)); ${change}; json.dump(c, open(f, "w")); os.execv(sys.executable, [sys.executable, "-m", "ipykernel_launcher", "-f", f])`,
    FILE,
  ];

  test('its port is taken, and taken again', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const failure = await failureOf(changing(`c["shell_port"] = ${port}`), { transport: 'tcp' });
    server.close();
    expect(failure).toMatchObject({ kind: 'address-taken', address: expect.stringContaining(String(port)) });
  });

  test('its address is none of this machine’s; its sockets’ path is too long', async () => {
    expect(await failureOf(changing('c["ip"] = "203.0.113.1"'), { transport: 'tcp' })).toMatchObject({
      kind: 'address-not-bindable',
    });
    const long = `c["ip"] = "/tmp/${'x'.repeat(120)}"; c["transport"] = "ipc"`;
    expect(await failureOf(changing(long), { transport: 'tcp' })).toMatchObject({ kind: 'address-not-bindable' });
  });

  test.skipIf(process.platform !== 'linux').each([
    // with some amounts Python cannot even say that it is memory that it lacks
    ['ulimit -v 35000', 'out-of-memory'],
    ['ulimit -n 14', 'limit-reached'],
  ])('%s', async (limit, kind) => {
    const argv = ['/bin/sh', '-c', `${limit}; exec ${python} -m ipykernel_launcher -f "$1"`, 'sh', FILE];
    expect(await failureOf(argv)).toMatchObject({ kind });
  });

  test('memory that is not there', async () => {
    const argv = ['/bin/sh', '-c', `ulimit -v 400000; exec ${python} -c "bytearray(10**9)" "$1"`, 'sh', FILE];
    expect(await failureOf(argv)).toMatchObject({ kind: 'out-of-memory', certain: true });
  });

  test('no space left, as the system says it', async () => {
    const argv = [python, '-c', 'f = open("/dev/full", "w"); f.write("x"); f.flush()', FILE];
    expect(await failureOf(argv)).toMatchObject({ kind: 'disk-full' });
  });
});

test('a signal', async () => {
  expect(await failureOf(['/bin/sh', '-c', 'kill -KILL $$', FILE])).toMatchObject({
    kind: 'out-of-memory',
    certain: false,
    exit: { signal: 'SIGKILL' },
  });
  expect(await failureOf(['/bin/sh', '-c', 'kill -SEGV $$', FILE])).toMatchObject({
    kind: 'process-exited',
    signal: 'SIGSEGV',
    diagnosis: expect.stringContaining('native library'),
  });
});

describeKernel('ir', () => {
  const nowhere = { R_LIBS_SITE: '/nowhere', R_LIBS: '', R_LIBS_USER: '/nowhere' };

  test.each(['C', 'C.UTF-8'])('IRkernel, or a package, is missing in R (%s)', async (locale) => {
    const overrides = { ...nowhere, LC_ALL: locale };
    expect(await failureOf(['R', '--slave', '-e', 'IRkernel::main()', '--args', FILE], { overrides })).toMatchObject({
      kind: 'kernel-package-missing',
      package: 'IRkernel',
    });
    expect(await failureOf(['R', '--slave', '-e', 'library(nothere)', '--args', FILE], { overrides })).toMatchObject({
      kind: 'module-missing',
      module: 'nothere',
    });
  });
});

test('a script of Node’s is missing', async () => {
  await rm(at.join('kernel.js'), { force: true });
  expect(await failureOf([process.execPath, at.join('kernel.js'), FILE])).toMatchObject({ kind: 'module-missing' });
});
