import { decodeCommand, encodeCommand, encodePing, encodePong, errorReason } from './commands.js';
import { Decoder, type DecoderLimits } from './decoder.js';
import { ZmtpError } from './errors.js';
import { encodeCommandFrame, encodeMessage, type Frame } from './frames.js';
import { encodeGreetingTail2, encodeGreetingTail3, GREETING_HEAD, type Greeting, GreetingReader } from './greeting.js';
import type { Mechanism, MechanismFactory } from './mechanism.js';
import type { Metadata } from './metadata.js';

/** The socket types that are spoken here. */
export type SocketType = 'DEALER' | 'ROUTER' | 'SUB' | 'PUB' | 'XPUB' | 'REQ' | 'REP';

// Who may talk to whom: RFC 37 "Socket-Type Property".
const partners: Readonly<Record<SocketType, readonly string[]>> = {
  DEALER: ['ROUTER', 'REP', 'DEALER'],
  ROUTER: ['DEALER', 'REQ', 'ROUTER'],
  SUB: ['PUB', 'XPUB'],
  PUB: ['SUB', 'XSUB'],
  XPUB: ['SUB', 'XSUB'],
  REQ: ['REP', 'ROUTER'],
  REP: ['REQ', 'DEALER'],
};
const withIdentity: readonly SocketType[] = ['DEALER', 'ROUTER', 'REQ'];

/** What a finished handshake tells about the other side. */
export interface Peer {
  readonly version: { readonly major: number; readonly minor: number };
  readonly mechanism: string;
  readonly socketType: string;
  /** The routing id that the peer asked for; empty when it did not. */
  readonly identity: Uint8Array;
  /** All properties, names in lower case. */
  readonly metadata: Metadata;
}

/** What a connection says of itself, and how much it takes. */
export interface SessionOptions extends DecoderLimits {
  readonly socketType: SocketType;
  readonly routingId: Uint8Array;
  readonly mechanism: MechanismFactory;
}

/** Where a session's bytes and events go. */
export interface SessionSink {
  write(bytes: Uint8Array): void;
  /** An answer to a PING: may be left out while much is unsent. A peer that pings and reads nothing would fill our memory. */
  pong?(bytes: Uint8Array): void;
  handshake(peer: Peer): void;
  message(frames: Frame[]): void;
  subscription(topic: Uint8Array, subscribe: boolean): void;
}

/**
 * One connection's protocol, from the greeting to the last message: bytes in, events and bytes out, no I/O (RFC 37, 23, 15).
 * What it throws is a ZmtpError, and the connection is of no use afterwards.
 */
export class Session {
  /** Set when the handshake is over. */
  peer: Peer | null = null;
  readonly #options: SessionOptions;
  readonly #sink: SessionSink;
  readonly #greeting = new GreetingReader();
  readonly #decoder: Decoder;
  readonly #mechanism: Mechanism;
  #tailSent = false;

  constructor(options: SessionOptions, sink: SessionSink) {
    this.#options = options;
    this.#sink = sink;
    const properties: [string, Uint8Array][] = [['Socket-Type', Buffer.from(options.socketType)]];
    if (withIdentity.includes(options.socketType)) properties.push(['Identity', options.routingId]);
    this.#mechanism = options.mechanism({ properties });
    this.#decoder = new Decoder(
      options,
      { message: (frames) => this.#message(frames), command: (body) => this.#command(body) },
      false,
    );
  }

  /** Sends the first part of the greeting. */
  start(): void {
    this.#sink.write(GREETING_HEAD);
  }

  /** The next bytes from the peer; `reused` as in Decoder.push. */
  receive(chunk: Buffer, reused = false): void {
    if (this.#greeting.greeting) {
      this.#decoder.push(chunk, reused);
      return;
    }
    const used = this.#greeting.push(chunk);
    if (this.#greeting.major && !this.#tailSent) {
      this.#tailSent = true;
      this.#sink.write(
        this.#greeting.major === 3
          ? encodeGreetingTail3(this.#mechanism.name, this.#mechanism.asServer)
          : encodeGreetingTail2(this.#options.socketType, this.#options.routingId),
      );
    }
    const greeting = this.#greeting.greeting;
    if (!greeting) return;
    this.#begin(greeting);
    if (used < chunk.length) this.#decoder.push(chunk.subarray(used), reused);
  }

  /** Tells a publisher of a topic: as a command since 3.1, as a message before. */
  subscribe(topic: Uint8Array, subscribe: boolean): void {
    const bytes = this.#speaks31()
      ? encodeCommandFrame(encodeCommand(subscribe ? 'SUBSCRIBE' : 'CANCEL', topic))
      : encodeMessage([Buffer.concat([Uint8Array.of(subscribe ? 1 : 0), topic])]);
    this.#sink.write(bytes);
  }

  /** Sends a PING where the peer understands it (3.1), and says whether it did. */
  ping(): boolean {
    if (!this.#speaks31()) return false;
    // Time to live 0: libzmq hangs up on a peer that is silent for longer, and a program that computes is not dead.
    this.#sink.write(encodeCommandFrame(encodePing(0)));
    return true;
  }

  #speaks31(): boolean {
    const version = this.peer?.version;
    return version !== undefined && version.major >= 3 && version.minor >= 1;
  }

  #begin(greeting: Greeting): void {
    if (greeting.major === 2) {
      this.#checkType(greeting.socketType);
      return;
    }
    const name = this.#mechanism.name;
    if (greeting.mechanism !== name) {
      throw new ZmtpError(
        'EMECHANISM',
        `The peer wants the security mechanism ${JSON.stringify(greeting.mechanism)}, this socket has ${name}`,
      );
    }
    for (const command of this.#mechanism.start()) this.#sink.write(encodeCommandFrame(command));
  }

  #message(frames: Frame[]): void {
    if (this.peer) {
      this.#sink.message(frames);
      return;
    }
    const greeting = this.#greeting.greeting;
    if (greeting?.major !== 2) throw new ZmtpError('EPROTOCOL', 'The peer sent a message before its READY command');
    const identity = frames[0]!;
    if (frames.length > 1 || identity.length > 255) {
      throw new ZmtpError('EPROTOCOL', 'The peer (ZMTP 2.0) did not begin with an identity');
    }
    this.#established({
      version: { major: 2, minor: 0 },
      mechanism: 'NULL',
      socketType: greeting.socketType,
      identity: Buffer.from(identity),
      metadata: new Map(),
    });
  }

  #command(body: Uint8Array): void {
    const greeting = this.#greeting.greeting;
    if (greeting?.major !== 3) throw new ZmtpError('EPROTOCOL', 'The peer (ZMTP 2.0) sent a command');
    if (!this.peer) {
      const step = this.#mechanism.receive(body);
      for (const command of step.send) this.#sink.write(encodeCommandFrame(command));
      if (step.peer) this.#ready(greeting, step.peer);
      return;
    }
    const { name, data } = decodeCommand(body);
    if (name === 'PING') this.#pong(encodeCommandFrame(encodePong(data)));
    else if (name === 'SUBSCRIBE') this.#sink.subscription(data, true);
    else if (name === 'CANCEL') this.#sink.subscription(data, false);
    else if (name === 'ERROR') throw new ZmtpError('EREFUSED', `The peer reports an error: ${errorReason(data)}`);
    // PONG is a sign of life like any other bytes, and commands to come are to be ignored.
  }

  #pong(bytes: Uint8Array): void {
    if (this.#sink.pong === undefined) this.#sink.write(bytes);
    else this.#sink.pong(bytes);
  }

  #ready(greeting: Greeting & { major: 3 }, metadata: Metadata): void {
    const type = metadata.get('socket-type');
    if (!type) throw new ZmtpError('EPROTOCOL', "The peer's READY command has no Socket-Type");
    const socketType = Buffer.from(type).toString('latin1');
    this.#checkType(socketType);
    const identity = metadata.get('identity') ?? new Uint8Array(0);
    if (identity.length > 255) throw new ZmtpError('EPROTOCOL', "The peer's Identity is longer than 255 bytes");
    this.#established({
      version: { major: 3, minor: greeting.minor },
      mechanism: greeting.mechanism,
      socketType,
      identity,
      metadata,
    });
  }

  #established(peer: Peer): void {
    this.peer = peer;
    this.#decoder.trust();
    this.#sink.handshake(peer);
  }

  #checkType(theirs: string): void {
    const ours = this.#options.socketType;
    if (partners[ours].includes(theirs)) return;
    throw new ZmtpError('ESOCKETTYPE', `A ${ours} socket cannot talk to the peer's ${JSON.stringify(theirs)} socket`);
  }
}
