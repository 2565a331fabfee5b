import type { Prefix } from './prefix.js';
import type { Candidate, Identity, Item, Place } from './types.js';
import type { Look, Where } from './where.js';

/**
 * What is known of one kind of environment: where such are kept, and how one is recognised. Facts and sources:
 * `reference/environments.md` §1.
 */
export interface Locator {
  readonly name: string;
  /** Where to look on a platform: pure, reads no file. */
  places?(where: Where): Place[];
  /** What a place with `how: 'own'` holds. @throws FileFaultError, RemotePlaceError */
  look?(place: Place, look: Look): Iterable<Item>;
  /** Whether a prefix is one of its kind; the first locator that says so decides. @throws FileFaultError, RemotePlaceError */
  identify?(prefix: Prefix, candidate: Candidate): Identity | null;
}

/** Places that are alike but for their paths; null and repeated ones are left out. */
export function placesAt(
  locator: string,
  how: Place['how'],
  nearness: Place['nearness'],
  paths: readonly (string | null)[],
): Place[] {
  return [...new Set(paths)].flatMap((path) => (path === null ? [] : [{ locator, path, how, nearness }]));
}

/** Whether a result of `look` is a place to look at in turn. */
export function isPlace(item: Item): item is Place {
  return 'how' in item;
}
