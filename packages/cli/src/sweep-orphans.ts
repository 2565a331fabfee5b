import { sweep } from '@kernelkit/core';
import type { Session } from './session.js';

/** Ends, beside the command, the kernels of commands and programs that were killed, and says so: nobody else will. */
export function sweepOrphans({ screen, beside }: Session): void {
  beside(
    sweep().then(
      ({ ended, problems }) => {
        for (const { displayName, pid, startedAt } of ended) {
          screen.note(`ended ${displayName} (process ${pid}, started ${startedAt}): its owner was killed`);
        }
        for (const { message } of problems) screen.detail(`journal: ${message}`);
      },
      (error: Error) => screen.detail(`journal: ${error.message}`),
    ),
  );
}
