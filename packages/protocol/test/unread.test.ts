import { expect, test } from 'vitest';
import {
  createMessage,
  decodeZmq,
  encodeWebSocketV1,
  encodeZmq,
  hasUnreadContent,
  type JupyterMessage,
  unsigned,
} from '../src/index.js';

const sent = createMessage({
  channel: 'iopub',
  type: 'stream',
  session: 's',
  content: { name: 'stdout', text: 'much' },
  buffers: [Uint8Array.of(1)],
});

function receive(message: JupyterMessage = sent): JupyterMessage {
  return decodeZmq(encodeZmq(message, unsigned), 'iopub', unsigned, { leaveUnread: () => true }).message;
}

test('a content is left unread until somebody looks, and is then what it would have been', () => {
  const message = receive();
  expect(hasUnreadContent(message)).toBe(true);
  expect(message.content).toEqual(sent.content);
  expect(hasUnreadContent(message)).toBe(false);
  const { content } = message;
  expect(message.content === content).toBe(true);
  expect({ ...receive() }).toEqual({ ...message });
});

test('a relay passes it on without looking', () => {
  const message = receive();
  const relayed = encodeWebSocketV1(message, { relay: true });
  expect(hasUnreadContent(message)).toBe(true);
  expect(relayed).toEqual(encodeWebSocketV1(sent));
});

test('one that is given another content has that', () => {
  const message = receive();
  message.content = { name: 'stderr', text: '' };
  expect([hasUnreadContent(message), message.content]).toEqual([false, { name: 'stderr', text: '' }]);
});

test('what is no content is told when it is looked at', () => {
  const frames = encodeZmq(sent, unsigned);
  frames[5] = new TextEncoder().encode('{"text": ');
  const { message } = decodeZmq(frames, 'iopub', unsigned, { leaveUnread: () => true });
  expect(() => message.content).toThrow(/content/);
});
