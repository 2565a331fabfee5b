import { allocateBody, LARGE } from './body.js';
import { ZmtpError } from './errors.js';
import { COMMAND, type Frame, LONG, MORE, RESERVED } from './frames.js';

/** No command that exists comes near this. */
const MAX_COMMAND = 64 * 1024;
// Empty frames cost no bytes of the message limit, but they do cost memory.
const MAX_FRAMES = 65_536;
// Below this, a copy of a read goes into Node's shared pool: cheaper, and a retained view keeps 8 KB, not a chunk.
const POOLED = 4096;
// Reads are copied in pieces of this, so that one retained small frame keeps no more alive.
const BLOCK = 64 * 1024;

/** Who hears what a decoder has read. */
export interface DecoderSink {
  message(frames: Frame[]): void;
  command(body: Uint8Array): void;
}

/** How large what a peer sends may be, and whether it is copied. */
export interface DecoderLimits {
  /** Bytes in one frame. */
  readonly maxFrameSize: number;
  /** Bytes in all frames of a message. */
  readonly maxMessageSize: number;
  /**
   * `never`: a small frame is a view of the bytes as they were read; keeping one of them keeps up to 64 KB alive.
   * `small`: each small frame is copied, for receivers that keep single frames for long.
   */
  readonly copy: 'never' | 'small';
}

/**
 * Bytes in, messages and commands out (RFC 37 "Framing"; the same in ZMTP 2.0 but for the command bit). No I/O.
 * No byte is looked at twice, a body that spans reads is allocated once, and nothing is ever concatenated.
 * After it threw, a decoder must not be used again.
 */
export class Decoder {
  readonly #limits: DecoderLimits;
  readonly #sink: DecoderSink;
  readonly #header = new Uint8Array(9);
  #headerLength = 0;
  #flags = 0;
  #body: Buffer | null = null;
  #filled = 0;
  #frames: Frame[] = [];
  #messageSize = 0;
  /** Whether a large message may come. Off until the handshake is over: a stranger gets no memory. */
  #trusted = true;

  constructor(limits: DecoderLimits, sink: DecoderSink, trusted = true) {
    this.#limits = limits;
    this.#sink = sink;
    this.#trusted = trusted;
  }

  /** The handshake is over: the limits of the options count from here, not those of a command. */
  trust(): void {
    this.#trusted = true;
  }

  /**
   * Takes the next bytes. With `reused`, the caller overwrites `chunk` afterwards: what belongs to a large body goes there
   * directly, and the rest is copied once, before it is parsed. Throws ZmtpError `EPROTOCOL` or `ETOOBIG`.
   */
  push(chunk: Buffer, reused = false): void {
    if (!reused) {
      this.#parse(chunk);
      return;
    }
    let at = 0;
    while (at < chunk.length) {
      if (this.#body) {
        at = this.#fill(chunk, at);
        continue;
      }
      const count = Math.min(BLOCK, chunk.length - at);
      const block = count <= POOLED ? Buffer.allocUnsafe(count) : Buffer.allocUnsafeSlow(count);
      chunk.copy(block, 0, at, at + count);
      this.#parse(block);
      at += count;
    }
  }

  #parse(chunk: Buffer): void {
    let at = this.#body ? this.#fill(chunk, 0) : 0;
    const end = chunk.length;
    while (at < end) {
      if (this.#headerLength === 0) {
        const flags = chunk[at]!;
        if ((flags & LONG) === 0) {
          if (end - at >= 2) {
            at = this.#frame(chunk, at + 2, flags, chunk[at + 1]!);
            continue;
          }
        } else if (end - at >= 9) {
          at = this.#frame(chunk, at + 9, flags, longSize(chunk, at));
          continue;
        }
      }
      at = this.#collectHeader(chunk, at);
    }
  }

  // A header that is split over reads, one octet at a time.
  #collectHeader(chunk: Buffer, at: number): number {
    const header = this.#header;
    header[this.#headerLength++] = chunk[at++]!;
    const flags = header[0]!;
    if ((flags & RESERVED) !== 0) throw reservedBits(flags);
    if ((flags & LONG) === 0) {
      if (this.#headerLength < 2) return at;
      this.#headerLength = 0;
      return this.#frame(chunk, at, flags, header[1]!);
    }
    if (this.#headerLength < 9) return at;
    this.#headerLength = 0;
    return this.#frame(chunk, at, flags, longSize(header, 0));
  }

  #frame(chunk: Buffer, at: number, flags: number, size: number): number {
    this.#check(flags, size);
    if (chunk.length - at >= size) {
      let body: Buffer;
      if (size >= LARGE) {
        body = allocateBody(size);
        chunk.copy(body, 0, at, at + size);
      } else {
        body = chunk.subarray(at, at + size);
        if (this.#limits.copy === 'small') body = Buffer.from(body);
      }
      this.#finish(flags, body);
      return at + size;
    }
    this.#flags = flags;
    this.#body = allocateBody(size);
    this.#filled = 0;
    return this.#fill(chunk, at);
  }

  #fill(chunk: Buffer, at: number): number {
    const body = this.#body!;
    const count = Math.min(body.length - this.#filled, chunk.length - at);
    chunk.copy(body, this.#filled, at, at + count);
    this.#filled += count;
    if (this.#filled === body.length) {
      this.#body = null;
      this.#finish(this.#flags, body);
    }
    return at + count;
  }

  #finish(flags: number, body: Buffer): void {
    if ((flags & COMMAND) !== 0) {
      this.#sink.command(body);
      return;
    }
    const frames = this.#frames;
    frames.push(body);
    if ((flags & MORE) !== 0) {
      this.#messageSize += body.length;
      return;
    }
    this.#frames = [];
    this.#messageSize = 0;
    this.#sink.message(frames);
  }

  #check(flags: number, size: number): void {
    if ((flags & RESERVED) !== 0) throw reservedBits(flags);
    if ((flags & COMMAND) !== 0) {
      if ((flags & MORE) !== 0) throw new ZmtpError('EPROTOCOL', 'A command frame has the MORE flag set');
      if (size > MAX_COMMAND) throw tooBig('command', size, MAX_COMMAND);
      return;
    }
    const limit = this.#trusted ? this.#limits.maxFrameSize : MAX_COMMAND;
    if (size > limit) throw tooBig('frame', size, limit);
    const total = this.#messageSize + size;
    if (total > this.#limits.maxMessageSize) throw tooBig('message', total, this.#limits.maxMessageSize);
    if (this.#frames.length >= (this.#trusted ? MAX_FRAMES : 1)) {
      throw new ZmtpError('ETOOBIG', `A message has more than ${this.#frames.length} frames`);
    }
  }
}

function longSize(bytes: Uint8Array, at: number): number {
  let size = 0;
  // Beyond 2^53 this is not exact any more, and it does not matter: every limit is below.
  for (let i = at + 1; i < at + 9; i++) size = size * 256 + bytes[i]!;
  return size;
}

function reservedBits(flags: number): ZmtpError {
  return new ZmtpError('EPROTOCOL', `A frame has reserved flag bits set (0x${flags.toString(16)})`);
}

function tooBig(what: string, size: number, limit: number): ZmtpError {
  return new ZmtpError('ETOOBIG', `A ${what} of ${size} bytes is over the limit of ${limit}`);
}
