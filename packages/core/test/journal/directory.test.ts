import { chown, lstat, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testing/support/index.js';
import { JournalError, journalDirectory, readJournal, recordKernel, sweep } from '../../src/journal/index.js';
import { bystander, record } from './support.js';

const uid = process.getuid!();

describe('where the journal lies', () => {
  it('in the runtime directory, where there is one of ours', async () => {
    await using dir = await tempDir();
    const env = { XDG_RUNTIME_DIR: await dir.dir('run') };
    expect(await journalDirectory({ env, temporary: '/t' })).toBe(dir.join('run/kernelkit'));
  });

  it('else among the temporary files', async () => {
    await using dir = await tempDir();
    const other = `/t/kernelkit.${uid}`;
    const file = await dir.write('file', '');
    for (const XDG_RUNTIME_DIR of [undefined, '', dir.join('missing'), file, 'relative']) {
      expect(await journalDirectory({ env: { XDG_RUNTIME_DIR }, temporary: '/t' })).toBe(other);
    }
    if (uid !== 0) return;
    const theirs = await dir.dir('theirs');
    await chown(theirs, 4321, 4321);
    expect(await journalDirectory({ env: { XDG_RUNTIME_DIR: theirs }, temporary: '/t' })).toBe(other);
  });
});

describe('the directory', () => {
  it('is made for this user alone, whatever the umask, and goes with its last entry', async () => {
    await using dir = await tempDir();
    await using kernel = await bystander();
    const options = { env: {}, temporary: dir.path };
    const before = process.umask(0o022);
    try {
      const written = await recordKernel(record(kernel), options);
      const directory = dir.join(`kernelkit.${uid}`);
      expect((await lstat(directory)).mode & 0o7777).toBe(0o700);
      expect((await lstat(written.file)).mode & 0o7777).toBe(0o600);
      expect(await readdir(directory)).toEqual(['kernel-a.json']);
      await written.remove();
      await written.remove();
      expect(await readdir(dir.path)).toEqual([]);
    } finally {
      process.umask(before);
    }
  });

  const refused: [string, (path: string) => Promise<unknown>][] = [
    [
      'a link',
      async (path) =>
        symlink(await mkdir(`${path}-real`, { mode: 0o700, recursive: true }).then(() => `${path}-real`), path),
    ],
    ['a file', (path) => writeFile(path, '')],
    ['open to others', (path) => mkdir(path, { mode: 0o750 })],
    ['closed to us', (path) => mkdir(path, { mode: 0o500 })],
  ];
  if (uid === 0) {
    refused.push(["another user's", (path) => mkdir(path, { mode: 0o700 }).then(() => chown(path, 4321, 4321))]);
  }

  it.each(refused)('is refused, with what to do, where it is %s', async (_, make) => {
    await using dir = await tempDir();
    await using kernel = await bystander();
    const options = { directory: dir.join('journal') };
    await make(options.directory);
    for (const use of [() => recordKernel(record(kernel), options), () => readJournal(options), () => sweep(options)]) {
      const error: unknown = await use().catch((error: unknown) => error);
      expect(error).toBeInstanceOf(JournalError);
      expect(error).toMatchObject({ kind: 'journal-directory', fix: expect.any(String) });
    }
  });

  it('that cannot be made is a typed error, for writing', async () => {
    await using dir = await tempDir();
    await using kernel = await bystander();
    const options = { directory: join(await dir.write('file', ''), 'journal') };
    await expect(recordKernel(record(kernel), options)).rejects.toMatchObject({ kind: 'journal-files' });
    await expect(recordKernel(record(kernel), { directory: dir.join('no/journal') })).rejects.toBeInstanceOf(
      JournalError,
    );
  });

  it('that is not there holds no kernel', async () => {
    await using dir = await tempDir();
    const options = { directory: dir.join('none') };
    expect(await readJournal(options)).toEqual({ directory: options.directory, entries: [], problems: [] });
    expect(await sweep(options)).toEqual({ ended: [], removed: [], problems: [] });
    expect(await readdir(dir.path)).toEqual([]);
  });
});
