import { open, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch } from 'node:os';
import { dirname, join, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findExecutable, findOnPath, isExecutable, type ProgramRules, pathsOf } from './executable.js';

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
export async function findDeno(rules: ProgramRules, given: string | undefined): Promise<DenoSearch> {
  if (given) {
    const found = /[\\/]/.test(given)
      ? await findExecutable(rules, resolvePath(rules.cwd, given))
      : await findOnPath(rules, given);
    const file = found && (await nativeBinary(found, rules.platform));
    if (file) return { binary: { file, by: 'option' }, place: given, error: null };
    return { binary: null, place: given, error: `There is no Deno at ${given} (KERNELKIT_DENO): no such program` };
  }
  const onPath = await Promise.all(pathsOf(rules).map((dir) => findExecutable(rules, join(dir, 'deno'))));
  for (const found of onPath) {
    const file = found && (await nativeBinary(found, rules.platform));
    if (file) return { binary: { file, by: isInNodeModules(file) ? 'npm' : 'PATH' }, place: file, error: null };
  }
  const file = await packagedBinary(rules);
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
async function nativeBinary(file: string, platform: NodeJS.Platform): Promise<string | null> {
  const real = await realpath(file);
  if (!(await isNodeWrapper(real))) return file;
  const beside = join(dirname(real), binaryName(platform));
  if ((await isExecutable(beside)) && !(await isNodeWrapper(beside))) return beside;
  return packagedAbove(dirname(real), platform);
}

/** Whether a file is a script for Node (npm's `bin`), or one of the scripts that npm writes on Windows to start such a one. */
async function isNodeWrapper(file: string): Promise<boolean> {
  if (/\.(cmd|ps1|cjs|mjs|js)$/i.test(file)) return true;
  try {
    await using handle = closing(await open(file));
    const { buffer, bytesRead } = await handle.file.read({ buffer: Buffer.alloc(256), position: 0 });
    // a shell script that ends in `exec` (a version manager's shim) keeps its process, and is as good as the program
    return /^#!.*\bnode\b/.test(buffer.toString('latin1', 0, bytesRead).split('\n')[0] ?? '');
  } catch {
    return false;
  }
}

function closing<T extends { close(): Promise<void> }>(file: T): { file: T } & AsyncDisposable {
  return { file, [Symbol.asyncDispose]: () => file.close() };
}

async function packagedBinary({ platform, cwd }: ProgramRules): Promise<string | null> {
  const here = dirname(fileURLToPath(import.meta.url));
  return (await packagedAbove(cwd, platform)) ?? (await packagedAbove(here, platform)) ?? requiredBinary(platform);
}

/** `node_modules` of the directory and of every one above it. */
async function packagedAbove(from: string, platform: NodeJS.Platform): Promise<string | null> {
  const inside = join('@deno', platformPackage(platform), binaryName(platform));
  for (let dir = from; ; dir = dirname(dir)) {
    const modules = join(dir, 'node_modules');
    // pnpm keeps the binary's package beside the real place of `deno`, and not beside the link to it
    const store = await realpath(join(modules, 'deno')).catch(() => null);
    const found = await firstExecutable([
      join(modules, inside),
      ...(store === null ? [] : [join(dirname(store), inside)]),
    ]);
    if (found !== null) return found;
    if (dirname(dir) === dir) return null;
  }
}

/** As Node's own resolution has it, for package managers without a `node_modules`. */
async function requiredBinary(platform: NodeJS.Platform): Promise<string | null> {
  const { resolve } = createRequire(import.meta.url);
  try {
    const manifest = resolve(`@deno/${platformPackage(platform)}/package.json`);
    return await firstExecutable([join(dirname(manifest), binaryName(platform))]);
  } catch {
    return null;
  }
}

async function firstExecutable(files: readonly string[]): Promise<string | null> {
  for (const file of files) if (await isExecutable(file)) return file;
  return null;
}
