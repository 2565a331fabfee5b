import type { Connection } from './connection.js';
import type { Endpoint } from './endpoint.js';
import { isTransient, ZmtpError } from './errors.js';
import { isHopeless, type RetryOptions, retryDelay } from './retry.js';
import { connectStream, mayExist } from './stream.js';

// A connection that lived for less is no proof that the peer wants us.
const PROOF = 1000;

/** Keeps one endpoint connected: tries until the peer is there, again when it went away, and not when that is pointless. */
export class Connector {
  readonly #text: string;
  readonly #endpoint: Endpoint;
  readonly #retry: RetryOptions;
  readonly #make: () => Connection;
  readonly #fatal: (error: ZmtpError) => void;
  #since = performance.now();
  #tried = false;
  #refusals = 0;
  #timer: NodeJS.Timeout | undefined;
  #connection: Connection | null = null;
  #stopped = false;

  constructor(
    text: string,
    endpoint: Endpoint,
    retry: RetryOptions,
    make: () => Connection,
    fatal: (error: ZmtpError) => void,
  ) {
    this.#text = text;
    this.#endpoint = endpoint;
    this.#retry = retry;
    this.#make = make;
    this.#fatal = fatal;
  }

  /** The connection of the moment; it may not be open yet. */
  get connection(): Connection | null {
    return this.#connection;
  }

  /** Whether it gave up, or was told to. */
  get stopped(): boolean {
    return this.#stopped;
  }

  start(): void {
    if (this.#stopped) return;
    // The first attempt is a real one: it tells a path that cannot work from one that is not there yet.
    if (this.#tried && !mayExist(this.#endpoint)) {
      this.#again();
      return;
    }
    this.#tried = true;
    const connection = this.#make();
    this.#connection = connection;
    connection.attach(connectStream(this.#endpoint, connection));
  }

  /** Its connection has its handshake behind it. */
  succeeded(): void {
    this.#since = performance.now();
  }

  /** Its connection is gone; says whether there will be another. */
  lost(connection: Connection, error: ZmtpError | null): boolean {
    this.#connection = null;
    if (this.#stopped || !error) return false;
    const code = error.cause instanceof Error ? (error.cause as NodeJS.ErrnoException).code : undefined;
    const refused = !connection.opened && isHopeless(code);
    if (refused || !isTransient(error)) {
      this.#stopped = true;
      this.#fatal(
        refused
          ? new ZmtpError('ECONNECT', `Cannot connect to ${this.#text}: ${(error.cause as Error).message}`, {
              cause: error.cause,
              endpoint: this.#text,
            })
          : error,
      );
      return false;
    }
    if (connection.opened) {
      const now = performance.now();
      const proven = connection.peer !== null && now - this.#since >= PROOF;
      this.#refusals = proven ? 0 : this.#refusals + 1;
      this.#since = now;
    }
    this.#again();
    return true;
  }

  /** No further attempts. The connection that there is stays its owner's to close. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #again(): void {
    const delay = retryDelay(this.#retry, performance.now() - this.#since, this.#refusals);
    this.#timer = setTimeout(() => this.start(), delay);
  }
}
