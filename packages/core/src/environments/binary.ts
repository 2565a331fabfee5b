import type { Files } from '../files/index.js';

/** Larger than any Python with its library built in (30 to 60 MB unstripped with debug information). */
const LIMIT = 256 * 1024 * 1024;

/**
 * The version that an interpreter (or its shared library) carries in its bytes, as text ended by NUL: what `Py_GetVersion`
 * begins with. Right on every interpreter that it was tried on, at 10 to 35 ms each: the last rung before a process.
 *
 * @param minor `3.11`, where it is known: other versions in the bytes (of OpenSSL, of zlib) are then not mistaken for it
 * @throws FileFaultError
 */
export function versionInBinary(files: Files, file: string, minor: string | null): string | null {
  if (files.stat(file)?.type !== 'file') return null;
  const data = files.bytes(file, LIMIT);
  if (data === null) return null;
  // without the minor version any library's (SQLite's 3.45.1) could be mistaken for it; a name of its own directory tells
  const minors = minor === null ? minorsNamed(data) : [minor];
  for (const needle of minors.map((each) => `${each}.`)) {
    for (let at = data.indexOf(needle, 0, 'latin1'); at !== -1; at = data.indexOf(needle, at + 1, 'latin1')) {
      const before = data[at - 1] ?? 0;
      // a digit or a dot in front: the tail of another version
      if (before === 0x2e || (before >= 0x30 && before <= 0x39)) continue;
      const end = data.indexOf(0, at);
      if (end === -1 || end - at > 16) continue;
      const text = data.toString('latin1', at, end);
      if (/^\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?\+?$/.test(text)) return text.replace(/\+$/, '');
    }
  }
  return null;
}

/** `3.11` of `python3.11`, by which an interpreter finds its library. The versions of long ago are in texts of its documentation. */
function minorsNamed(data: Buffer): string[] {
  const minors = new Set<string>();
  for (const word of ['python2.7', 'python3.', 'pypy3.']) {
    for (let at = data.indexOf(word, 0, 'latin1'); at !== -1; at = data.indexOf(word, at + 1, 'latin1')) {
      const minor = /^[a-z]+(2\.7|3\.\d{1,2})(?!\d)/.exec(data.toString('latin1', at, at + 16))?.[1];
      if (minor !== undefined) minors.add(minor);
    }
  }
  return [...minors];
}

/** Whether a program is a script: a version manager's shim, a wrapper. What it starts, no file of ours says. */
export function isScript(files: Files, file: string): boolean {
  const info = files.stat(file);
  // no interpreter is this small, and a script that is larger is none of ours to read
  if (info === null || info.type !== 'file' || info.size > 64 * 1024) return false;
  const data = files.bytes(file, 64 * 1024);
  return data !== null && data[0] === 0x23 && data[1] === 0x21;
}
