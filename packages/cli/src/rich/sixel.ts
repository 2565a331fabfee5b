import * as gifenc from 'gifenc';
import { FINALIZER, introducer, sixelEncodeIndexed } from 'sixel/lib/SixelEncoder.js';
import type { Picture } from './pixels.js';

/** Colours that a sixel image may have (DEC STD 070). */
const MOST_COLOURS = 256;

// Node finds no names in its CommonJS, bundlers take its ES module, whose default is something else
const { quantize, applyPalette } = 'quantize' in gifenc ? gifenc : (gifenc as typeof import('gifenc')).default;

type Palette = [number, number, number][];

/**
 * A picture, whose points are all opaque, as sixels. Its colours as they are where they are few, else the best ones: by gifenc, since sixel's
 * own choice makes one grey of red, green and blue where a picture has as much of each.
 */
export function sixel({ data, width, height }: Picture): string {
  const { palette, places } = ownColours(data) ?? fewerColours(data);
  return introducer(0) + sixelEncodeIndexed(places, width, height, palette) + FINALIZER;
}

interface Coloured {
  palette: Palette;
  /** For each point the place of its colour. */
  places: Uint16Array;
}

/** Null where there are too many. */
function ownColours(data: Uint8Array): Coloured | null {
  const found = new Map<number, number>();
  const palette: Palette = [];
  const places = new Uint16Array(data.length / 4);
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue] = [data[at]!, data[at + 1]!, data[at + 2]!];
    const colour = (red << 16) | (green << 8) | blue;
    let place = found.get(colour);
    if (place === undefined) {
      if (palette.length === MOST_COLOURS) return null;
      place = palette.push([red, green, blue]) - 1;
      found.set(colour, place);
    }
    places[at / 4] = place;
  }
  return { palette, places };
}

function fewerColours(data: Uint8Array): Coloured {
  const palette = quantize(data, MOST_COLOURS, { format: 'rgb565' });
  return { palette, places: Uint16Array.from(applyPalette(data, palette, 'rgb565')) };
}
