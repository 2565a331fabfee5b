/** How many of the last actions are kept. */
const KEPT = 60;

interface Count {
  n: number;
  longestMs: number;
}

/** What was done: counted by action and kernel, and the last of it line by line. */
export class ActionLog {
  readonly counts = new Map<string, Map<string, Count>>();
  readonly #running = new Map<symbol, string>();
  readonly #lines: string[] = [];
  readonly #began = performance.now();

  /** Does it, and writes down how it went. */
  async record<T>(who: string, kernel: string, action: string, work: () => Promise<T>): Promise<T> {
    const since = performance.now();
    const title = `${who} ${kernel}: ${action}`;
    const id = Symbol();
    this.#running.set(id, `${this.#at(since)} ${title}: under way`);
    try {
      const value = await work();
      this.#count(kernel, action, performance.now() - since);
      this.#line(since, title, 'done');
      return value;
    } catch (error) {
      this.#line(since, title, `FAILED: ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    } finally {
      this.#running.delete(id);
    }
  }

  get total(): number {
    let total = 0;
    for (const kernels of this.counts.values()) for (const { n } of kernels.values()) total += n;
    return total;
  }

  tail(): string[] {
    return [...this.#lines, ...this.#running.values()];
  }

  /** The table for a person: a line for each action, a column for each kernel. */
  table(): string {
    const kernels = [...new Set([...this.counts.values()].flatMap((each) => [...each.keys()]))].sort();
    const rows = [['', ...kernels, 'all', 'longest']];
    for (const [action, by] of [...this.counts].sort(([a], [b]) => a.localeCompare(b))) {
      const all = [...by.values()];
      const sum = all.reduce((total, { n }) => total + n, 0);
      const longest = Math.max(...all.map(({ longestMs }) => longestMs));
      const cells = kernels.map((kernel) => String(by.get(kernel)?.n ?? '–'));
      rows.push([action, ...cells, String(sum), `${(longest / 1000).toFixed(1)} s`]);
    }
    return aligned(rows);
  }

  #count(kernel: string, action: string, ms: number): void {
    const kernels = this.counts.get(action) ?? new Map<string, Count>();
    const { n, longestMs } = kernels.get(kernel) ?? { n: 0, longestMs: 0 };
    this.counts.set(action, kernels.set(kernel, { n: n + 1, longestMs: Math.max(longestMs, ms) }));
  }

  #line(since: number, title: string, how: string): void {
    this.#lines.push(`${this.#at(since)} ${title}: ${how} in ${Math.round(performance.now() - since)} ms`);
    if (this.#lines.length > KEPT) this.#lines.shift();
  }

  #at(when: number): string {
    return `${((when - this.#began) / 1000).toFixed(1).padStart(7)} s`;
  }
}

export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  '))
    .join('\n');
}
