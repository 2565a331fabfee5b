/** Any of the managers of @jupyterlab/services. */
export interface LabManager {
  dispose(): void;
}

interface Poll {
  stop(): Promise<void>;
  dispose(): void;
  readonly tick: Promise<unknown>;
}

/**
 * Disposes of managers so that Node can end: a lumino Poll that is disposed of leaves its timer behind (10 s for kernels and sessions, a minute for
 * kernelspecs), one that was stopped does not. A ServiceManager's own managers are ended with it. Kernels go on.
 */
export async function endManagers(...managers: readonly LabManager[]): Promise<void> {
  for (const manager of managers) {
    const parts = Object.values(manager).filter(isManager);
    await Promise.all([manager, ...parts].flatMap(pollsOf).map(stop));
    manager.dispose();
    for (const part of parts) part.dispose();
  }
}

async function stop(poll: Poll): Promise<void> {
  // what waits for its next tick is told of the end by a rejection, which is nobody's business any more
  poll.tick.catch(() => {});
  await poll.stop();
}

function pollsOf(manager: LabManager): Poll[] {
  return Object.values(manager).filter(isPoll);
}

function isPoll(value: unknown): value is Poll {
  return has(value, 'stop') && has(value, 'dispose') && 'tick' in (value as object) && 'frequency' in (value as object);
}

function isManager(value: unknown): value is LabManager {
  return has(value, 'dispose') && typeof value === 'object' && pollsOf(value as LabManager).length > 0;
}

function has(value: unknown, method: string): boolean {
  return (
    typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[method] === 'function'
  );
}
