import { placesAt } from './locator.js';
import type { Environment, Place } from './types.js';
import type { Look } from './where.js';

/** The nearest first. */
export function nearnessOrder({ nearness, distance = 0 }: Place): number {
  return ['workspace', 'active', 'user', 'system', 'tool'].indexOf(nearness) * 1000 + distance;
}

/** An environment of conda's names its root, wherever that is: the others of the root are in it. */
export function rootPlace({ kind, manager }: Environment): Place[] {
  const root = kind === 'conda' || kind === 'mamba' ? (manager?.root ?? null) : null;
  return placesAt('conda', 'own', 'user', [root]);
}

/** Notes other ways to an environment. */
export function addAliases(known: Environment, aliases: readonly (string | null)[]): void {
  for (const alias of aliases) {
    if (alias === null || alias === known.prefix || alias === known.python || known.aliases.includes(alias)) continue;
    known.aliases.push(alias);
  }
}

/**
 * What makes an environment the same however it was come by: its directory without links, and never its interpreter's, which for a
 * virtual environment leads to the base. Only what no tool made for itself may share a directory with others of its kind: there
 * the interpreter tells them apart.
 */
export function identityOf({ kind, real, python }: Environment, { files, where }: Look): string {
  const key = python !== null && (kind === 'system' || kind === 'unknown') ? files.real(python) : real;
  return where.platform === 'linux' ? key : key.toLowerCase();
}
