import { type KernelkitError, readJournal, sweep } from '@kernelkit/core';
import type { Steps } from './steps.js';

/** The kernels of this user that Kernelkit started: those that run, and what was left of owners that were killed, which is cleared up. */
export async function examineLeftovers(steps: Steps): Promise<void> {
  const begin = performance.now();
  try {
    const { ended, removed, problems } = await sweep();
    const { directory, entries } = await readJournal();
    const running = entries.filter(({ state }) => state === 'owned');
    const parts = [
      running.length === 0 ? 'no kernel runs' : `${running.length} run with their owners`,
      ended.length === 0 ? null : `${ended.length} whose owner was killed ended now`,
      removed.length - ended.length > 0 ? `${removed.length - ended.length} left entries removed` : null,
    ].filter((part) => part !== null);
    const details = [
      ...running.map(({ displayName, pid, connectionFile }) => `${displayName}: process ${pid}, ${connectionFile}`),
      ...ended.map(({ displayName, pid }) => `ended ${displayName}: process ${pid}`),
      ...problems.map(({ message }) => message),
    ];
    const status = ended.length + problems.length > 0 ? 'warning' : 'ok';
    const ms = performance.now() - begin;
    await steps.add('journal', status, `${parts.join(', ')} (${directory})`, { ms, details });
  } catch (error) {
    const { message, fix } = error as KernelkitError;
    await steps.add('journal', 'warning', message, { fix: fix ?? null });
  }
}
