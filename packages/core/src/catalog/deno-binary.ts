import { createRequire } from 'node:module';
import { arch } from 'node:os';
import { dirname, join, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileFaultError, type Files } from '../files/index.js';
import { allOnPath, findExecutable, findOnPath, type ProgramRules, unlessRemote } from './executable.js';

/** A Deno that can be started, and how it was come by. */
export interface DenoBinary {
  file: string;
  by: 'option' | 'PATH' | 'npm';
}

export interface DenoSearch {
  binary: DenoBinary | null;
  /** What was looked at, for a human. */
  place: string;
  error: string | null;
}

/**
 * Finds Deno's own binary: the one that is given, else PATH's, else the one of the npm package `deno`, looked for from the
 * working directory and from this module upwards. The package's `bin` may be a Node program that starts the binary and
 * waits: a signal to it would not reach the kernel, so the binary behind it is taken.
 *
 * @param given the caller's choice (or KERNELKIT_DENO); it is taken or is an error, nothing else is then looked at
 */
export function findDeno(rules: ProgramRules, given: string | undefined): DenoSearch {
  if (given) {
    const found = /[\\/]/.test(given) ? findExecutable(rules, resolvePath(rules.cwd, given)) : findOnPath(rules, given);
    const file = found && nativeBinary(rules, found);
    if (file) return { binary: { file, by: 'option' }, place: given, error: null };
    return { binary: null, place: given, error: `There is no Deno at ${given} (KERNELKIT_DENO): no such program` };
  }
  for (const found of allOnPath(rules, 'deno')) {
    const file = nativeBinary(rules, found);
    if (file) return { binary: { file, by: isInNodeModules(file) ? 'npm' : 'PATH' }, place: file, error: null };
  }
  const file = packagedBinary(rules);
  if (file !== null) return { binary: { file, by: 'npm' }, place: file, error: null };
  return { binary: null, place: 'deno', error: null };
}

function isInNodeModules(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}

/** The npm package that holds the binary for this machine. There is none for musl. */
function platformPackage(platform: NodeJS.Platform): string {
  return platform === 'linux' ? `linux-${arch()}-glibc` : `${platform}-${arch()}`;
}

function binaryName(platform: NodeJS.Platform): string {
  return platform === 'win32' ? 'deno.exe' : 'deno';
}

/** The file itself when it is a program, the binary behind it when it is npm's wrapper; null when that cannot be found. */
function nativeBinary(rules: ProgramRules, file: string): string | null {
  const { files, platform } = rules;
  const real = files.real(file);
  if (!isNodeWrapper(files, real)) return file;
  const beside = join(dirname(real), binaryName(platform));
  if (files.executable(beside) && !isNodeWrapper(files, beside)) return beside;
  return packagedAbove(rules, dirname(real));
}

/** No script that only starts another program is larger. */
const MAX_SCRIPT_BYTES = 64 * 1024;

/** Whether a file is a script for Node (npm's `bin`), or one of the scripts that npm writes on Windows to start such a one. */
function isNodeWrapper(files: Files, file: string): boolean {
  if (/\.(cmd|ps1|cjs|mjs|js)$/i.test(file)) return true;
  try {
    const info = files.stat(file);
    if (info === null || info.size > MAX_SCRIPT_BYTES) return false;
    const start = files.bytes(file, MAX_SCRIPT_BYTES)?.toString('latin1', 0, 256) ?? '';
    // a shell script that ends in `exec` (a version manager's shim) keeps its process, and is as good as the program
    return /^#!.*\bnode\b/.test(start.split('\n')[0] ?? '');
  } catch (error) {
    if (error instanceof FileFaultError) return false;
    throw error;
  }
}

/** This file; undefined in a bundle that is CommonJS, where a module does not know its place. */
const own: string | undefined = import.meta.url;

function packagedBinary(rules: ProgramRules): string | null {
  const fromCwd = packagedAbove(rules, rules.cwd);
  if (fromCwd !== null || own === undefined) return fromCwd;
  return packagedAbove(rules, dirname(fileURLToPath(own))) ?? requiredBinary(rules, own);
}

/** `node_modules` of the directory and of every one above it. */
function packagedAbove({ files, platform }: ProgramRules, from: string): string | null {
  const inside = join('@deno', platformPackage(platform), binaryName(platform));
  for (let dir = from; ; dir = dirname(dir)) {
    const modules = join(dir, 'node_modules');
    // pnpm keeps the binary's package beside the real place of `deno`, and not beside the link to it
    const store = unlessRemote(() => files.real(join(modules, 'deno'))) ?? modules;
    for (const file of [join(modules, inside), join(dirname(store), inside)]) {
      if (unlessRemote(() => files.executable(file))) return file;
    }
    if (dirname(dir) === dir) return null;
  }
}

/** As Node's own resolution has it, for package managers without a `node_modules`. */
function requiredBinary({ files, platform }: ProgramRules, from: string): string | null {
  const { resolve } = createRequire(from);
  try {
    const manifest = resolve(`@deno/${platformPackage(platform)}/package.json`);
    const file = join(dirname(manifest), binaryName(platform));
    return files.executable(file) ? file : null;
  } catch {
    return null;
  }
}
