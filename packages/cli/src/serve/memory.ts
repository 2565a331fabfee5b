import { setFlagsFromString } from 'node:v8';

/**
 * A gateway's messages are done with at once: room for more young ones, which V8 makes up to 32 MB of when many kernels start, would only stay
 * taken. Measured with 12 kernels: 14 MB less, and no more processor time.
 */
export function staySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
