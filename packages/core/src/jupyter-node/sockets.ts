import { connect } from 'node:net';
import type { WebSocket } from 'ws';
import type { Network, WebSocketLike } from '../jupyter/index.js';
import { type ProxyVariables, proxyFor } from './proxies.js';
import type { Trust } from './trust.js';
import { tunnel } from './tunnel.js';

/** Of one message. The biggest output that a notebook could still be saved with is below it. */
const MAX_PAYLOAD = 1024 ** 3;

/**
 * Opens WebSockets with `ws`. undici has one too, but it can neither send the pong that a client frees itself with where its server
 * sets no TCP_NODELAY (40 ms for each cell), nor tell a ping from silence, nor end a connection at once; and it takes no message
 * that was not finished. `ws` can, and sets TCP_NODELAY itself.
 *
 * @param socketPath a Unix socket that all of them go to
 */
export function socketOpener(
  Base: typeof WebSocket,
  trust: Trust,
  env: ProxyVariables,
  socketPath?: string,
): Network['openWebSocket'] {
  class NodeSocket extends Base {
    constructor(url: string, protocols: readonly string[], headers: Readonly<Record<string, string>>) {
      const proxy = proxyFor(url, env);
      const isSecure = url.startsWith('wss:');
      super(url, [...protocols], {
        headers: { ...headers },
        perMessageDeflate: false,
        maxPayload: MAX_PAYLOAD,
        ...(isSecure && trust),
        ...(socketPath !== undefined && { createConnection: () => connect(socketPath) }),
        ...(proxy !== null && {
          // Node lets it call back; the type knows only what it returns
          createConnection: ((
            options: { host: string; port: number },
            done: (error: Error | null, socket?: unknown) => void,
          ) =>
            tunnel(
              proxy,
              { host: options.host, port: options.port, tls: isSecure ? trust : null, trust },
              done,
            )) as never,
        }),
      });
      // without one a failure ends the process
      this.on('error', () => {});
      // `ws` gives up a server that selects no subprotocol. Servers of old do not, and speak Jupyter's first one then.
      this.on('upgrade', ({ headers: answer }) => {
        if (protocols.length === 0 || answer['sec-websocket-protocol'] !== undefined) return;
        answer['sec-websocket-protocol'] = protocols[0]!;
        // and says so to whoever asks
        Object.defineProperty(this, 'protocol', { value: '' });
      });
      this.binaryType = 'arraybuffer';
    }
  }
  return (url, protocols, headers) => new NodeSocket(url, protocols, headers) as unknown as WebSocketLike;
}
