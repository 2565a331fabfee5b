import { QuietTimer } from '../wait/index.js';
import type { Route } from './routes.js';

/** After kernel_info was answered: how long its idle may take. Some kernels send none, and front ends wait for both. */
const AFTER_INFO_MS = 500;
/** How long nothing may be published after a cell's reply before its idle counts as lost: as a client of a kernel of ours has it. */
const SILENCE_MS = 5000;

/**
 * Requests that were answered, and of which the kernel has not said that it is done. It drops what it publishes faster than it can be read
 * (ZeroMQ's high-water mark), its `idle`, too, for which front ends would wait for ever.
 */
export class Unfinished {
  readonly #cells = new Set<Route>();
  readonly #silence = new QuietTimer();
  readonly #infos = new Map<Route, QuietTimer>();
  readonly #lost: (route: Route) => void;

  /** @param lost called for each that nothing more is to be expected of */
  constructor(lost: (route: Route) => void) {
    this.#lost = lost;
  }

  /** It was answered. */
  add(route: Route): void {
    const type: string = route.header.msg_type;
    if (type === 'execute_request') {
      this.#cells.add(route);
      this.heard();
    } else if (type === 'kernel_info_request') {
      const timer = new QuietTimer();
      this.#infos.set(route, timer);
      timer.arm(AFTER_INFO_MS, () => {
        this.#infos.delete(route);
        this.#lost(route);
      });
    }
  }

  /** The kernel is done with it. */
  delete(route: Route): void {
    this.#infos.get(route)?.clear();
    this.#infos.delete(route);
    if (this.#cells.delete(route) && this.#cells.size === 0) this.#silence.clear();
  }

  /** The kernel publishes something: the rest may still be on its way. */
  heard(): void {
    if (this.#cells.size > 0) this.#silence.arm(SILENCE_MS, () => this.#end());
  }

  clear(): void {
    this.#cells.clear();
    this.#silence.clear();
    for (const timer of this.#infos.values()) timer.clear();
    this.#infos.clear();
  }

  #end(): void {
    const cells = [...this.#cells];
    this.#cells.clear();
    for (const route of cells) this.#lost(route);
  }
}

/** What a client has to know of a request whose idle did not come; null: nothing. */
export function whatIsLost({ header }: Route): string | null {
  return (header.msg_type as string) === 'execute_request'
    ? 'the kernel has answered, and did not say that it is done: some of its output may be lost (it may print faster than it can be read)'
    : null;
}
