import type { GatewayEvent } from '../events.js';

/** Where front ends subscribe to what happens (jupyter_server, services/events/handlers.py), below the base URL. */
export const EVENTS_PATH = '/api/events/subscribe';

/** jupyter_server, event_schemas/kernel_actions/v1.yaml. */
const KERNEL_ACTIONS = 'https://events.jupyter.org/jupyter_server/kernel_actions/v1';

/** Jupyter's events, for whoever subscribes: kernels that were started and shut down. */
export class EventFeed {
  readonly #subscribers = new Set<(event: string) => void>();

  /** @returns ends it */
  subscribe(send: (event: string) => void): () => void {
    this.#subscribers.add(send);
    return () => this.#subscribers.delete(send);
  }

  tell(event: GatewayEvent): void {
    if (event.kind !== 'kernel-started' && event.kind !== 'kernel-ended') return;
    const { kind, id, name } = event;
    const [action, what] = kind === 'kernel-started' ? ['start', 'started'] : ['shutdown', 'shut down'];
    const told = JSON.stringify({
      ...{ schema_id: KERNEL_ACTIONS, action, kernel_id: id, kernel_name: name },
      ...{ status: 'success', msg: `Kernel ${id} was ${what}.` },
    });
    for (const send of this.#subscribers) send(told);
  }
}
