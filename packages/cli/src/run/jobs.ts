/**
 * Does pieces of work, no more than `jobs` at a time, and hands on what came of them in their own order, as soon as all before are there.
 * Neither may fail.
 */
export async function inOrder<T, R>(
  pieces: readonly T[],
  jobs: number,
  work: (piece: T) => Promise<R>,
  each: (result: R) => Promise<void>,
): Promise<R[]> {
  const results: Promise<R>[] = [];
  const waiting = new Map<number, (result: R) => void>();
  for (const at of pieces.keys()) results.push(new Promise((resolve) => waiting.set(at, resolve)));
  const rest = pieces.entries();
  const one = async (): Promise<void> => {
    for (const [at, piece] of rest) waiting.get(at)?.(await work(piece));
  };
  const all = Promise.all(Array.from({ length: Math.min(jobs, pieces.length) }, one));
  const done: R[] = [];
  for (const result of results) {
    done.push(await result);
    await each(done.at(-1) as R);
  }
  await all;
  return done;
}

/** Lets those that have a key in common go one after the other: notebooks on one kernel would interrupt each other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Resolves, when it is one's turn, with what ends it. */
  async take(key: string): Promise<() => void> {
    const before = this.#last.get(key);
    let end: () => void = () => {};
    this.#last.set(
      key,
      new Promise<void>((resolve) => {
        end = resolve;
      }),
    );
    await before;
    return end;
  }
}
