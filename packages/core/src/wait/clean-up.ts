/** Node 20 has no AsyncDisposableStack: what was added runs in reverse order, once, all of it, and the first error is thrown. */
export class CleanUp {
  #actions: (() => Promise<void>)[] = [];
  #running: Promise<void> | null = null;

  /** What is added after the run is run at once: a start that was given up may still be on its way. */
  add(action: () => Promise<void>): void {
    if (this.#running === null) this.#actions.push(action);
    else this.#running = Promise.allSettled([this.#running, action()]).then(() => {});
  }

  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    const errors: unknown[] = [];
    for (const action of this.#actions.reverse()) await action().catch((error) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  }
}
