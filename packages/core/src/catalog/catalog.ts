import { untilAborted } from '../wait/index.js';
import { type CatalogOptions, discover } from './discover.js';
import type { Catalog } from './types.js';

/**
 * Everything that can be picked, the best first; hidden and broken kernels are in it, and say why. Starts nothing (but an interpreter
 * of which no file says what it is), and writes nothing but its own cache.
 *
 * @throws AbortedError when the signal fires; whatever else goes wrong is in `searched` or an entry's `problem`
 */
export async function catalog(options: CatalogOptions = {}): Promise<Catalog> {
  return untilAborted('Looking for kernels', options.signal, async () => {
    const search = discover(options);
    for (;;) {
      const step = await search.next();
      if (step.done) return step.value;
    }
  });
}
