import type { Sample } from './samples.js';

/** How one figure goes on over time. */
export interface Trend {
  /** What the straight line through the samples gains between the first and the last, in megabytes. */
  growth: number;
  perMinute: number;
  first: number;
  last: number;
  n: number;
}

/** The straight line through the second half of the samples (least squares): the first half still fills caches and the allocator's pages. */
export function trendOf(samples: readonly Sample[], figure: 'rss' | 'heap' | 'external'): Trend | null {
  const half = samples.slice(Math.floor(samples.length / 2));
  if (half.length < 3) return null;
  const xs = half.map(({ at }) => at / 60_000);
  const ys = half.map((sample) => sample[figure]);
  const [x, y] = [mean(xs), mean(ys)];
  const across = xs.reduce((sum, each, i) => sum + (each - x) * (ys[i]! - y), 0);
  const along = xs.reduce((sum, each) => sum + (each - x) ** 2, 0);
  const perMinute = along === 0 ? 0 : across / along;
  const growth = perMinute * (xs.at(-1)! - xs[0]!);
  return { growth, perMinute, first: ys[0]!, last: ys.at(-1)!, n: half.length };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
