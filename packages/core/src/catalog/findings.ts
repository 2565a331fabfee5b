import { millisecondsSince } from './entry.js';
import type { Finding, KernelSource, SourceContext, SourceResult } from './types.js';

/**
 * The findings of all sources, as they come: a slow one delays nobody. When the caller stops listening, what streams is told to
 * end.
 */
export async function* allFindings(sources: readonly KernelSource[], context: SourceContext): AsyncIterable<Finding> {
  const ready: Finding[] = [];
  let wake: () => void = () => {};
  let open = sources.length;
  const streams: AsyncIterator<Finding>[] = [];
  const stopped = new AbortController();

  for (const source of sources) {
    void pump(source, context, streams, stopped.signal, (finding) => {
      ready.push(finding);
      wake();
    }).finally(() => {
      open--;
      wake();
    });
  }
  try {
    for (;;) {
      while (ready.length > 0) yield ready.shift()!;
      if (open === 0) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    stopped.abort();
    for (const stream of streams) void stream.return?.().catch(() => {});
  }
}

/** Hands on what one source finds. Its failure is a finding, too: the others' kernels are still good. */
async function pump(
  source: KernelSource,
  context: SourceContext,
  streams: AsyncIterator<Finding>[],
  stopped: AbortSignal,
  take: (finding: Finding) => void,
): Promise<void> {
  const begin = performance.now();
  try {
    const answer = await source.find(context);
    if (!(Symbol.asyncIterator in answer)) {
      for (const finding of findingsOf(answer)) take(finding);
      return;
    }
    const stream = answer[Symbol.asyncIterator]();
    streams.push(stream);
    while (!stopped.aborted) {
      const step = await stream.next();
      if (step.done) return;
      take(step.value);
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const ms = millisecondsSince(begin);
    take({ type: 'place', place: { path: source.name, kind: 'source', found: 0, error: message, ms } });
  }
}

function* findingsOf({ entries, environments = [], searched }: SourceResult): Iterable<Finding> {
  for (const entry of entries) yield { type: 'entry', entry };
  for (const environment of environments) yield { type: 'environment', environment };
  for (const place of searched) yield { type: 'place', place };
}
