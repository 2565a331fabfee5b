import type { JupyterMessage } from '@kernelkit/protocol';
import { type Channels, type ChannelsGone, type ChannelsListener, ListenerSet } from '../channels/index.js';

/**
 * Channels whose messages wait until they are released, in order, so that nothing is lost before somebody listens: output, and answers and
 * questions to whoever had the session before.
 */
export class HeldChannels implements Channels {
  readonly #channels: Channels;
  readonly #messages = new ListenerSet<JupyterMessage>();
  readonly #stop: () => void;
  /** Requests of whoever made the connection: what the kernel says of them is nobody else's. */
  readonly ignored = new Set<string>();
  /** Resolves when what waited has been handed out. */
  readonly released: Promise<void>;
  #held: JupyterMessage[] | null = [];
  #isReleased: () => void = () => {};

  constructor(channels: Channels) {
    this.#channels = channels;
    this.released = new Promise((resolve) => {
      this.#isReleased = resolve;
    });
    this.#stop = channels.listen({
      message: (message) => {
        if (this.ignored.has(message.parent_header.msg_id ?? '')) return;
        if (this.#held !== null) this.#held.push(message);
        else this.#messages.emit(message);
      },
    });
  }

  get session(): string {
    return this.#channels.session;
  }

  get gone(): ChannelsGone | null {
    return this.#channels.gone;
  }

  /** Hands out what waited; what follows goes straight through. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const message of held) this.#messages.emit(message);
    this.#isReleased();
  }

  send(message: JupyterMessage): Promise<void> {
    return this.#channels.send(message);
  }

  listen({ message, ...rest }: ChannelsListener): () => void {
    const remove = message === undefined ? () => {} : this.#messages.add((each) => message(each));
    const removeRest = this.#channels.listen(rest);
    return () => {
      remove();
      removeRest();
    };
  }

  heartbeat(signal: AbortSignal): Promise<number> {
    return this.#channels.heartbeat?.(signal) ?? Promise.reject(new Error('there is no heartbeat'));
  }

  async close(): Promise<void> {
    await this.#channels.close();
    this.#stop();
    this.#messages.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
