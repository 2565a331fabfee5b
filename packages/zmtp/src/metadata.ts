import { ZmtpError } from './errors.js';

/** Properties of a READY command. Names are compared without case (RFC 37), so a received map has them in lower case. */
export type Metadata = ReadonlyMap<string, Uint8Array>;

const nameRule = /^[A-Za-z0-9\-_.+]{1,255}$/;

/** name-length, name, value-length (4 octets), value: repeated. */
export function encodeMetadata(properties: Iterable<readonly [string, Uint8Array]>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, value] of properties) {
    const head = Buffer.alloc(1 + name.length + 4);
    head[0] = name.length;
    head.write(name, 1, 'latin1');
    head.writeUInt32BE(value.length, 1 + name.length);
    parts.push(head, value);
  }
  return Buffer.concat(parts);
}

/** Reads the whole of `bytes`. Throws ZmtpError `EPROTOCOL`. */
export function decodeMetadata(bytes: Uint8Array): Metadata {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const result = new Map<string, Uint8Array>();
  let at = 0;
  while (at < buffer.length) {
    const nameEnd = at + 1 + buffer[at]!;
    if (nameEnd + 4 > buffer.length) throw malformed('ends within a name');
    const name = buffer.toString('latin1', at + 1, nameEnd);
    if (!nameRule.test(name)) throw malformed(`has an invalid name ${JSON.stringify(name)}`);
    const valueEnd = nameEnd + 4 + buffer.readUInt32BE(nameEnd);
    if (valueEnd > buffer.length) throw malformed(`ends within the value of ${name}`);
    // A copy: the properties are kept for as long as the connection, the bytes around them are not worth keeping.
    result.set(name.toLowerCase(), Buffer.from(buffer.subarray(nameEnd + 4, valueEnd)));
    at = valueEnd;
  }
  return result;
}

function malformed(why: string): ZmtpError {
  return new ZmtpError('EPROTOCOL', `The metadata of the peer's READY command ${why}`);
}
