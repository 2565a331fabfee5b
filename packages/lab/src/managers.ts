/** Any of the managers of @jupyterlab/services. */
export interface LabManager {
  dispose(): void;
}

/** Of `Poll` in @lumino/polling, what ends it. */
interface Poll {
  stop(): Promise<void>;
  readonly tick: Promise<unknown>;
  readonly frequency: unknown;
}

/**
 * Disposes of managers so that Node can end: a lumino Poll that is disposed of leaves its timer behind (10 s for kernels and sessions, a minute for
 * kernelspecs), one that was stopped does not. A ServiceManager's own managers are ended with it. Kernels go on.
 */
export async function endManagers(...managers: readonly LabManager[]): Promise<void> {
  const all = managers.flatMap((manager) => [manager, ...partsOf(manager)]);
  await Promise.all(all.flatMap(pollsOf).map(stop));
  for (const manager of all) manager.dispose();
}

/** Of a ServiceManager: it disposes of some. What another manager was given is its maker's, who may have more use for it. */
function partsOf(manager: LabManager): LabManager[] {
  return 'kernelspecs' in manager && 'sessions' in manager ? Object.values(manager).filter(isManager) : [];
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
  return isObject(value) && typeof value.stop === 'function' && 'tick' in value && 'frequency' in value;
}

function isManager(value: unknown): value is LabManager {
  return isObject(value) && typeof value.dispose === 'function' && Object.values(value).some(isPoll);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
