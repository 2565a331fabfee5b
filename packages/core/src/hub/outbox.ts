import type { JupyterMessage } from '@kernelkit/protocol';
import type { Quirks } from '../channels/index.js';
import { QuietTimer } from '../wait/index.js';
import type { Route } from './routes.js';
import { sizeOf } from './synthetic.js';

interface Letter {
  readonly route: Route;
  readonly message: JupyterMessage;
  readonly bytes: number;
}

/** Requests on their way to the kernel: they wait until it is up, and one for the other where it confuses their output. */
export class Outbox {
  readonly #maxBytes: number;
  #send: ((message: JupyterMessage) => void) | null = null;
  #oneAtATime = false;
  #grace = 0;
  readonly #timer = new QuietTimer();
  #letters: Letter[] = [];
  #bytes = 0;
  #running: Route | null = null;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False: too much waits already. */
  add(route: Route, message: JupyterMessage): boolean {
    const canGo =
      this.#send !== null && (message.channel !== 'shell' || (this.#letters.length === 0 && !this.#mustWait));
    if (canGo) {
      this.#post({ route, message, bytes: 0 });
      return true;
    }
    const bytes = sizeOf(message);
    if (this.#bytes + bytes > this.#maxBytes) return false;
    this.#letters.push({ route, message, bytes });
    this.#bytes += bytes;
    return true;
  }

  /** The kernel is up. @param running what it does already */
  open(send: (message: JupyterMessage) => void, { oneAtATime, idleGrace }: Quirks, running: Route | null = null): void {
    this.#send = send;
    this.#oneAtATime = oneAtATime;
    this.#grace = idleGrace;
    this.#running = running;
    this.#flush();
  }

  /** It is not up: what comes now waits for the next one. */
  close(): void {
    this.#timer.clear();
    this.#send = null;
    this.#running = null;
  }

  /** What waited is given up. */
  clear(): void {
    this.#letters = [];
    this.#bytes = 0;
  }

  /** The kernel is done with the request. */
  done(route: Route): void {
    if (route !== this.#running) return;
    if (!this.#oneAtATime || this.#grace === 0) this.#next();
    // its output may come after its idle
    else this.#timer.arm(this.#grace, () => this.#next());
  }

  #next(): void {
    this.#running = null;
    this.#flush();
  }

  get #mustWait(): boolean {
    return this.#oneAtATime && this.#running !== null;
  }

  #flush(): void {
    const letters = this.#letters;
    let sent = 0;
    for (; sent < letters.length && this.#send !== null && !this.#mustWait; sent++) {
      this.#bytes -= letters[sent]!.bytes;
      this.#post(letters[sent]!);
    }
    if (sent > 0) this.#letters = letters.slice(sent);
  }

  #post({ route, message }: Letter): void {
    if (route.header.msg_type === 'execute_request' && message.channel === 'shell') this.#running = route;
    this.#send?.(message);
  }
}
