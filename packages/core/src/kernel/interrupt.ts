import type { Quirks } from '../channels/index.js';
import { KernelkitError } from '../errors/index.js';
import { QuietTimer } from '../wait/index.js';
import { InterruptTimeoutError } from './errors.js';
import type { KernelHost } from './host.js';
import type { Kernel } from './kernel.js';
import type { ShellRequests } from './shell-requests.js';

/** How long a kernel may take to answer an interrupt_request. */
const INTERRUPT_MS = 10_000;

/** A signal would end the kernel, with all that it holds, and it knows no interrupt_request. */
export class InterruptUnsupportedError extends KernelkitError {
  constructor(implementation: string) {
    super('interrupt-unsupported', `${implementation} cannot be interrupted: a SIGINT would end it`, {
      fix: 'wait for the cell, or restart the kernel',
    });
  }
}

/**
 * Interrupts a kernel in the way that it takes: as its host does it, or by a message where the host has no way. What its
 * kernelspec asks for is believed; a kernel that a signal would end, with all that it holds, is refused one.
 *
 * @throws InterruptUnsupportedError, InterruptTimeoutError, and what the host or `request` throws
 */
export async function interrupt(
  kernel: Pick<Kernel, 'request' | 'info'>,
  byHost: KernelHost['interrupt'],
  quirks: Quirks,
): Promise<void> {
  if (byHost === null) return interruptByMessage(kernel);
  if (quirks.interrupt === 'none') throw new InterruptUnsupportedError(kernel.info.implementation);
  await byHost();
}

/** Interrupts a kernel by `interrupt_request` on its control channel. @throws InterruptTimeoutError, and what `request` throws */
async function interruptByMessage(kernel: Pick<ShellRequests, 'request'>): Promise<void> {
  const late = new AbortController();
  const timer = new QuietTimer();
  timer.arm(INTERRUPT_MS, () => late.abort(new InterruptTimeoutError(INTERRUPT_MS)));
  try {
    await kernel.request('interrupt_request', {}, { channel: 'control', signal: late.signal });
  } finally {
    timer.clear();
  }
}
