/** One part of a message. What arrives is a Buffer, but nothing here relies on that. */
export type Frame = Uint8Array;
/** What can be sent as a part of a message; a string goes as UTF-8. */
export type Sendable = Uint8Array | string;

// Frame flags, RFC 23 and 37 "Framing". The five upper bits are reserved and must be zero.
export const MORE = 0x01;
export const LONG = 0x02;
export const COMMAND = 0x04;
export const RESERVED = 0xf8;

/** Bodies above this go to the socket by reference; copying smaller ones is cheaper than one more writev entry. */
export const BY_REFERENCE = 16 * 1024;
const SLAB = 64 * 1024;
const MAX_HEADER = 9;

/** The bytes that a part has on the wire without its header. */
export function byteLength(part: Sendable): number {
  return typeof part === 'string' ? Buffer.byteLength(part) : part.byteLength;
}

/** At most this many bytes are queued for a message: bodies and the longest headers. */
export function messageLength(message: readonly Sendable[]): number {
  let total = 0;
  for (const part of message) total += byteLength(part) + MAX_HEADER;
  return total;
}

/** Writes a frame header (2 or 9 octets) at `at` and returns the offset behind it. */
export function writeHeader(target: Buffer, at: number, flags: number, size: number): number {
  if (size < 256) {
    target[at] = flags;
    target[at + 1] = size;
    return at + 2;
  }
  target[at] = flags | LONG;
  target.writeUInt32BE(Math.floor(size / 0x1_0000_0000), at + 1);
  target.writeUInt32BE(size >>> 0, at + 5);
  return at + MAX_HEADER;
}

/** The bytes of one command frame around an encoded command (see commands.ts). */
export function encodeCommandFrame(body: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(body.length + MAX_HEADER);
  const at = writeHeader(bytes, 0, COMMAND, body.length);
  bytes.set(body, at);
  return bytes.subarray(0, at + body.length);
}

/** The bytes of one whole message in one piece. The sockets use an Outbox instead, which does not copy large bodies. */
export function encodeMessage(message: readonly Sendable[]): Uint8Array {
  const outbox = new Outbox();
  outbox.append(message);
  const chunks = outbox.take();
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/**
 * Encoded messages waiting for a write. Headers and small bodies are packed into slabs, so that all messages of a tick
 * become a few buffers for one writev; a slab's bytes are never touched again once they were taken.
 * A body above 16 KB is kept by reference: it must not change until it was sent.
 */
export class Outbox {
  /** Bytes waiting here. */
  bytes = 0;
  #chunks: Uint8Array[] = [];
  #slab: Buffer | null = null;
  #start = 0;
  #end = 0;

  append(message: readonly Sendable[]): void {
    const last = message.length - 1;
    if (last < 0) throw new TypeError('A ZeroMQ message has at least one frame');
    for (let i = 0; i <= last; i++) {
      const part = message[i]!;
      const size = byteLength(part);
      const inline = size <= BY_REFERENCE;
      const slab = this.#room(inline ? size + MAX_HEADER : MAX_HEADER);
      const begin = this.#end;
      let at = writeHeader(slab, begin, i < last ? MORE : 0, size);
      if (inline) {
        if (typeof part === 'string') slab.write(part, at);
        else slab.set(part, at);
        at += size;
      }
      this.#end = at;
      this.bytes += at - begin;
      if (!inline) this.push(typeof part === 'string' ? Buffer.from(part) : part);
    }
  }

  /** Adds bytes that are encoded already; they are kept by reference. */
  push(chunk: Uint8Array): void {
    this.#cut();
    this.#chunks.push(chunk);
    this.bytes += chunk.byteLength;
  }

  /** Everything that waits, in order; the outbox is empty afterwards. */
  take(): Uint8Array[] {
    this.#cut();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.bytes = 0;
    return chunks;
  }

  #room(size: number): Buffer {
    if (this.#slab && this.#end + size <= SLAB) return this.#slab;
    this.#cut();
    this.#slab = Buffer.allocUnsafeSlow(SLAB);
    this.#start = 0;
    this.#end = 0;
    return this.#slab;
  }

  #cut(): void {
    if (!this.#slab || this.#start === this.#end) return;
    this.#chunks.push(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
