/** What several measurements of one thing come to. */
export interface Summary {
  n: number;
  median: number;
  min: number;
  max: number;
}

/** The value below which the share `q` of the values lies, between neighbours in proportion. NaN for no values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) return Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function summarise(values: readonly number[]): Summary {
  return { n: values.length, median: median(values), min: quantile(values, 0), max: quantile(values, 1) };
}
