import { deflateSync } from 'node:zlib';
import type { Pixels } from './ask-terminal.js';
import type { ImageProtocol } from './choose.js';
import { fitted, pixelsOf, wantedSize } from './image.js';

/** What is known of the terminal that an image is drawn on. */
export interface Canvas {
  protocol: ImageProtocol;
  /** Pixels of a character; null: not known. */
  cell: Pixels | null;
  columns: number;
  rows: number;
}

/** Bytes of base64 in one escape sequence of kitty's protocol, at most. */
const KITTY_CHUNK = 4096;
/** A character of the VT340, whose size terminals that do not say theirs mostly pretend to have for sixel. */
const USUAL_CELL: Pixels = { width: 10, height: 20 };

/**
 * The escape sequences that show an image, and leave the cursor on the row below it, as text that ends its line. Larger than the terminal
 * it is made smaller, where the size of a character is known. Null where the image cannot be read.
 * @param metadata the output's: an image may be meant smaller than it is (figures for fine displays)
 */
export async function imageText(
  bytes: Uint8Array,
  type: string,
  metadata: unknown,
  canvas: Canvas,
): Promise<string | null> {
  const natural = pixelsOf(bytes);
  if (natural === null) return null;
  const cell = canvas.cell ?? USUAL_CELL;
  // a row for the prompt, and one for what stands before the image
  const most = { width: canvas.columns * cell.width, height: Math.max(1, canvas.rows - 2) * cell.height };
  const isKnown = canvas.cell !== null;
  const wanted = wantedSize(metadata, type, natural);
  const size = isKnown || canvas.protocol === 'sixel' ? fitted(wanted, most) : wanted;
  const cells = { width: Math.ceil(size.width / cell.width), height: Math.ceil(size.height / cell.height) };
  const isNatural = size.width === natural.width && size.height === natural.height;
  const sequence = await sequenceOf(bytes, type, canvas.protocol, {
    ...{ size, natural: isNatural, cells: isKnown ? cells : null },
  });
  if (sequence === null) return null;
  return isKnown ? reserved(sequence, cells.height) : `${sequence}\n`;
}

interface Place {
  size: Pixels;
  natural: boolean;
  /** In characters, where that is known. */
  cells: Pixels | null;
}

async function sequenceOf(
  bytes: Uint8Array,
  type: string,
  protocol: ImageProtocol,
  place: Place,
): Promise<string | null> {
  if (protocol === 'iterm2') return iterm2(bytes, place);
  if (protocol === 'kitty' && type === 'image/png') return kitty('f=100', bytes, place);
  const { decode, onWhite, shrunk } = await import('./pixels.js');
  const picture = decode(bytes, type);
  if (picture === null) return null;
  if (protocol === 'kitty') {
    const control = `f=32,s=${picture.width},v=${picture.height},o=z`;
    return kitty(control, deflateSync(picture.data), place);
  }
  const { sixel } = await import('./sixel.js');
  return sixel(shrunk(onWhite(picture), place.size.width, place.size.height));
}

/** https://sw.kovidgoyal.net/kitty/graphics-protocol/: shown at once (a=T), no answers (q=2), the cursor stays (C=1) where rows are kept for it. */
function kitty(control: string, bytes: Uint8Array, { natural, cells }: Place): string {
  const data = Buffer.from(bytes).toString('base64');
  const scale = natural || cells === null ? '' : `,c=${cells.width},r=${cells.height}`;
  const stay = cells === null ? '' : ',C=1';
  let sequence = '';
  for (let at = 0; at === 0 || at < data.length; at += KITTY_CHUNK) {
    const more = at + KITTY_CHUNK < data.length ? 1 : 0;
    const keys = at === 0 ? `a=T,q=2,${control}${scale}${stay},m=${more}` : `m=${more}`;
    sequence += `\x1b_G${keys};${data.slice(at, at + KITTY_CHUNK)}\x1b\\`;
  }
  return sequence;
}

/** https://iterm2.com/documentation-images.html. In characters, what it takes is known for certain. */
function iterm2(bytes: Uint8Array, { size, natural, cells }: Place): string {
  const sides =
    cells !== null
      ? `;width=${cells.width};height=${cells.height}`
      : natural
        ? ''
        : `;width=${size.width}px;height=${size.height}px`;
  const data = Buffer.from(bytes).toString('base64');
  return `\x1b]1337;File=inline=1;size=${bytes.length}${sides};preserveAspectRatio=1:${data}\x07`;
}

/** The rows are made first, and the cursor put back: however a terminal moves it with an image, it is known where it is, and nothing scrolls. */
function reserved(sequence: string, rows: number): string {
  return `${'\n'.repeat(rows)}\x1b[${rows}A\x1b7${sequence}\x1b8\x1b[${rows}B`;
}
