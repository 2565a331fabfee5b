import { imageSize } from 'image-size';
import { oneLine } from '../width.js';
import type { Pixels } from './ask-terminal.js';
import { sizeOf } from './mime.js';

/** An image of more points is not decoded: a small file may claim any size. */
export const MOST_POINTS = 40_000_000;

/** The size that an image's head tells; null where it is none that is known. */
export function pixelsOf(bytes: Uint8Array): Pixels | null {
  try {
    const { width, height } = imageSize(bytes);
    return width > 0 && height > 0 ? { width: Math.round(width), height: Math.round(height) } : null;
  } catch {
    return null;
  }
}

/** `image/png 640×480, 12 kB` */
export function sizeLine(type: string, bytes: Uint8Array | null): string {
  const name = oneLine(type);
  if (bytes === null) return name;
  const pixels = type.startsWith('image/') ? pixelsOf(bytes) : null;
  return `${name}${pixels === null ? '' : ` ${pixels.width}×${pixels.height}`}, ${sizeOf(bytes.length)}`;
}

/** The size that an output's metadata ask for, in a bundle's `{"image/png": {"width": 320}}`; the other side follows. */
export function wantedSize(metadata: unknown, type: string, natural: Pixels): Pixels {
  const own = (metadata as Record<string, unknown> | null | undefined)?.[type] as Record<string, unknown> | undefined;
  const [width, height] = [own?.width, own?.height].map((value) =>
    typeof value === 'number' && value >= 1 && value <= 100_000 ? value : null,
  );
  if (width == null && height == null) return natural;
  const scale = width == null ? height! / natural.height : width / natural.width;
  return rounded({ width: natural.width * scale, height: height ?? natural.height * scale });
}

/** As large as it may be, and never larger than it is. */
export function fitted(size: Pixels, most: Pixels): Pixels {
  const scale = Math.min(1, most.width / size.width, most.height / size.height);
  return rounded({ width: size.width * scale, height: size.height * scale });
}

function rounded({ width, height }: Pixels): Pixels {
  return { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) };
}
