import { once } from 'node:events';
import type { ServerSettings } from '@kernelkit/core';
import { createMessage, decodeWebSocketV1, encodeWebSocketV1, newSessionId, WEBSOCKET_V1 } from '@kernelkit/protocol';
import { WebSocket } from 'ws';

export interface Shown {
  /** The numbers that were displayed, in the order in which they came. */
  numbers: number[];
  /** Whether the end of the cell came, too. */
  ended: boolean;
}

/** After the stall: so long without any message, and no more will come. */
const QUIET_MS = 15_000;

/**
 * Runs code that displays numbers; from the first one on, the client's socket is not read for `ms` milliseconds. It is the bare
 * protocol: what a client of ours would do by itself meanwhile (ask, connect again) stays out of it.
 */
export async function stalled(settings: ServerSettings, kernelId: string, code: string, ms: number): Promise<Shown> {
  const session = newSessionId();
  const url = `${settings.baseUrl.replace(/^http/, 'ws')}api/kernels/${kernelId}/channels?session_id=${session}`;
  const headers = { Authorization: `token ${settings.token}` };
  const socket = new WebSocket(url, [WEBSOCKET_V1], { headers, maxPayload: 0 });
  await once(socket, 'open');
  const content = {
    code,
    silent: false,
    store_history: false,
    user_expressions: {},
    allow_stdin: false,
    stop_on_error: true,
  };
  const request = createMessage({ channel: 'shell', type: 'execute_request', session, content });
  const shown: Shown = { numbers: [], ended: false };
  try {
    await new Promise<void>((resolve, reject) => {
      let quiet = setTimeout(resolve, ms + QUIET_MS);
      let hasStalled = false;
      socket.once('error', reject).once('close', () => reject(new Error('the server closed the connection')));
      socket.on('message', (data) => {
        const { header, parent_header, content: said, channel } = decodeWebSocketV1(data as Buffer);
        if (parent_header.msg_id !== request.header.msg_id) return;
        clearTimeout(quiet);
        quiet = setTimeout(resolve, QUIET_MS + (hasStalled ? 0 : ms));
        const type: string = header.msg_type;
        if (type === 'display_data')
          shown.numbers.push(Number((said as { data: Record<string, string> }).data['text/plain']));
        if (channel === 'iopub' && (said as { execution_state?: string }).execution_state === 'idle') {
          shown.ended = true;
          clearTimeout(quiet);
          resolve();
        }
        if (hasStalled || type !== 'display_data') return;
        hasStalled = true;
        socket.pause();
        setTimeout(() => socket.resume(), ms);
      });
      socket.send(encodeWebSocketV1(request));
    });
  } finally {
    socket.removeAllListeners('close');
    socket.terminate();
  }
  return shown;
}
