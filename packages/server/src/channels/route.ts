import type { Tell } from '../events.js';
import type { ServedKernel } from '../kernels/index.js';
import type { Counters } from '../rest/metrics.js';
import type { EventFeed } from './feed.js';

/** What connections to kernels stand on. */
export interface ChannelsHost {
  readonly tell: Tell;
  readonly counters: Counters;
  /** The kernel that a URL's `…/api/kernels/<id>/channels` names. */
  kernelAt(url: string): ServedKernel | undefined;
  /** What a URL's `…/api/events/subscribe` names. */
  feedAt(url: string): EventFeed | undefined;
}

/** The kernel's id in a path below the base URL; null: it is no path of a WebSocket. */
export function kernelIdIn(path: string): string | null {
  const id = /^\/api\/kernels\/([^/]+)\/channels$/.exec(path)?.[1];
  try {
    return id === undefined ? null : decodeURIComponent(id);
  } catch {
    return null;
  }
}
