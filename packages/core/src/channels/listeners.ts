/**
 * Calls what somebody else gave us. An error of theirs must not stop what we are in the middle of, nor get lost: it is
 * thrown again outside, where the host's uncaught-error handling sees it.
 */
export function callOut(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Listeners that cannot hurt each other: one that throws does not stop the others. */
export class ListenerSet<T> {
  readonly #listeners = new Set<(value: T) => void>();

  add(listener: (value: T) => void): () => void {
    // Wrapped, so that adding one function twice gives two independent listeners.
    const own = (value: T): void => listener(value);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  emit(value: T): void {
    for (const listener of this.#listeners) callOut(() => listener(value));
  }

  clear(): void {
    this.#listeners.clear();
  }
}
