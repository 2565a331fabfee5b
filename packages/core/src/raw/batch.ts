/**
 * How messages cross from the worker that reads iopub to the calling thread: many small frames in one ArrayBuffer,
 * which is transferred, and each large frame as its own ArrayBuffer, transferred without a copy.
 *
 * Layout, u32 little-endian: for each message its number of frames, then for each frame its length followed by its
 * bytes, or LARGE, meaning the next buffer in `large`.
 */
export interface Batch {
  packed: ArrayBuffer;
  large: ArrayBuffer[];
}

const LARGE = 0xffff_ffff;
/** From this size on a transfer is cheaper than a copy. */
const LARGE_FROM = 32 * 1024;

function isLarge(frame: Uint8Array): boolean {
  return frame.byteLength >= LARGE_FROM;
}

/** Only a buffer that nobody shares may be transferred; a slice of a larger one is copied first. */
function ownBuffer(frame: Uint8Array): ArrayBuffer {
  const { buffer } = frame;
  if (buffer instanceof ArrayBuffer && frame.byteOffset === 0 && frame.byteLength === buffer.byteLength) return buffer;
  return frame.slice().buffer as ArrayBuffer;
}

export function packBatch(messages: readonly (readonly Uint8Array[])[]): Batch {
  let size = 0;
  for (const frames of messages) {
    size += 4;
    for (const frame of frames) size += isLarge(frame) ? 4 : 4 + frame.byteLength;
  }
  const packed = new ArrayBuffer(size);
  const bytes = new Uint8Array(packed);
  const view = new DataView(packed);
  const large: ArrayBuffer[] = [];
  let at = 0;
  for (const frames of messages) {
    view.setUint32(at, frames.length, true);
    at += 4;
    for (const frame of frames) {
      if (isLarge(frame)) {
        view.setUint32(at, LARGE, true);
        at += 4;
        large.push(ownBuffer(frame));
      } else {
        view.setUint32(at, frame.byteLength, true);
        bytes.set(frame, at + 4);
        at += 4 + frame.byteLength;
      }
    }
  }
  return { packed, large };
}

/** Calls `each` with every message's frames, in order; the frames are views, nothing is copied. */
export function unpackBatch({ packed, large }: Batch, each: (frames: Uint8Array[]) => void): void {
  const view = new DataView(packed);
  let at = 0;
  let nextLarge = 0;
  while (at < packed.byteLength) {
    const count = view.getUint32(at, true);
    at += 4;
    const frames: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      const length = view.getUint32(at, true);
      at += 4;
      if (length === LARGE) {
        frames.push(new Uint8Array(large[nextLarge++]!));
      } else {
        frames.push(new Uint8Array(packed, at, length));
        at += length;
      }
    }
    each(frames);
  }
}
