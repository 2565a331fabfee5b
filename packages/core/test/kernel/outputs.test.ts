import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyOutput, emptyOutputArea, type OutputArea, outputsOf, updateDisplay } from '../../src/kernel/outputs.js';
import type { Output, OutputEvent } from '../../src/kernel/types.js';

const name = fc.constantFrom('stdout' as const, 'stderr' as const);
const bundle = fc.record({ 'text/plain': fc.string({ maxLength: 4 }) });
const transient = fc.option(fc.record({ display_id: fc.constantFrom('a', 'b', 'c') }), { nil: undefined });
const event: fc.Arbitrary<OutputEvent> = fc.oneof(
  fc.record({ output_type: fc.constant('stream' as const), name, text: fc.string({ maxLength: 3 }) }),
  fc
    .tuple(bundle, transient)
    .map(
      ([data, id]): OutputEvent => ({ output_type: 'display_data', data, metadata: {}, ...(id && { transient: id }) }),
    ),
  fc.tuple(bundle, transient).map(
    ([data, id]): OutputEvent => ({
      output_type: 'execute_result',
      data,
      metadata: {},
      execution_count: 1,
      ...(id && { transient: id }),
    }),
  ),
  fc.tuple(bundle, fc.constantFrom('a', 'b', 'c')).map(
    ([data, id]): OutputEvent => ({
      output_type: 'update_display_data',
      data,
      metadata: { u: 1 },
      transient: { display_id: id },
    }),
  ),
  fc.constant<OutputEvent>({ output_type: 'error', ename: 'E', evalue: 'v', traceback: ['t'] }),
  fc.boolean().map((wait): OutputEvent => ({ output_type: 'clear_output', wait })),
);

/** The rules once more, in the plainest way: a list that is copied at every step. */
function model(events: readonly OutputEvent[]): Output[] {
  let shown: { output: Output; id: string | undefined }[] = [];
  let pending = false;
  const update = (
    id: string | undefined,
    e: { data: Record<string, unknown>; metadata: Record<string, unknown> },
  ): void => {
    for (const one of shown) {
      if (id !== undefined && one.id === id)
        one.output = { ...one.output, data: e.data, metadata: e.metadata } as Output;
    }
  };
  for (const e of events) {
    if (e.output_type === 'clear_output') {
      if (e.wait) pending = true;
      else [shown, pending] = [[], false];
      continue;
    }
    if (e.output_type === 'update_display_data') {
      update(e.transient.display_id, e);
      continue;
    }
    if (pending) [shown, pending] = [[], false];
    const last = shown.at(-1)?.output;
    if (e.output_type === 'stream') {
      if (last?.output_type === 'stream' && last.name === e.name) {
        shown[shown.length - 1] = { output: { ...last, text: last.text + e.text }, id: undefined };
      } else shown.push({ output: { ...e }, id: undefined });
    } else if (e.output_type === 'error') shown.push({ output: { ...e }, id: undefined });
    else {
      update(e.transient?.display_id, e);
      const { transient: _transient, ...output } = e;
      shown.push({ output, id: e.transient?.display_id });
    }
  }
  return shown.map((one) => one.output);
}

const run = (events: readonly OutputEvent[], from: OutputArea = emptyOutputArea()): OutputArea =>
  events.reduce(applyOutput, from);
const out = (text: string, stream: 'stdout' | 'stderr' = 'stdout'): OutputEvent => ({
  output_type: 'stream',
  name: stream,
  text,
});
const show = (text: string, id?: string): OutputEvent => ({
  output_type: 'display_data',
  data: { 'text/plain': text },
  metadata: {},
  ...(id !== undefined && { transient: { display_id: id } }),
});

describe('the outputs of a cell', () => {
  test('streams join, others stand alone', () => {
    expect(outputsOf(run([out('a'), out('b'), out('c', 'stderr'), out('d')]))).toEqual([
      { output_type: 'stream', name: 'stdout', text: 'ab' },
      { output_type: 'stream', name: 'stderr', text: 'c' },
      { output_type: 'stream', name: 'stdout', text: 'd' },
    ]);
  });

  test('clear_output with wait keeps what there is until the next output', () => {
    const waiting = run([out('a'), { output_type: 'clear_output', wait: true }]);
    expect(outputsOf(waiting)).toHaveLength(1);
    expect(outputsOf(applyOutput(waiting, out('b')))).toEqual([{ output_type: 'stream', name: 'stdout', text: 'b' }]);
  });

  test('transient data is not part of an output', () => {
    expect(outputsOf(run([show('x', 'a')]))).toEqual([
      { output_type: 'display_data', data: { 'text/plain': 'x' }, metadata: {} },
    ]);
  });

  test('any sequence of events ends as the plain rules say', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        expect(outputsOf(run(events))).toEqual(model(events));
      }),
    );
  });

  test('an older area stays what it was, and can go another way', () => {
    fc.assert(
      fc.property(fc.array(event), fc.array(event), fc.array(event), (before, one, other) => {
        const middle = run(before);
        const then = structuredClone(outputsOf(middle));
        const first = run(one, middle);
        const second = run(other, middle);
        expect(outputsOf(middle)).toEqual(then);
        expect(outputsOf(first)).toEqual(model([...before, ...one]));
        expect(outputsOf(second)).toEqual(model([...before, ...other]));
      }),
    );
  });

  test('updateDisplay says whether there was such a display', () => {
    const area = run([show('x', 'a'), show('y', 'b'), show('z', 'a')]);
    const { state, changed } = updateDisplay(area, 'a', { 'text/plain': 'new' }, { m: 1 });
    expect(changed).toBe(true);
    expect(outputsOf(state).map((output) => ('data' in output ? output.data['text/plain'] : null))).toEqual([
      'new',
      'y',
      'new',
    ]);
    expect(outputsOf(area)).toEqual(outputsOf(run([show('x', 'a'), show('y', 'b'), show('z', 'a')])));
    expect(updateDisplay(area, 'c', {}, {})).toEqual({ state: area, changed: false });
    const cleared = run([{ output_type: 'clear_output', wait: false }], area);
    expect(updateDisplay(cleared, 'a', {}, {}).changed).toBe(false);
  });

  test('a cell that prints 200,000 chunks and shows 50,000 displays keeps them all', () => {
    // Quadratic copying would take minutes here.
    let area = emptyOutputArea();
    for (let at = 0; at < 200_000; at += 1) area = applyOutput(area, out('line\n'));
    for (let at = 0; at < 50_000; at += 1) area = applyOutput(area, show(String(at), `id${at}`));
    const outputs = outputsOf(area);
    expect(outputs).toHaveLength(50_001);
    expect(outputs[0]).toEqual({ output_type: 'stream', name: 'stdout', text: 'line\n'.repeat(200_000) });
    expect(outputs.at(-1)).toMatchObject({ data: { 'text/plain': '49999' } });
  });
});
