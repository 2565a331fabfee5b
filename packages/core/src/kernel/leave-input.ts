import type { JupyterMessage } from '@kernelkit/protocol';
import { settlesWithin } from '../wait/index.js';
import type { ExecutionHost } from './execution.js';

/** How often, and how long each time, a kernel is asked to leave an input that nobody answers. */
const TRIES = 3;
const TRY_MS = 700;

/**
 * The kernel waits for an answer that will not come: an interrupt gets it out of there. One that comes before the kernel
 * blocks is lost (IRkernel), and some do not heed it, or cannot be interrupted: they get an empty line too. Comes back after
 * a bounded time even where the kernel stays.
 *
 * @param done settles with the execution
 * @param isOut whether the kernel has left the input
 */
export async function leaveInput(
  request: JupyterMessage<'input_request'>,
  host: Pick<ExecutionHost, 'interrupt' | 'sendInput'>,
  done: Promise<unknown>,
  isOut: () => boolean,
): Promise<void> {
  for (let tries = 0; tries < TRIES && !isOut(); tries++) {
    let interrupted = false;
    const interrupting = host.interrupt().then(
      () => {
        interrupted = true;
      },
      () => {},
    );
    await settlesWithin(interrupting, TRY_MS);
    if (tries > 0 || !interrupted) await host.sendInput(request, '');
    await settlesWithin(done, TRY_MS);
  }
}
