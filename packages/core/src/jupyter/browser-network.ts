import { foreignTo, hiddenAnswer, webSocketFailure } from './browser-failures.js';
import { platformNetwork } from './settings.js';
import type { Network } from './types.js';

/**
 * A page's (or worker's) own fetch and WebSocket. A browser hides why another origin's server could not be asked ("Failed to fetch", and a
 * close code 1006): what can be found out about it by asking otherwise is, and the failure says what to do.
 */
export function browserNetwork(): Network {
  const platform = platformNetwork();
  return {
    async fetch(input, init = {}) {
      try {
        return await platform.fetch(input, init);
      } catch (error) {
        const page = foreignTo(input);
        if (page === null || init.signal?.aborted) throw error;
        return hiddenAnswer(input, init, page, error);
      }
    },
    openWebSocket(url, protocols, headers) {
      const socket = platform.openWebSocket(url, protocols, headers);
      const page = foreignTo(url);
      if (page !== null) explainFailure(socket as unknown as EventTarget, url, page);
      return socket;
    },
  };
}

/** A WebSocket's error event is empty in a browser; what the client takes from it in Node is put there. */
function explainFailure(socket: EventTarget, url: string, page: string): void {
  let hasOpened = false;
  socket.addEventListener('open', () => {
    hasOpened = true;
  });
  socket.addEventListener('error', (event) => {
    if (!hasOpened) Object.defineProperty(event, 'error', { value: webSocketFailure(url, page) });
  });
}
