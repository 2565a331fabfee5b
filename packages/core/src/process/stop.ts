import { KernelkitError } from '../errors/index.js';
import { killGroup } from './group.js';
import type { ProcessExit } from './kernel-process.js';
import type { RunningProcess } from './running-process.js';

/** A process that SIGKILL does not end: it waits in the system (a dead network disk), or is not ours any more (setuid). */
export class ProcessStuckError extends KernelkitError {
  constructor(pid: number, argv: readonly string[]) {
    super('process-stuck', `process ${pid} (${argv[0]}) did not end within ${STUCK_MS / 1000} s of SIGKILL`, {
      fix: 'look what it waits for (ps, state D), or whether it runs as another user',
    });
  }
}

/** How long a process may take to end after SIGKILL. */
const STUCK_MS = 5000;

/**
 * Ends it for certain: SIGTERM to the group, SIGKILL after `grace` milliseconds; then what is left of the group, since
 * children outlive their leader.
 * @throws ProcessStuckError when even SIGKILL does not end it
 */
export async function stop(running: Omit<RunningProcess, 'end'>, grace: number): Promise<ProcessExit> {
  if (running.exit === null) {
    running.signal('SIGTERM');
    if (!(await running.exitsWithin(grace))) running.signal('SIGKILL');
    if (!(await running.exitsWithin(STUCK_MS))) throw new ProcessStuckError(running.pid, running.argv);
  }
  const exit = await running.exited;
  // it has just ended: what is left of its group keeps the number from others
  await killGroup(running.pid);
  return exit;
}
