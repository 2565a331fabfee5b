import { describe } from './error.js';
import { isObject } from './json.js';
import type { ChannelName } from './message.js';

/** What a connection file says (jupyter_client/connect.py; JEP 106). */
export interface ConnectionInfo {
  transport: 'tcp' | 'ipc';
  /** An address; for ipc the path that the sockets' names begin with. */
  ip: string;
  /** TCP ports, 0 where the kernel is to choose; for ipc small numbers that end the sockets' names. */
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
  /** Empty: messages are not signed. */
  key: string;
  /** `hmac-` and the name of a digest in Python's hashlib. */
  signature_scheme: string;
  kernel_name?: string;
  /** From JPY_SESSION_NAME: the notebook that the kernel was started for. */
  jupyter_session?: string;
  /** ZeroMQ CURVE keys, Z85, 40 characters: the kernel's sockets are encrypted. */
  curve_publickey?: string;
  curve_secretkey?: string;
}

/** A connection file that cannot be used; `field` is undefined when it is no object at all. */
export class ConnectionInfoError extends Error {
  override readonly name = 'ConnectionInfoError';
  readonly code = 'bad-connection-info';
  readonly field: string | undefined;
  readonly expected: string;
  /** What was found, described. */
  readonly got: string;

  constructor(field: string | undefined, expected: string, value: unknown) {
    const got = describe(value);
    const what = field === undefined ? 'it' : field;
    super(`Reading connection info: ${what} must be ${expected}, and is ${got}. Is this a kernel's connection file?`);
    this.field = field;
    this.expected = expected;
    this.got = got;
  }
}

const PORTS = ['shell_port', 'iopub_port', 'stdin_port', 'control_port', 'hb_port'] as const;
const OPTIONAL_TEXTS = ['kernel_name', 'jupyter_session', 'curve_publickey', 'curve_secretkey'] as const;

/**
 * A connection file's JSON value, checked. Defaults are jupyter_client's: `tcp`, `127.0.0.1`, `hmac-sha256`, no key.
 * Ports may be texts (JEP 106) and may be 0 (the kernel has yet to choose). Unknown members are left out.
 * Throws ConnectionInfoError naming the field.
 */
export function parseConnectionInfo(value: unknown): ConnectionInfo {
  if (!isObject(value)) throw new ConnectionInfoError(undefined, 'an object', value);
  const transport = value.transport ?? 'tcp';
  if (transport !== 'tcp' && transport !== 'ipc')
    throw new ConnectionInfoError('transport', '"tcp" or "ipc"', transport);
  const ip = value.ip ?? (transport === 'tcp' ? '127.0.0.1' : undefined);
  if (typeof ip !== 'string' || ip === '') {
    throw new ConnectionInfoError(
      'ip',
      transport === 'tcp' ? 'an address' : 'the path that socket names begin with',
      ip,
    );
  }
  const key = value.key ?? '';
  if (typeof key !== 'string') throw new ConnectionInfoError('key', 'a text', key);
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = PORTS.map((field) =>
    parsePort(field, value[field], transport),
  ) as [number, number, number, number, number];
  const info: ConnectionInfo = {
    transport,
    ip,
    shell_port,
    iopub_port,
    stdin_port,
    control_port,
    hb_port,
    key,
    signature_scheme: parseScheme(value.signature_scheme, key),
  };
  for (const field of OPTIONAL_TEXTS) {
    const text = value[field];
    if (text === undefined || text === null) continue;
    if (typeof text !== 'string') throw new ConnectionInfoError(field, 'a text', text);
    info[field] = text;
  }
  return info;
}

function parsePort(field: string, value: unknown, transport: 'tcp' | 'ipc'): number {
  const port = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  const limit = transport === 'tcp' ? 65_535 : Number.MAX_SAFE_INTEGER;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > limit) {
    const expected = transport === 'tcp' ? 'a port number from 0 to 65535' : 'a whole number';
    throw new ConnectionInfoError(field, expected, value);
  }
  return port;
}

function parseScheme(value: unknown, key: string): string {
  const scheme = value ?? 'hmac-sha256';
  // Some kernels leave the scheme empty with an empty key: there is nothing to sign with.
  if (scheme === '' && key === '') return 'hmac-sha256';
  if (typeof scheme !== 'string' || !/^hmac-./.test(scheme)) {
    throw new ConnectionInfoError('signature_scheme', '"hmac-" and the name of a digest', scheme);
  }
  return scheme;
}

/** Where a channel's socket is, as ZeroMQ writes it: `tcp://ip:port` (IPv6 in brackets) or `ipc://path-port`. */
export function endpoint(info: ConnectionInfo, channel: ChannelName | 'hb'): string {
  const port = info[`${channel}_port`];
  if (info.transport === 'ipc') return `ipc://${info.ip}-${port}`;
  const host = info.ip.includes(':') && !info.ip.startsWith('[') ? `[${info.ip}]` : info.ip;
  return `tcp://${host}:${port}`;
}
