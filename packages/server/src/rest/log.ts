import type { Hub, HubItem } from '@kernelkit/core';
import { newSessionId } from '@kernelkit/protocol';

/** So much is answered at once; `next` says where the rest begins. */
const MOST_BYTES = 16 * 2 ** 20;

/** What was printed, as every client sees it, for whoever has no WebSocket. */
export interface LogPage {
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  readonly entries: readonly Record<string, unknown>[];
  /** The number to read on after. */
  readonly next: number;
}

/** The log of a kernel after an entry (0: all that is kept), up to 16 MiB. What was given up before it could be read is an entry, too. */
export function readLog(hub: Hub, after: number): LogPage {
  const connection = hub.attach({ session: newSessionId(), isPassing: true, after, wake() {} });
  try {
    const entries: Record<string, unknown>[] = [];
    let bytes = 0;
    while (bytes < MOST_BYTES) {
      const item = connection.take();
      if (item === null) break;
      if (item.kind === 'message') bytes += item.entry.bytes;
      entries.push(entryOf(item));
    }
    return { ...hub.log, entries, next: connection.cursor };
  } finally {
    connection.close();
  }
}

function entryOf(item: HubItem): Record<string, unknown> {
  if (item.kind === 'lost') {
    const { from, to, messages, bytes } = item;
    return { lost: { from, to, messages, bytes } };
  }
  const { seq, message } = item.entry;
  const { channel, header, parent_header, metadata, content, buffers } = message;
  const encoded = buffers.map((buffer) => Buffer.from(buffer).toString('base64'));
  return { seq, message: { channel, header, parent_header, metadata, content, buffers: encoded } };
}

/** `?after=`; undefined: not asked for; null: no number of an entry. */
export function afterOf(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  const after = Number(text);
  return text !== '' && Number.isSafeInteger(after) && after >= 0 ? after : null;
}
