import WebSocket from 'ws';
import { type JupyterServerOptions, jupyterServer, type RunningJupyter } from '../../../../testing/servers/index.js';
import type { ChannelNotice } from '../../src/channels/index.js';
import type { Network, ServerSettings, WebSocketLike } from '../../src/jupyter/types.js';
import type { Kernel } from '../../src/kernel/index.js';

/** Node's own fetch, and `ws` as it comes. */
export const network: Network = {
  fetch: (input, init) => fetch(input, init),
  openWebSocket: (url, protocols, headers) =>
    new WebSocket(url, [...protocols], { headers, perMessageDeflate: false }) as unknown as WebSocketLike,
};

/** As a browser: no headers, no pings, and nothing but what every WebSocket has. */
export const browserNetwork: Network = {
  fetch: (input, init) => fetch(input, init),
  openWebSocket: (url, protocols) => {
    const socket = new WebSocket(url, [...protocols], { perMessageDeflate: false });
    const plain: WebSocketLike = {
      get readyState() {
        return socket.readyState;
      },
      get protocol() {
        return socket.protocol;
      },
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      binaryType: 'blob',
      send: (data) => socket.send(data),
      close: (code, reason) => socket.close(code, reason),
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
    };
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => plain.onopen?.({});
    socket.onmessage = ({ data }) => plain.onmessage?.({ data });
    socket.onclose = ({ code, reason }) => plain.onclose?.({ code, reason });
    socket.onerror = () => plain.onerror?.({});
    return plain;
  },
};

/** The server lets all output through. */
export const UNLIMITED = { ZMQChannelsWebsocketConnection: { limit_rate: false } };

export function settingsOf(server: { url: string; token: string }, net: Network = network): ServerSettings {
  return { baseUrl: server.url, token: server.token, headers: {}, network: net };
}

export function unlimitedServer(options: JupyterServerOptions = {}): Promise<RunningJupyter> {
  return jupyterServer({ ...options, config: { ...UNLIMITED, ...options.config } });
}

/** Every notice of this kernel, as they come. */
export function noticesOf(kernel: Kernel): ChannelNotice[] {
  const notices: ChannelNotice[] = [];
  kernel.on('notice', (notice) => notices.push(notice));
  return notices;
}

/** Resolves at the first event of this kind. */
export function noticed(kernel: Kernel, kind: ChannelNotice['kind']): Promise<ChannelNotice> {
  return new Promise((resolve) => {
    const stop = kernel.on('notice', (notice) => {
      if (notice.kind !== kind) return;
      stop();
      resolve(notice);
    });
  });
}

/** A line of a kernel's in one piece: a message that is lost takes the whole of it. `print(i)` writes its end apart. */
export const PRINT_I = 'print(f"{i}\\n", end="", flush=True)';
