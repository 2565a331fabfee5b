import { QuietTimer } from '../wait/index.js';
import { InterruptTimeoutError } from './errors.js';
import type { ShellRequests } from './shell-requests.js';

/** How long a kernel may take to answer an interrupt_request. */
const INTERRUPT_MS = 10_000;

/** Interrupts a kernel by `interrupt_request` on its control channel. @throws InterruptTimeoutError, and what `request` throws */
export async function interruptByMessage(kernel: Pick<ShellRequests, 'request'>): Promise<void> {
  const late = new AbortController();
  const timer = new QuietTimer();
  timer.arm(INTERRUPT_MS, () => late.abort(new InterruptTimeoutError(INTERRUPT_MS)));
  try {
    await kernel.request('interrupt_request', {}, { channel: 'control', signal: late.signal });
  } finally {
    timer.clear();
  }
}
