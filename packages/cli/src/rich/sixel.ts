import * as gifenc from 'gifenc';
import type { Picture } from './pixels.js';

// Node finds no names in its CommonJS, bundlers take its ES module, whose default is something else
const { quantize, applyPalette } = 'quantize' in gifenc ? gifenc : (gifenc as typeof import('gifenc')).default;

/** Colours that a sixel image may have (DEC STD 070). */
const MOST_COLOURS = 256;
/** Rows of points that one row of characters draws. */
const BAND = 6;

type Palette = [number, number, number][];

interface Coloured {
  palette: Palette;
  /** For each point the place of its colour. */
  places: Uint16Array | Uint8Array;
}

/**
 * A picture, whose points are all opaque, as sixels (VT330/VT340 Programmer Reference, chapter 14). Its colours as they are where they are
 * few, else the best ones, by gifenc. Not by the package sixel, which reads it in the tests: it makes one grey of red, green and blue where a
 * picture has as much of each, and its code cannot be bundled as an ES module.
 */
export function sixel({ data, width, height }: Picture): string {
  const { palette, places } = ownColours(data) ?? fewerColours(data);
  const colours = palette.map(
    (colour, at) => `#${at};2;${colour.map((part) => Math.round((part * 100) / 255)).join(';')}`,
  );
  const bands: string[] = [];
  for (let top = 0; top < height; top += BAND) {
    const rows = places.subarray(top * width, Math.min(top + BAND, height) * width);
    bands.push(band(rows, width));
  }
  // points as high as they are wide, and how many there are
  return `\x1bP0;0;q"1;1;${width};${height}${colours.join('')}${bands.join('-')}\x1b\\`;
}

/** Six rows: one colour drawn after the other, each from the left. */
function band(places: Uint16Array | Uint8Array, width: number): string {
  const layers = new Map<number, Uint8Array>();
  for (let at = 0; at < places.length; at += 1) {
    const place = places[at]!;
    let layer = layers.get(place);
    if (layer === undefined) {
      layer = new Uint8Array(width);
      layers.set(place, layer);
    }
    layer[at % width]! |= 1 << Math.floor(at / width);
  }
  return [...layers].map(([place, layer]) => `#${place}${runs(layer)}`).join('$');
}

/** Characters for columns of six points; `!5~` is `~~~~~`. Nothing at the end needs no character. */
function runs(layer: Uint8Array): string {
  let text = '';
  for (let from = 0, to = 0; from < layer.length; from = to) {
    while (to < layer.length && layer[to] === layer[from]) to += 1;
    if (to === layer.length && layer[from] === 0) break;
    const character = String.fromCharCode(63 + layer[from]!);
    text += to - from > 3 ? `!${to - from}${character}` : character.repeat(to - from);
  }
  return text;
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
  return { palette, places: applyPalette(data, palette, 'rgb565') };
}
