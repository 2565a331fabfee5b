import type { Summary } from './stats.js';

/** What the table asks for. */
export interface Mark {
  is: 'at most' | 'at least' | 'exactly';
  value: number;
}

export interface RowSide extends Summary {
  name: string;
}

/** One line of the results: a figure, its mark, and the measurements that it comes from. */
export interface Row {
  /** As in the table of marks, where there is one. */
  what: string;
  figure: number;
  /** The ratio of the best measurements of both sides: what is left when the machine's other work is taken away. */
  best?: number;
  /** `÷` for a ratio, else ms, lines, … */
  unit: string;
  mark: Mark | null;
  /** The unit of the sides. */
  measured: string;
  sides: RowSide[];
  note?: string;
}

/** A bench that could not be measured, and why. */
export interface Failed {
  what: string;
  failed: string;
}

export function atMost(value: number): Mark {
  return { is: 'at most', value };
}

export function atLeast(value: number): Mark {
  return { is: 'at least', value };
}

export function exactly(value: number): Mark {
  return { is: 'exactly', value };
}

/** Null where there is no mark. */
export function reached({ figure, mark }: Row): boolean | null {
  if (mark === null) return null;
  if (mark.is === 'exactly') return figure === mark.value;
  return mark.is === 'at most' ? figure <= mark.value : figure >= mark.value;
}

/** The row that compares two sides by the ratio of their medians. */
export function ratio(
  what: string,
  sides: ReadonlyMap<string, Summary>,
  names: readonly [over: string, under: string],
  details: { measured: string; mark?: Mark; note?: string; more?: 'better' },
): Row {
  const [over, under] = names.map((name) => {
    const side = sides.get(name);
    if (side === undefined) throw new Error(`${JSON.stringify(name)} was not measured`);
    return { name, ...side };
  }) as [RowSide, RowSide];
  return {
    what,
    figure: over.median / under.median,
    best: details.more === 'better' ? over.max / under.max : over.min / under.min,
    unit: '÷',
    mark: details.mark ?? null,
    measured: details.measured,
    sides: [over, under],
    ...(details.note === undefined ? {} : { note: details.note }),
  };
}
