import { authHeaders, type ServerSettings, type WebSocketLike } from '@kernelkit/core/client';
import type { Gateway } from '@kernelkit/server';
import { exactSerializer, objectSerializer } from './serializer.js';
import type { LabServerSettings } from './types.js';

/** No request for it leaves the process; names under .invalid mean nobody (RFC 2606). */
const IN_PROCESS = 'http://kernelkit.invalid';

/**
 * What the managers and functions of @jupyterlab/services take as `serverSettings`.
 *
 * @param kernels a gateway: raw kernels of this machine, with no port open; or the settings of a Jupyter server, as `connectServer` and
 *   `serverFromUrl` give them, whose network (proxies, certificates, cookies) is used
 */
export function serverSettings(
  kernels: Pick<Gateway, 'baseUrl' | 'fetch' | 'ObjectWebSocket'> | ServerSettings,
): LabServerSettings {
  return 'ObjectWebSocket' in kernels ? inProcess(kernels) : remote(kernels);
}

function inProcess({
  baseUrl,
  fetch,
  ObjectWebSocket,
}: Pick<Gateway, 'baseUrl' | 'fetch' | 'ObjectWebSocket'>): LabServerSettings {
  return {
    ...common(`${IN_PROCESS}${baseUrl}`),
    fetch: (input, init) => fetch(new Request(input, init)),
    // a class, for `new`
    WebSocket: class {
      constructor(url: string, protocols?: string | string[]) {
        // biome-ignore lint/correctness/noConstructorReturn: there is no other way to hand out an object of another class
        return new ObjectWebSocket(opensWhenReady(url), protocols);
      }
    },
    serializer: objectSerializer,
  };
}

function remote(settings: ServerSettings): LabServerSettings {
  const { baseUrl, network } = settings;
  return {
    ...common(baseUrl),
    async fetch(input, init) {
      const request = new Request(input, init);
      const headers = { ...Object.fromEntries(request.headers), ...authHeaders(settings) };
      const body = request.body === null ? {} : { body: await request.arrayBuffer() };
      return network.fetch(request.url, { method: request.method, headers, signal: request.signal, ...body });
    },
    // the network's own has a listener for errors: `ws` without one ends the process
    WebSocket: class {
      constructor(url: string, protocols: string | string[] = []) {
        // biome-ignore lint/correctness/noConstructorReturn: as above
        return guarded(network.openWebSocket(opensWhenReady(url), [protocols].flat(), authHeaders(settings)));
      }
    },
    serializer: exactSerializer,
  };
}

/**
 * At a message that is none @jupyterlab/services throws, and what is thrown at an event of `ws` ends the process. In-process the gateway's
 * socket sees to it.
 */
function guarded(socket: WebSocketLike): WebSocketLike {
  let handler: WebSocketLike['onmessage'] = null;
  socket.onmessage = (event) => {
    try {
      handler?.(event);
    } catch (error) {
      console.warn(`kernelkit: a message of the server was left out: ${(error as Error).message}`);
    }
  };
  return Object.defineProperty(socket, 'onmessage', {
    get: () => handler,
    set: (given: WebSocketLike['onmessage']) => {
      handler = given;
    },
  });
}

function common(baseUrl: string) {
  return {
    ...{ baseUrl, appUrl: '', wsUrl: baseUrl.replace(/^http/, 'ws') },
    // the network brings the token, and none is in a URL
    ...{ token: '', appendToken: false },
    init: { cache: 'no-store', credentials: 'same-origin' } as RequestInit,
    ...{ Request, Headers },
  };
}

/**
 * A gateway of ours opens at once, and a restart while kernel_info waits for an answer rejects a promise that nobody can catch, which ends
 * Node (jupyterlab#12200). A Jupyter server waits for the kernel itself, and takes no notice of this.
 */
function opensWhenReady(url: string): string {
  if (!/\/channels\b/.test(url)) return url;
  return `${url}${url.includes('?') ? '&' : '?'}open=ready`;
}
