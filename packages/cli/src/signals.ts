import { InterruptedError } from './errors.js';
import { ExitStatus } from './status.js';

const handled = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Turns the signals that ask us to end into an abort. The first one ends things in order; a second one exits on the spot,
 * and core's exit hook then kills the kernels' process groups and removes their run directories.
 * @returns what stops listening
 */
export function abortOnSignals(controller: AbortController): () => void {
  const listener = (signal: NodeJS.Signals): void => {
    const { reason } = controller.signal;
    if (reason instanceof InterruptedError) {
      process.exit(
        signal === 'SIGTERM' ? ExitStatus.sigterm : signal === 'SIGHUP' ? ExitStatus.sighup : ExitStatus.sigint,
      );
    }
    controller.abort(new InterruptedError(signal));
  };
  for (const signal of handled) process.on(signal, listener);
  return () => {
    for (const signal of handled) process.off(signal, listener);
  };
}
