import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of the test's own, gone when the scope ends. */
export function scratch(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'kernelkit-specs-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** What stands where a kernel.json should be. */
export type SpecContent =
  | { kind: 'text'; text: string }
  | { kind: 'bytes'; hex: string }
  | { kind: 'directory' | 'dangling-file' | 'dangling-directory' | 'nothing' | 'file-instead' };

/** Puts a kernel directory `name` below `root` (`…/kernels`); what is there already stays. */
export function putSpec(root: string, name: string, content: SpecContent): string {
  mkdirSync(root, { recursive: true });
  const dir = join(root, name);
  const file = join(dir, 'kernel.json');
  if (content.kind === 'dangling-directory') symlinkSync(join(root, 'nowhere', 'at', 'all'), dir);
  else if (content.kind === 'file-instead') writeFileSync(dir, 'no directory');
  else {
    mkdirSync(dir);
    if (content.kind === 'text') writeFileSync(file, content.text);
    if (content.kind === 'bytes') writeFileSync(file, Buffer.from(content.hex, 'hex'));
    if (content.kind === 'directory') mkdirSync(file);
    if (content.kind === 'dangling-file') symlinkSync(join(dir, 'gone.json'), file);
  }
  return file;
}

/** A kernel.json that is as it should be. */
export function specText(fields: Record<string, unknown> = {}): SpecContent {
  const spec = { argv: ['/bin/sh', '{connection_file}'], display_name: 'A kernel', language: 'sh', ...fields };
  return { kind: 'text', text: JSON.stringify(spec) };
}
