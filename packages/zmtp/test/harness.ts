import { type Frame, type MechanismFactory, nullMechanism, type Peer, Session, type SocketType } from '../src/index.js';

/** A Session without any I/O: feed it bytes, see what it says and sends. */
export function session(
  socketType: SocketType = 'DEALER',
  routingId = '',
  mechanism: MechanismFactory = nullMechanism,
) {
  const seen = { written: Buffer.alloc(0), peers: [] as Peer[], messages: [] as Frame[][], topics: [] as string[] };
  const it = new Session(
    {
      socketType,
      routingId: Buffer.from(routingId),
      mechanism,
      maxFrameSize: 1 << 20,
      maxMessageSize: 1 << 20,
      copy: 'never',
    },
    {
      write: (bytes) => {
        seen.written = Buffer.concat([seen.written, bytes]);
      },
      handshake: (peer) => seen.peers.push(peer),
      message: (frames) => seen.messages.push(frames),
      subscription: (topic, on) => seen.topics.push(`${on ? '+' : '-'}${Buffer.from(topic)}`),
    },
  );
  const feed = (bytes: Uint8Array, step = bytes.length) => {
    for (let at = 0; at < bytes.length; at += step) it.receive(Buffer.from(bytes.subarray(at, at + step)));
  };
  const sent = () => {
    const bytes = seen.written;
    seen.written = Buffer.alloc(0);
    return bytes.toString('hex');
  };
  return { it, seen, feed, sent };
}
