import { posix, win32 } from 'node:path';
import { type Files, RemotePlaceError } from '../files/index.js';
import type { ProcessVariables } from '../specs/index.js';

/** A platform's way with programs: how PATH is written, and which endings a name may leave out. */
export interface ProgramRules {
  platform: NodeJS.Platform;
  env: ProcessVariables;
  cwd: string;
  files: Files;
}

/** The file itself or, on Windows, with an ending of PATHEXT; null when none can be started. */
export function findExecutable(rules: ProgramRules, file: string): string | null {
  for (const ending of endings(rules, file)) {
    if (rules.files.executable(file + ending)) return file + ending;
  }
  return null;
}

/** The first program called `name` on PATH; null when there is none. A directory that may not answer is passed over. */
export function findOnPath(rules: ProgramRules, name: string, path?: string): string | null {
  for (const found of allOnPath(rules, name, path)) return found;
  return null;
}

/** Every program called `name` on PATH, in its order. */
export function* allOnPath(rules: ProgramRules, name: string, path?: string): Iterable<string> {
  const { join } = flavourOf(rules.platform);
  for (const dir of pathsOf(rules, path)) {
    const found = unlessRemote(() => findExecutable(rules, join(dir, name)));
    if (found !== null) yield found;
  }
}

/** What a look-up gives, or null where it would touch a file system that may not answer. */
export function unlessRemote<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof RemotePlaceError) return null;
    throw error;
  }
}

/** PATH's directories, absolute. */
export function pathsOf(rules: ProgramRules, path = pathOf(rules)): string[] {
  const { delimiter, resolve } = flavourOf(rules.platform);
  return (
    path
      .split(delimiter)
      // an empty entry is the working directory in POSIX, and nothing on Windows
      .filter((dir) => dir !== '' || rules.platform !== 'win32')
      .map((dir) => resolve(rules.cwd, dir))
  );
}

function flavourOf(platform: NodeJS.Platform): typeof posix {
  return platform === 'win32' ? win32 : posix;
}

/** The environment's PATH, whatever its case on Windows; without one, what execvp takes. */
export function pathOf({ platform, env }: Pick<ProgramRules, 'platform' | 'env'>): string {
  return variable(platform, env, 'PATH') ?? (platform === 'win32' ? '' : '/usr/bin:/bin');
}

function endings({ platform, env }: ProgramRules, file: string): string[] {
  if (platform !== 'win32') return [''];
  const known = (variable(platform, env, 'PATHEXT') ?? '.COM;.EXE;.BAT;.CMD')
    .split(';')
    .filter((ending) => ending !== '');
  const lower = file.toLowerCase();
  return known.some((ending) => lower.endsWith(ending.toLowerCase())) ? ['', ...known] : known;
}

function variable(platform: NodeJS.Platform, env: ProcessVariables, name: string): string | undefined {
  if (platform !== 'win32') return env[name];
  return Object.entries(env).find(([key]) => key.toUpperCase() === name)?.[1];
}
