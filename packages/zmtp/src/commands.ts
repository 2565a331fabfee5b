import { ZmtpError } from './errors.js';

export interface Command {
  readonly name: string;
  readonly data: Uint8Array;
}

/** A command's body: length of the name, name, data. (RFC 37's prose speaks of a NUL behind the name; its grammar does not.) */
export function encodeCommand(name: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const body = Buffer.allocUnsafe(1 + name.length + data.length);
  body[0] = name.length;
  body.write(name, 1, 'latin1');
  body.set(data, 1 + name.length);
  return body;
}

/** Takes a command's body apart; `data` is a view. Throws ZmtpError `EPROTOCOL`. */
export function decodeCommand(body: Uint8Array): Command {
  const length = body[0] ?? 0;
  if (length === 0 || 1 + length > body.length) {
    throw new ZmtpError('EPROTOCOL', `A command of ${body.length} bytes has no proper name`);
  }
  const name = Buffer.from(body.subarray(1, 1 + length)).toString('latin1');
  return { name, data: body.subarray(1 + length) };
}

/** PING: how long the peer may wait for our next sign of life (ms, sent in tenths of a second; 0: for ever), then a context. */
export function encodePing(ttl: number, context: Uint8Array = new Uint8Array(0)): Uint8Array {
  const data = Buffer.alloc(2 + context.length);
  data.writeUInt16BE(Math.min(0xffff, Math.ceil(ttl / 100)));
  data.set(context, 2);
  return encodeCommand('PING', data);
}

/** The PONG that answers a PING's data. Throws ZmtpError `EPROTOCOL` when the PING has no TTL. */
export function encodePong(ping: Uint8Array): Uint8Array {
  if (ping.length < 2) throw new ZmtpError('EPROTOCOL', 'A PING command is too short');
  return encodeCommand('PONG', ping.subarray(2));
}

/** The reason in an ERROR command's data, readable in any case. */
export function errorReason(data: Uint8Array): string {
  const length = Math.min(data[0] ?? 0, data.length - 1);
  const text = length > 0 ? Buffer.from(data.subarray(1, 1 + length)).toString('utf8') : '';
  return text === '' ? 'no reason given' : text;
}
