import type { JupyterMessage } from '@kernelkit/protocol';
import type { OpenRequest } from './types.js';

/** Whose a request is. */
export interface Route {
  readonly session: string;
  /** As its client named it. */
  readonly header: JupyterMessage['header'];
  readonly channel: JupyterMessage['channel'];
  /** Its msg_id towards the kernel: another one, where two clients chose the same. */
  readonly id: string;
  isAnswered: boolean;
  isIdle: boolean;
}

/** Requests that are remembered, for output that comes late. */
const REMEMBERED = 16_384;
/** Of these, requests that the kernel is done with. */
const REMEMBERED_DONE = 256;

/** Which client asked what, so that answers and questions go to it alone. */
export class Routes {
  readonly #routes = new Map<string, Route>();
  readonly #open = new Map<string, Route>();
  readonly #done = new Set<Route>();
  #renamed = 0;

  /** A client's message as it goes to the kernel. */
  add(session: string, message: JupyterMessage): { route: Route; message: JupyterMessage } {
    const { header, channel } = message;
    const isTaken = this.#routes.get(header.msg_id) !== undefined;
    const id = isTaken ? `${header.msg_id}~${++this.#renamed}` : header.msg_id;
    const isRequest = header.msg_type.endsWith('_request');
    const route: Route = { session, header, channel, id, isAnswered: !isRequest, isIdle: false };
    this.#routes.set(id, route);
    if (isRequest) this.#open.set(id, route);
    if (this.#routes.size > REMEMBERED) {
      const oldest: string = this.#routes.keys().next().value!;
      this.#routes.delete(oldest);
      this.#open.delete(oldest);
    }
    return { route, message: isTaken ? { ...message, header: { ...header, msg_id: id } } : message };
  }

  /** A request that was made of the kernel before this hub was there. */
  restore({ session, header, channel, id }: OpenRequest): Route {
    const route: Route = { session, header, channel, id, isAnswered: false, isIdle: false };
    this.#routes.set(id, route);
    this.#open.set(id, route);
    return route;
  }

  /** What the kernel has not answered. */
  get open(): OpenRequest[] {
    return [...this.#open.values()].map(({ session, header, channel, id }) => ({ session, header, channel, id }));
  }

  isOpen(route: Route): boolean {
    return this.#open.get(route.id) === route;
  }

  find(id: string | undefined): Route | undefined {
    return id === undefined ? undefined : this.#routes.get(id);
  }

  /** The kernel has answered it. */
  answered(route: Route): void {
    route.isAnswered = true;
    this.#open.delete(route.id);
  }

  /** It was answered, and its output has ended. */
  done(route: Route): void {
    this.#done.add(route);
    if (this.#done.size <= REMEMBERED_DONE) return;
    const oldest = this.#done.values().next().value!;
    this.#done.delete(oldest);
    if (this.#routes.get(oldest.id) === oldest) this.#routes.delete(oldest.id);
  }

  /** Requests that nobody will answer any more; they are forgotten as open. */
  takeOpen(): Route[] {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const route of open) route.isAnswered = true;
    return open;
  }
}
