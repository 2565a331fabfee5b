import { rethrowLater } from './errors.js';

/** A typed emitter. A listener that throws disturbs neither the others nor the caller: the process gets the exception. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>();

  /** Adds a listener and gives the function that takes it off again. */
  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => void): () => void {
    let set = this.#listeners.get(name);
    if (!set) {
      set = new Set();
      this.#listeners.set(name, set);
    }
    // A wrapper of its own, so that the same function added twice is there twice.
    const entry = (payload: Events[Name]) => listener(payload);
    set.add(entry);
    return () => void set.delete(entry);
  }

  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (payload: Events[Name]) => void)(payload);
      } catch (error) {
        rethrowLater(error);
      }
    }
  }
}
