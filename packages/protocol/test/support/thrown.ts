/** The error of this class that `run` throws; fails when it throws nothing or something else. */
export function thrown<E extends Error>(kind: new (...args: never[]) => E, run: () => unknown): E {
  try {
    run();
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error(`nothing was thrown where a ${kind.name} was expected`);
}
