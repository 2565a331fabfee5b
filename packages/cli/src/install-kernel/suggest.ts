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
export function commandForAny({ kernels }: Pick<Catalog, 'kernels'>, cwd: string): string {
  const hasPython = kernels.some(
    ({ owner }) => owner !== null && owner.python !== null && owner.nearness !== 'tool' && owner.problem === null,
  );
  const rules = { platform: process.platform, env: process.env, cwd, files: new NodeFiles() };
  return hasPython || findOnPath(rules, 'uv') !== null ? own('install-kernel') : commandFor('deno');
}
