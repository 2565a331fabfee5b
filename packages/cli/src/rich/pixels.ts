import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { MOST_POINTS, pixelsOf } from './image.js';

/** An image as points: red, green, blue, alpha, row by row. */
export interface Picture {
  width: number;
  height: number;
  data: Uint8Array;
}

/** Decodes a PNG or a JPEG. Null where it is none, or too large. */
export function decode(bytes: Uint8Array, type: string): Picture | null {
  const size = pixelsOf(bytes);
  if (size === null || size.width * size.height > MOST_POINTS) return null;
  try {
    if (type === 'image/png') {
      const { width, height, data } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      return { width, height, data };
    }
    const { width, height, data } = jpeg.decode(bytes, { useTArray: true, maxMemoryUsageInMB: 1024 });
    return { width, height, data };
  } catch {
    return null;
  }
}

/** On white, as a notebook shows it: what is dark and half seen through would be lost on a dark terminal. */
export function onWhite({ width, height, data }: Picture): Picture {
  const flat = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3]!;
    for (let part = 0; part < 3; part += 1)
      flat[at + part] = Math.round((data[at + part]! * alpha + 255 * (255 - alpha)) / 255);
    flat[at + 3] = 255;
  }
  return { width, height, data: flat };
}

/** Makes a picture smaller: each point is the mean of those that it stands for. */
export function shrunk(picture: Picture, width: number, height: number): Picture {
  if (width >= picture.width && height >= picture.height) return picture;
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    const [top, bottom] = span(y, height, picture.height);
    for (let x = 0; x < width; x += 1) {
      const [left, right] = span(x, width, picture.width);
      mean(picture, [left, right, top, bottom], data, (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

function span(at: number, count: number, all: number): [number, number] {
  const from = Math.floor((at * all) / count);
  return [from, Math.max(from + 1, Math.floor(((at + 1) * all) / count))];
}

function mean(
  { data, width }: Picture,
  [left, right, top, bottom]: readonly [number, number, number, number],
  into: Uint8Array,
  place: number,
): void {
  const points = (right - left) * (bottom - top);
  let [red, green, blue, alpha] = [0, 0, 0, 0];
  for (let y = top; y < bottom; y += 1) {
    for (let at = (y * width + left) * 4; at < (y * width + right) * 4; at += 4) {
      red += data[at]!;
      green += data[at + 1]!;
      blue += data[at + 2]!;
      alpha += data[at + 3]!;
    }
  }
  into[place] = red / points;
  into[place + 1] = green / points;
  into[place + 2] = blue / points;
  into[place + 3] = alpha / points;
}
