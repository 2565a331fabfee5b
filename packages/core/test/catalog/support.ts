import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CatalogEntry, CatalogOptions } from '../../src/catalog/index.js';

/** A directory tree of the test's own, gone when the scope ends. */
export class Tree implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'kernelkit-catalog-'));

  at(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  file(path: string, text: string, mode = 0o644): string {
    const file = this.at(path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  }

  /** Something that can be started (and never is). */
  program(path: string, text = '#!/bin/sh\n'): string {
    return this.file(path, text, 0o755);
  }

  /** A kernel.json below `root`, which is relative to the tree: `home/.local/share/jupyter/kernels`. */
  spec(root: string, name: string, fields: Record<string, unknown> = {}): string {
    const spec = { argv: ['/bin/sh', '{connection_file}'], display_name: name, language: 'sh', ...fields };
    return this.file(join(root, name, 'kernel.json'), JSON.stringify(spec));
  }

  /** A virtual environment with an interpreter that could be one (and is never started). */
  venv(prefix: string, { ipykernel = '6.29.5' as string | null, cfg = '' } = {}): string {
    this.file(join(prefix, 'pyvenv.cfg'), `home = /usr/bin\nversion = 3.11.2\n${cfg}`);
    this.program(join(prefix, 'bin/python'), '\x7fELF');
    symlinkSync('python', this.at(prefix, 'bin/python3'));
    if (ipykernel !== null) this.ipykernel(prefix, ipykernel);
    return this.at(prefix);
  }

  /** What pip leaves when it has installed ipykernel. */
  ipykernel(prefix: string, version = '6.29.5'): void {
    this.file(join(prefix, `lib/python3.11/site-packages/ipykernel-${version}.dist-info/METADATA`), '');
  }

  /** The kernelspec that ipykernel's wheel brings. */
  ownSpec(prefix: string, fields: Record<string, unknown> = {}): string {
    return this.spec(join(prefix, 'share/jupyter/kernels'), 'python3', { ...PYTHON_SPEC, ...fields });
  }

  /** Options under which the catalog sees this tree, the system's directories and nothing else of this machine's user. */
  options(env: Record<string, string> = {}): CatalogOptions & { cwd: string; env: Record<string, string> } {
    const home = this.at('home');
    const cwd = this.at('work');
    mkdirSync(cwd, { recursive: true });
    return { env: { HOME: home, PATH: this.at('bin'), ...env }, cwd, home, deno: false };
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export const PYTHON_SPEC = {
  argv: ['python', '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
  display_name: 'Python 3 (ipykernel)',
  language: 'python',
};

export const USER = 'home/.local/share/jupyter/kernels';

/** An entry made by hand, for what is decided without looking at files. */
export function entryWith(fields: Partial<CatalogEntry>): CatalogEntry {
  const name = fields.name ?? 'kernel';
  return {
    id: `kernelspec-${name}`,
    source: 'kernelspec',
    name,
    displayName: name,
    language: '',
    argv: ['/bin/sh'],
    specFile: null,
    resourceDir: null,
    environment: null,
    startable: true,
    problem: null,
    hidden: null,
    server: null,
    spec: null,
    prefix: null,
    program: null,
    file: null,
    runtime: null,
    owner: null,
    matched: null,
    isJupyters: fields.isJupyters ?? (fields.source ?? 'kernelspec') === 'kernelspec',
    ...fields,
  };
}
