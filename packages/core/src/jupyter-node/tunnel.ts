import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** A connection through a proxy, which is asked for it by CONNECT; `tls`: what then is spoken with the peer. */
export function tunnel(
  proxy: URL,
  { host, port, tls, trust }: { host: string; port: number; tls: ConnectionOptions | null; trust: ConnectionOptions },
  done: (error: Error | null, socket?: Socket) => void,
): void {
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const { username, password } = proxy;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const ask = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = ask({
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: target,
    headers: {
      Host: target,
      ...(username !== '' && { 'Proxy-Authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
    agent: false,
    ...(proxy.protocol === 'https:' && { ca: trust.ca, rejectUnauthorized: trust.rejectUnauthorized }),
  });
  request.once('connect', (response, socket) => {
    if (response.statusCode !== 200) {
      socket.destroy();
      done(new Error(`the proxy ${proxy.host} refuses the connection: ${response.statusCode}`));
    } else if (tls === null) {
      done(null, socket);
    } else {
      const servername = isIP(host) === 0 ? host : '';
      const secure = connectTls({ ...tls, socket, servername, host });
      done(null, secure);
    }
  });
  // one that answers as if it were a server, and not by a connection
  request.once('response', (response) => {
    response.destroy();
    done(new Error(`the proxy ${proxy.host} refuses the connection: ${response.statusCode}`));
  });
  request.once('error', (error) => done(error));
  request.end();
}
