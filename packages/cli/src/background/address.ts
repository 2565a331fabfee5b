import { existsSync } from 'node:fs';
import { withLock } from '@kernelkit/core';
import type { Gateway } from '@kernelkit/server';
import { type BackgroundPlace, makePlace } from './place.js';

/**
 * Listens anew where the socket has been cleared up, as the directory is at a logout: its kernels would run on for ever, and nobody could reach
 * them. Where another gateway has the address by now, that one keeps it.
 * @throws CannotListenError, JournalError, BackgroundError, the signal's reason
 */
export async function keepAddress(
  gateway: Pick<Gateway, 'listen'>,
  place: BackgroundPlace,
  signal: AbortSignal,
): Promise<void> {
  if (process.platform === 'win32' || existsSync(place.socket)) return;
  await makePlace(place);
  await withLock(place.lock, signal, async () => {
    if (!existsSync(place.socket)) await gateway.listen({ socketPath: place.socket });
  });
}
