import { type CatalogEntry, externalManager } from '@kernelkit/core';
import { InstallKernelError } from '../install-kernel/errors.js';
import type { Ground } from '../install-kernel/ground.js';
import { forEntry } from '../install-kernel/plan.js';
import { asLine, type Remedy } from '../install-kernel/remedy.js';
import { isAgreed, take } from '../install-kernel/take.js';
import type { Screen } from '../screen.js';
import type { Steps } from './steps.js';

/** Problems that installing a package mends. */
const MENDED = new Set(['ipykernel-missing', 'python-missing', 'irkernel-missing']);

/** What `install-kernel` would run for an entry, where that mends this very one; else null. */
export async function remedyOf(ground: Ground, entry: CatalogEntry): Promise<Remedy | null> {
  const { problem, owner } = entry;
  if (problem === null || !MENDED.has(problem.kind)) return null;
  // a Python that its system manages stays as it is, and another environment is no fix of it
  if (owner !== null && externalManager(owner, ground) !== null) return null;
  try {
    const plan = await forEntry(ground, entry, null);
    return plan.kind === 'remedy' ? plan.remedy : null;
  } catch (error) {
    if (error instanceof InstallKernelError) return null;
    throw error;
  }
}

/**
 * Shows the commands, asks, and runs them; their output goes to standard error. Whether it worked.
 * @throws UsageError where nobody can be asked and --yes was not given; AbortedError
 */
export async function fix(
  steps: Steps,
  screen: Screen,
  remedy: Remedy,
  { yes, cwd, signal }: { yes: boolean; cwd: string; signal: AbortSignal },
): Promise<boolean> {
  if (!(await isAgreed(screen, remedy, { yes, asker: '--fix', signal }))) {
    await steps.add('fix', 'warning', 'nothing was run');
    return false;
  }
  const begin = performance.now();
  try {
    await take(screen, remedy, { cwd, signal });
    await steps.add('fix', 'ok', asLine(remedy), { ms: performance.now() - begin });
    return true;
  } catch (error) {
    if (!(error instanceof InstallKernelError)) throw error;
    await steps.add('fix', 'failed', error.message, { ms: performance.now() - begin });
    return false;
  }
}
