import type { Screen } from '../screen.js';

export type StepStatus = 'ok' | 'warning' | 'failed';

/** One thing that was looked at, and what came of it. */
export interface Step {
  name: string;
  status: StepStatus;
  /** What was found, in a sentence. */
  message: string;
  /** What to do, where anything is to be done. */
  fix: string | null;
  /** Milliseconds; null where it took none to speak of. */
  ms: number | null;
  /** Further lines, for people. */
  details: string[];
}

const MARKS = { ok: ['green', '✓'], warning: ['yellow', '!'], failed: ['red', '✗'] } as const;

/** The steps of an examination, printed as they are done. */
export class Steps {
  readonly all: Step[] = [];
  readonly #screen: Screen;
  readonly #json: boolean;

  constructor(screen: Screen, json: boolean) {
    this.#screen = screen;
    this.#json = json;
  }

  async add(name: string, status: StepStatus, message: string, more: Partial<Step> = {}): Promise<void> {
    const step: Step = { name, status, message, fix: null, ms: null, details: [], ...more };
    this.all.push(step);
    if (!this.#json) await this.#screen.write(this.#text(step));
  }

  /** The worst of them. */
  get verdict(): StepStatus {
    if (this.all.some(({ status }) => status === 'failed')) return 'failed';
    return this.all.some(({ status }) => status === 'warning') ? 'warning' : 'ok';
  }

  #text({ name, status, message, fix, ms, details }: Step): string {
    const paint = this.#screen.paintOut;
    const [colour, mark] = MARKS[status];
    const time = ms === null ? '' : paint('dim', `  (${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms)`);
    const lines = [`${paint(colour, mark)} ${paint('bold', name.padEnd(11))} ${message}${time}`];
    for (const detail of details) lines.push(paint('dim', `  ${' '.repeat(11)} ${detail}`));
    if (fix !== null) lines.push(`  ${' '.repeat(11)} ${paint('green', 'fix:')} ${fix}`);
    return `${lines.join('\n')}\n`;
  }
}
