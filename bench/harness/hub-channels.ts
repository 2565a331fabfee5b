import type { Channels, ChannelsListener, Hub } from '@kernelkit/core';
import { type JupyterMessage, newSessionId } from '@kernelkit/protocol';

/** A client of a hub in the same process, for whatever speaks over Channels. */
export function hubChannels(hub: Hub): Channels {
  const session = newSessionId();
  const listeners = new Set<ChannelsListener>();
  const connection = hub.attach({
    session,
    wake() {
      for (let item = connection.take(); item !== null; item = connection.take()) {
        if (item.kind === 'message') for (const listener of listeners) listener.message?.(item.entry.message);
      }
    },
  });
  return {
    session,
    gone: null,
    send(message: JupyterMessage) {
      connection.send(message);
      return Promise.resolve();
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      connection.close();
      return Promise.resolve();
    },
    [Symbol.asyncDispose]() {
      return this.close();
    },
  };
}
