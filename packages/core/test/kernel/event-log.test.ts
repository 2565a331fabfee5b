import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventLog } from '../../src/kernel/event-log.js';

async function all<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const value of iterable) seen.push(value);
  return seen;
}

describe('a log that keeps', () => {
  it('gives every reader everything, however late it begins', async () => {
    const log = new EventLog<number>(true);
    const early = all(log.read());
    log.push(1);
    log.push(2);
    const middle = all(log.read());
    await Promise.resolve();
    log.push(3);
    log.end(null);
    expect(await Promise.all([early, middle, all(log.read())])).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it('throws the failure after the last event', async () => {
    const log = new EventLog<number>(true);
    log.push(1);
    log.end(new Error('gone'));
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const value of log.read()) seen.push(value);
      })(),
    ).rejects.toThrow('gone');
    expect(seen).toEqual([1]);
  });
});

describe('a log that does not keep', () => {
  it('gives each of its readers, at whatever pace, all that came after it began', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('push', 'read a', 'read b'), { maxLength: 60 }), async (steps) => {
        const log = new EventLog<number>(false);
        const readers = { a: log.read(), b: log.read() };
        const seen: Record<'a' | 'b', number[]> = { a: [], b: [] };
        let pushed = 0;
        for (const step of steps) {
          if (step === 'push') {
            log.push(pushed++);
            continue;
          }
          const name = step === 'read a' ? 'a' : 'b';
          if (seen[name].length < pushed) seen[name].push((await readers[name].next()).value as number);
        }
        log.end(null);
        for (const name of ['a', 'b'] as const) seen[name].push(...(await all(readers[name])));
        const expected = Array.from({ length: pushed }, (_, i) => i);
        expect(seen).toEqual({ a: expected, b: expected });
      }),
    );
  });

  it('keeps nothing for a reader that has left', async () => {
    const log = new EventLog<number>(false);
    const reader = log.read();
    log.push(0);
    for await (const value of reader) {
      expect(value).toBe(0);
      break;
    }
    log.push(1);
    log.end(null);
    expect(await all(log.read())).toEqual([]);
  });
});
