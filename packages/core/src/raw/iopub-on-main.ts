import { Subscriber } from '@kernelkit/zmtp';
import type { IopubHandlers, IopubOptions, IopubReader } from './iopub.js';

/**
 * Reads iopub on the calling thread, for hosts without workers. While that thread is blocked nothing is read, and a
 * kernel that prints much then drops output on its side, silently (zmtp.md, "Event-loop stalls").
 */
export function readIopubOnMain(options: IopubOptions, handlers: IopubHandlers): IopubReader {
  const socket = new Subscriber({ maxMessageSize: options.maxMessageSize, maxFrameSize: options.maxMessageSize });
  socket.on('handshake', () => handlers.connected());
  socket.on('disconnect', ({ error }) => handlers.disconnected(error?.message ?? 'the kernel closed the connection'));
  socket.on('error', (error) => handlers.failed(error));
  socket.onMessage = (frames) => handlers.message(frames);
  socket.subscribe('');
  socket.connect(options.endpoint);
  return {
    // in the turn between the two the socket is looked at
    caughtUp: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
    close: (atOnce) => socket.close(atOnce ? { linger: 0 } : {}),
  };
}
