import { type Summary, summarise } from './stats.js';

/** One of the things compared: measures itself once and gives the figure. */
export interface Side {
  name: string;
  measure(): Promise<number>;
}

/**
 * Measures all sides in turn, `rounds` times, every second round in reverse order, after one round that does not count:
 * whatever else the machine does then hits all of them alike.
 */
export async function interleave(rounds: number, sides: readonly Side[], warmUps = 1): Promise<Map<string, Summary>> {
  const values = new Map<string, number[]>(sides.map((side) => [side.name, []]));
  for (let round = -warmUps; round < rounds; round++) {
    const order = round % 2 === 0 ? sides : [...sides].reverse();
    for (const side of order) {
      const value = await side.measure();
      if (round >= 0) values.get(side.name)?.push(value);
    }
  }
  return new Map([...values].map(([name, list]) => [name, summarise(list)]));
}
