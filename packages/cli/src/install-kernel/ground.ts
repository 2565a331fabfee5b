import { type Environment, findOnPath, homeDirectory, NodeFiles, type Where, whereOf } from '@kernelkit/core';
import { type FoundKernels, findKernels } from '../choose.js';
import type { Session } from '../session.js';

/** What is on this machine, as far as installing a kernel goes by it. */
export interface Ground {
  found: FoundKernels;
  cwd: string;
  files: NodeFiles;
  where: Where;
  /** A program on PATH; null: there is none of that name. */
  onPath: (name: string) => string | null;
}

export async function groundOf(session: Session, cwd: string): Promise<Ground> {
  return groundFor(await findKernels(session, cwd), cwd);
}

export function groundFor(found: FoundKernels, cwd: string): Ground {
  const { platform, env } = process;
  const files = new NodeFiles();
  const where = whereOf({ platform, env, home: homeDirectory(platform, env), cwd });
  return { found, cwd, files, where, onPath: (name) => findOnPath({ platform, env, cwd, files }, name) };
}

/** Every Python environment that was found, the nearest first. */
export function environmentsOf({ found }: Pick<Ground, 'found'>): Environment[] {
  const byPrefix = new Map<string, Environment>();
  for (const { owner } of found.kernels) {
    if (owner === null) continue;
    // a system's directory holds several Pythons
    const key = owner.kind === 'system' ? `${owner.real} ${owner.python}` : owner.real;
    if (!byPrefix.has(key)) byPrefix.set(key, owner);
  }
  return [...byPrefix.values()];
}
