/**
 * Starts work whose promise has to be known before its first step runs: what that step calls may come back and ask for it.
 * @param publish takes the promise, before `work` is called
 */
export function announced(publish: (done: Promise<void>) => void, work: () => Promise<void>): Promise<void> {
  let follow: (way: Promise<void>) => void = () => {};
  const done = new Promise<void>((resolve) => {
    follow = resolve;
  });
  publish(done);
  follow(work());
  return done;
}
