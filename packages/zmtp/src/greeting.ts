import { ZmtpError } from './errors.js';

/** Signature (10 octets) and major version: what goes out first, since a 2.0 peer takes the next octet for a socket type. */
export const GREETING_HEAD: Uint8Array = Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3);

const SIGNATURE = 10;
const SIZE_2 = 12;
const SIZE_3 = 64;
const MECHANISM_AT = 12;
const MECHANISM_LENGTH = 20;

// RFC 15 (ZMTP 2.0) numbers the socket types as libzmq's header does.
const types2 = ['PAIR', 'PUB', 'SUB', 'REQ', 'REP', 'DEALER', 'ROUTER', 'PULL', 'PUSH', 'XPUB', 'XSUB'] as const;

/** What a peer says of itself first (RFC 37; 2.0: RFC 15). */
export type Greeting =
  | { readonly major: 2; readonly socketType: string }
  | { readonly major: 3; readonly minor: number; readonly mechanism: string; readonly asServer: boolean };

/** The 53 octets that follow GREETING_HEAD for a 3.x peer: minor 1, the mechanism, as-server, filler. */
export function encodeGreetingTail3(mechanism: string, asServer: boolean): Uint8Array {
  const tail = new Uint8Array(SIZE_3 - GREETING_HEAD.length);
  tail[0] = 1;
  tail.set(Buffer.from(mechanism, 'latin1').subarray(0, MECHANISM_LENGTH), 1);
  tail[1 + MECHANISM_LENGTH] = asServer ? 1 : 0;
  return tail;
}

/** What follows GREETING_HEAD for a 2.0 peer: the socket type, then the identity as a frame. */
export function encodeGreetingTail2(socketType: string, identity: Uint8Array): Uint8Array {
  const type = types2.indexOf(socketType as (typeof types2)[number]);
  return Uint8Array.of(type, 0, identity.length, ...identity);
}

/**
 * Reads the peer's greeting (RFC 23, 37; RFC 15 for 2.0) from bytes in any pieces. The padding of the signature is
 * never checked, since peers put different things there; a major above 3 is spoken to as 3.1.
 */
export class GreetingReader {
  readonly #bytes = Buffer.alloc(SIZE_3);
  #length = 0;

  /** The peer's major version (2 or 3) as soon as it is known. */
  major: 2 | 3 | null = null;
  /** The whole greeting once it is there. */
  greeting: Greeting | null = null;

  /** Takes what belongs to the greeting and returns how many octets that was. Throws ZmtpError `EGREETING`. */
  push(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length && !this.greeting) {
      this.#bytes[this.#length++] = chunk[at++]!;
      this.#step(chunk);
    }
    return at;
  }

  #step(chunk: Uint8Array): void {
    const bytes = this.#bytes;
    const length = this.#length;
    const newest = bytes[length - 1]!;
    if (length === 1 && newest !== 0xff) throw notZmtp(chunk);
    if (length === SIGNATURE && (newest & 1) === 0) throw notZmtp(bytes.subarray(0, SIGNATURE));
    if (length === SIGNATURE + 1) {
      if (newest === 0) throw new ZmtpError('EGREETING', 'The peer speaks ZMTP 1.0, which is not supported');
      this.major = newest < 3 ? 2 : 3;
    } else if (length === SIZE_2 && this.major === 2) {
      const socketType = types2[newest];
      if (!socketType) throw new ZmtpError('EGREETING', `The peer has an unknown socket type (${newest})`);
      this.greeting = { major: 2, socketType };
    } else if (length === SIZE_3) {
      const field = bytes.subarray(MECHANISM_AT, MECHANISM_AT + MECHANISM_LENGTH);
      const nul = field.indexOf(0);
      this.greeting = {
        major: 3,
        minor: bytes[SIGNATURE]! > 3 ? 1 : bytes[SIGNATURE + 1]!,
        mechanism: field.toString('latin1', 0, nul < 0 ? MECHANISM_LENGTH : nul),
        asServer: bytes[MECHANISM_AT + MECHANISM_LENGTH] === 1,
      };
    }
  }
}

function notZmtp(start: Uint8Array): ZmtpError {
  const head = Buffer.from(start.subarray(0, 16));
  const text = head.toString('latin1').replace(/[^ -~]/g, '.');
  return new ZmtpError(
    'EGREETING',
    `What answers is not a ZeroMQ peer: it began with "${text}" (${head.toString('hex')}). Is the port right?`,
  );
}
