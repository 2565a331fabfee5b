import type { Kernel, MimeBundle } from '@kernelkit/core';
import type { EditOptions } from './edit-options.js';
import type { Candidate } from './menu.js';
import type { Completion } from './overlays.js';
import { readableText } from './rich-text.js';

/** Milliseconds that a kernel has to complete or to explain. Whoever types on does not wait for it. */
const ANSWER_MS = 10_000;
/** As in jupyter_console: then Enter does without the kernel. */
const ENTER_MS = 1000;
const HISTORY_MS = 5000;
const MOST_HISTORY = 1000;

/** What is asked of a kernel while code is written. None of it waits for ever: a kernel that runs something answers nothing. */
export class Questions {
  readonly #kernel: Kernel;
  readonly #othersRun: () => boolean;
  /** It has been asked whether code is complete, while it ran nothing, and did not answer. */
  #knowsNoComplete = false;

  /** @param othersRun whether another client's code runs: then no answer comes before it is done */
  constructor(kernel: Kernel, othersRun: () => boolean) {
    this.#kernel = kernel;
    this.#othersRun = othersRun;
  }

  readonly enter: NonNullable<EditOptions['enter']> = async (code, signal) => {
    // where the kernel does not say, a blank line ends what looks open, as at Python's own prompt
    const isBlankLast = /\n[ \t]*$/.test(code);
    const answer =
      this.#knowsNoComplete || this.#othersRun()
        ? null
        : await within(ENTER_MS, signal, (late) => this.#kernel.isComplete(code, { signal: late })).catch((error) => {
            signal.throwIfAborted();
            if (error instanceof LateError && !this.#othersRun()) this.#knowsNoComplete = true;
            return null;
          });
    if (answer?.status === 'incomplete') return { submit: false, indent: answer.indent ?? '' };
    // invalid code is run as well: what is wrong with it is the kernel's to say
    if (answer !== null && answer.status !== 'unknown') return { submit: true };
    return isBlankLast || !looksOpen(code) ? { submit: true } : { submit: false, indent: indentOf(code) };
  };

  readonly complete: NonNullable<EditOptions['complete']> = async (code, cursor, signal) => {
    const reply = await within(ANSWER_MS, signal, (late) => this.#kernel.complete(code, cursor, { signal: late }));
    return completionOf(reply, cursor);
  };

  readonly inspect: NonNullable<EditOptions['inspect']> = async (code, cursor, signal) => {
    const reply = await within(ANSWER_MS, signal, (late) => this.#kernel.inspect(code, cursor, 0, { signal: late }));
    return reply.found ? await readableText(reply.data as MimeBundle | undefined) : null;
  };

  /** What the kernel itself remembers, the newest last. Empty where it remembers nothing. */
  async history(signal: AbortSignal): Promise<string[]> {
    const request = { hist_access_type: 'tail', n: MOST_HISTORY, raw: true, output: false } as const;
    try {
      const { history } = await within(HISTORY_MS, signal, (late) => this.#kernel.history(request, { signal: late }));
      return history.flatMap(([, , entry]) => {
        const code = Array.isArray(entry) ? entry[0] : entry;
        return typeof code === 'string' && code.trim() !== '' ? [code] : [];
      });
    } catch {
      // many kernels have none, and some do not answer
      return [];
    }
  }
}

export interface CompleteAnswer {
  matches: readonly string[];
  cursor_start: number | null;
  cursor_end: number | null;
  metadata?: Record<string, unknown>;
}

/** A reply as candidates: with their types where the kernel gives them (ipykernel's `_jupyter_types_experimental`). */
export function completionOf(
  { matches, cursor_start, cursor_end, metadata }: CompleteAnswer,
  cursor: number,
): Completion {
  const given = metadata?._jupyter_types_experimental;
  const types = new Map<string, string>();
  for (const each of Array.isArray(given) ? (given as unknown[]) : []) {
    const { text, type } = (each ?? {}) as { text?: unknown; type?: unknown };
    if (typeof text === 'string' && typeof type === 'string' && type !== '<unknown>') types.set(text, type);
  }
  const candidates: Candidate[] = [...new Set(matches)].map((text) => ({ text, type: types.get(text) ?? '' }));
  return { start: cursor_start ?? cursor, end: cursor_end ?? cursor, candidates };
}

/** A guess for kernels that cannot say: something is open, or the last line announces more. */
export function looksOpen(code: string): boolean {
  const bare = code.replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, '');
  const count = (pattern: RegExp): number => bare.match(pattern)?.length ?? 0;
  return (
    count(/[([{]/g) > count(/[)\]}]/g) ||
    /(?:[:\\]|\b(?:do|then|begin))[ \t]*$/.test(bare) ||
    /\n[ \t]+\S[^\n]*$/.test(code)
  );
}

function indentOf(code: string): string {
  return /(?:^|\n)([ \t]*)[^\n]*$/.exec(code)![1]!;
}

class LateError extends Error {
  constructor(ms: number) {
    super(`the kernel did not answer within ${ms / 1000} s`);
  }
}

/** @throws LateError; the signal's reason; what was asked fails with */
async function within<T>(ms: number, signal: AbortSignal, ask: (late: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const forward = (): void => stop.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  const timer = setTimeout(() => stop.abort(new LateError(ms)), ms);
  try {
    return await ask(stop.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  }
}
