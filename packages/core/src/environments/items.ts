import { FileFaultError, RemotePlaceError } from '../files/index.js';
import { faultText } from './guarded.js';
import type { Locator } from './locator.js';
import { locators } from './locators.js';
import { ParserNeeded } from './parsers.js';
import type { Candidate, Fault, Item, Place } from './types.js';
import type { Look } from './where.js';

/**
 * What a place holds, now. Null: it is not there. What fails after something was found is an item of its own, so that
 * one damaged file costs nothing but itself.
 *
 * @throws FileFaultError, RemotePlaceError, ParserNeeded, Error (damaged), where nothing was found before
 */
export function itemsOf(place: Place, look: Look): Item[] | null {
  const { files, where } = look;
  if (place.how === 'prefix') return [{ prefix: place.path, place }];
  if (place.how !== 'children') {
    // whether it is there is for the locator to see: it may stand for several files
    if (files.stat(place.path) === null) return null;
    return drained(locatorOf(place).look?.(place, look) ?? [], place);
  }
  const entries = files.list(place.path);
  if (entries === null) return null;
  const names = [...entries].filter(([, type]) => type === 'directory' || type === 'link').map(([name]) => name);
  return names.sort().map((name): Candidate => ({ prefix: where.path.join(place.path, name), place }));
}

function drained(found: Iterable<Item>, place: Place): Item[] {
  const items: Item[] = [];
  try {
    for (const item of found) items.push(item);
  } catch (error) {
    // the whole place has to be looked at again, elsewhere or with a parser
    if (error instanceof ParserNeeded || error instanceof RemotePlaceError || items.length === 0) throw error;
    items.push({ fault: faultText(error), path: error instanceof FileFaultError ? error.path : place.path });
  }
  return items;
}

export function isFault(item: Item): item is Fault {
  return 'fault' in item;
}

function locatorOf(place: Place): Locator {
  const found = locators.find(({ name }) => name === place.locator);
  if (found === undefined) throw new Error(`there is no locator ${place.locator}`);
  return found;
}
