import { ZmtpError } from './errors.js';

/** Where a peer is: `tcp://HOST:PORT` or `ipc://PATH`. */
export type Endpoint =
  | { readonly transport: 'tcp'; readonly host: string; readonly port: number }
  | { readonly transport: 'ipc'; readonly path: string };

// sockaddr_un holds 108 bytes on Linux and 104 on macOS and the BSDs, one of them for the terminator.
function longestPath(platform: string): number {
  return platform === 'linux' || platform === 'android' ? 107 : 103;
}

/**
 * Reads `tcp://host:port` (`*` for every interface when binding, `[::1]:5555` for IPv6) or `ipc:///path`.
 * Throws ZmtpError `EENDPOINT` that says what is wrong. Port 0 is for binding only.
 */
export function parseEndpoint(text: string, use: 'connect' | 'bind', platform: string = process.platform): Endpoint {
  const bad = (why: string) => new ZmtpError('EENDPOINT', `Cannot ${use} to "${text}": ${why}`, { endpoint: text });
  const match = /^([a-z]+):\/\/(.*)$/s.exec(text);
  if (!match) throw bad('expected tcp://host:port or ipc://path');
  const [, scheme, rest = ''] = match;
  if (scheme === 'ipc') {
    if (platform === 'win32') throw bad('Windows has no Unix domain sockets in Node; use tcp://');
    if (rest === '' || rest.includes('\0')) throw bad('the path is empty or has a NUL in it');
    if (rest.startsWith('@')) throw bad('abstract sockets are not supported; use a path');
    const limit = longestPath(platform);
    const length = Buffer.byteLength(rest);
    if (length > limit) throw bad(`the path has ${length} bytes, the system takes ${limit}; use a shorter directory`);
    return { transport: 'ipc', path: rest };
  }
  if (scheme !== 'tcp') throw bad(`the transport "${scheme}" is not supported; use tcp:// or ipc://`);
  const address = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5}|\*)$/.exec(rest);
  if (!address) throw bad('expected host:port ([host]:port for IPv6)');
  const wildcard = address[3] === '*';
  if (wildcard && use === 'connect') throw bad('a port is needed to connect');
  const port = wildcard ? 0 : Number(address[3]);
  let host = address[1] ?? address[2] ?? '';
  if (port > 65535) throw bad('the port is above 65535');
  if (port === 0 && use === 'connect') throw bad('port 0 is for binding only');
  if (host === '*') {
    if (use === 'connect') throw bad('"*" is for binding only; name a host');
    host = '0.0.0.0';
  }
  return { transport: 'tcp', host, port };
}

/** The endpoint string for a parsed endpoint. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.transport === 'ipc') return `ipc://${endpoint.path}`;
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `tcp://${host}:${endpoint.port}`;
}
