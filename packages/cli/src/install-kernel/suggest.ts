import {
  type Catalog,
  findOnPath,
  type KernelEntry,
  KernelkitError,
  type KernelNotFoundError,
  NodeFiles,
} from '@kernelkit/core';
import type { Language } from './languages.js';
import { own } from './own.js';
import { asLine } from './remedy.js';
import { pythonCommand } from './system.js';

/** Nothing fits, and what to type then: core's error, said to somebody who uses the command. */
export class NoKernelError extends KernelkitError {
  readonly candidates: KernelEntry[];

  constructor(error: KernelNotFoundError, command: string) {
    super('kernel-not-found', error.message, { fix: command, cause: error });
    this.candidates = error.candidates;
  }
}

/** The command that gets a kernel for a language. */
export function commandFor(language: Language): string {
  return own(`install-kernel --language ${language}`);
}

/** The command that gets a kernel where none can be started: for Python where there is one, or uv, which gets one; else Deno, which npm has. */
export function commandForAny(found: Pick<Catalog, 'kernels'>, cwd: string): string {
  return canHavePython(found, cwd) ? own('install-kernel') : commandFor('deno');
}

/** What to type where nothing speaks a language. A Python's kernel needs a Python first, and another language's kernel is no help. */
export function commandForLanguage(found: Pick<Catalog, 'kernels'>, language: Language, cwd: string): string {
  if (language !== 'python') return commandFor(language);
  if (canHavePython(found, cwd)) return own('install-kernel');
  const python = pythonCommand({ onPath: (name) => findOnPath(rules(cwd), name) });
  if (python !== null) return asLine({ commands: [python, own('install-kernel')] });
  return `install uv (https://docs.astral.sh/uv) or Python (https://www.python.org/downloads), then: ${own('install-kernel')}`;
}

function canHavePython({ kernels }: Pick<Catalog, 'kernels'>, cwd: string): boolean {
  const hasPython = kernels.some(
    ({ owner }) => owner !== null && owner.python !== null && owner.nearness !== 'tool' && owner.problem === null,
  );
  return hasPython || findOnPath(rules(cwd), 'uv') !== null;
}

function rules(cwd: string) {
  return { platform: process.platform, env: process.env, cwd, files: new NodeFiles() };
}
