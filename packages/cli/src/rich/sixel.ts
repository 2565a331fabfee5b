import { image2sixel } from 'sixel';
import type { Picture } from './pixels.js';

/** Colours that a sixel image may have (DEC STD 070). */
const MOST_COLOURS = 256;

/** A picture as sixels, with as many colours as there can be. */
export function sixel({ data, width, height }: Picture): string {
  return image2sixel(data, width, height, MOST_COLOURS);
}
