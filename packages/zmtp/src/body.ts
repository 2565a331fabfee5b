import { ZmtpError } from './errors.js';

/** Frames from this size on are alone in an ArrayBuffer of their own, so that it can be transferred to another thread. */
export const LARGE = 16 * 1024;

// glibc gives free memory at the heap's end back to the system where it is more than twice the largest block that was ever
// freed, 64 MB at most. In a stream of 10 MB frames the garbage collector frees more than that at once, and the next frames
// pay a page fault for each 4 KB: two thirds of the time that a frame takes (measured). One block of the largest size that
// counts, asked for and let go, makes glibc keep the memory. Nobody writes into it, so that it is never more than an address.
const LARGEST_THAT_COUNTS = 32 * 1024 * 1024 - 64 * 1024;
// Only where there is a stream of them: a program that receives a picture now and then need not keep memory for it.
const BULK_FRAME = 1024 * 1024;
const BULK_BYTES = 64 * 1024 * 1024;
let bulk = 0;

function expectMore(size: number): void {
  if (size < BULK_FRAME || bulk >= BULK_BYTES) return;
  bulk += size;
  if (bulk < BULK_BYTES) return;
  try {
    Buffer.allocUnsafeSlow(LARGEST_THAT_COUNTS);
  } catch {
    // Memory is scarce: then it had better go back.
  }
}

/** Memory for the body of a frame. Throws ZmtpError `ETOOBIG` when there is none. */
export function allocateBody(size: number): Buffer {
  if (size < LARGE) return Buffer.allocUnsafe(size);
  expectMore(size);
  try {
    return Buffer.allocUnsafeSlow(size);
  } catch (cause) {
    throw new ZmtpError('ETOOBIG', `There is no memory for a frame of ${size} bytes`, { cause });
  }
}
