import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { InputNotAllowedError, KernelDiedError } from '../../src/kernel/index.js';
import {
  type Cell,
  CellError,
  CellTimeoutError,
  executeNotebook,
  newCodeCell,
  newNotebook,
  type RunEvent,
  validateNotebook,
  writeNotebook,
} from '../../src/notebook/index.js';
import { stamp } from '../../src/notebook/timing.js';
import { ScriptedKernel } from './fake.js';

const notebook = (...cells: (string | Cell)[]) =>
  newNotebook(cells.map((cell) => (typeof cell === 'string' ? newCodeCell(cell) : cell)));
const tagged = (source: string, ...tags: string[]): Cell => newCodeCell(source, { tags });
const stream = (text: string) => ({ output_type: 'stream', name: 'stdout', text });
const finishing = () => new ScriptedKernel((request) => request.finish());

describe('which cells run', () => {
  test('code with something in it, and without a tag to skip it', async () => {
    const kernel = finishing();
    const cells = notebook(
      'a',
      ' \n',
      { ...newCodeCell('md'), cell_type: 'markdown' },
      tagged('s', 'skip-execution'),
      tagged('b', 'other'),
    );
    const events: RunEvent[] = [];
    const result = await executeNotebook(cells, kernel, { onProgress: (event) => events.push(event) });
    expect(kernel.requests.map((request) => request.code)).toEqual(['a', 'b']);
    expect(result).toMatchObject({ status: 'ok', executed: 2, error: null });
    expect(
      events.flatMap((event) => (event.type === 'cell-end' ? [[event.index, event.total, event.status]] : [])),
    ).toEqual([
      [0, 5, 'ok'],
      [1, 5, 'skipped'],
      [2, 5, 'skipped'],
      [3, 5, 'skipped'],
      [4, 5, 'ok'],
    ]);
  });

  test('skipped cells keep what they showed, the others lose it', async () => {
    const shown = (cell: Cell): Cell => ({ ...cell, outputs: [stream('old')], execution_count: 7 });
    const input = notebook(shown(tagged('x', 'skip-execution')), shown(newCodeCell('y')));
    const before = structuredClone(input);
    const { notebook: done } = await executeNotebook(input, finishing());
    expect(done.cells.map((cell) => [cell.outputs, cell.execution_count])).toEqual([
      [[stream('old')], 7],
      [[], 1],
    ]);
    expect(structuredClone(input)).toEqual(before);
  });

  test('the tags to skip can be chosen', async () => {
    const kernel = finishing();
    await executeNotebook(notebook(tagged('a', 'slow'), tagged('b', 'skip-execution')), kernel, { skipTags: ['slow'] });
    expect(kernel.requests.map((request) => request.code)).toEqual(['b']);
  });
});

describe('errors', () => {
  const failing = () =>
    new ScriptedKernel((request) => {
      if (!request.code.startsWith('bad')) return request.finish();
      request.say('error', { ename: 'ValueError', evalue: 'no', traceback: ['t'] });
      request.finish({ status: 'error', ename: 'ValueError', evalue: 'no', traceback: ['t'] });
    });

  test('the first that is not allowed ends the run; what was executed is there', async () => {
    const kernel = failing();
    const result = await executeNotebook(notebook('a', 'bad', 'c'), kernel);
    expect(result.status).toBe('error');
    expect(result.error).toBeInstanceOf(CellError);
    expect(result.error).toMatchObject({ kind: 'cell-error', cell: { index: 1 }, ename: 'ValueError', evalue: 'no' });
    expect(kernel.requests.map((request) => request.code)).toEqual(['a', 'bad']);
    expect(result.notebook.cells[1]!.outputs).toEqual([
      { output_type: 'error', ename: 'ValueError', evalue: 'no', traceback: ['t'] },
    ]);
    expect(validateNotebook(result.notebook)).toEqual([]);
    expect(kernel.listeners.size).toBe(0);
  });

  test.each([
    ['the tag raises-exception', tagged('bad', 'raises-exception'), {}, false],
    ['allowErrors', newCodeCell('bad'), { allowErrors: true }, false],
    ['the name of the error', newCodeCell('bad'), { allowErrorNames: ['ValueError'] }, true],
  ])('%s lets it go on', async (_what, cell, options, stopOnError) => {
    const kernel = failing();
    const result = await executeNotebook(notebook(cell, 'c'), kernel, options);
    expect(result).toMatchObject({ status: 'ok', error: null, executed: 2 });
    expect(kernel.requests[0]!.options.stopOnError).toBe(stopOnError);
    expect(kernel.requests[0]!.options.onInput).toBeUndefined();
  });

  test('a cell that the kernel aborts is an error too', async () => {
    const result = await executeNotebook(
      notebook('a'),
      new ScriptedKernel((request) => request.finish({ status: 'aborted' })),
    );
    expect(result).toMatchObject({ status: 'error', error: { ename: 'Aborted' } });
  });

  test('a question that nobody can answer is the error of its cell', async () => {
    const kernel = new ScriptedKernel((request) => request.fail(new InputNotAllowedError('name?')));
    const result = await executeNotebook(notebook('input()', 'b'), kernel);
    expect(result).toMatchObject({ status: 'error', error: { kind: 'cell-error', ename: 'InputNotAllowedError' } });
  });

  test('a kernel that dies leaves what it did so far, outputs of the cell it died in included', async () => {
    const death = new KernelDiedError({
      ...{
        message: 'it exited with status 9',
        cause: 'process-exited',
        diagnosis: 'it exited with status 9',
        fix: null,
      },
      ...{ argv: [], code: 9, signal: null, lived: 1, stderr: '', willRestart: false },
    });
    const kernel = new ScriptedKernel((request) => {
      request.say('stream', { name: 'stdout', text: request.code });
      if (request.code === 'b') request.fail(death);
      else request.finish({ execution_count: 1 });
    });
    const events: RunEvent[] = [];
    const result = await executeNotebook(notebook('a', 'b', 'c'), kernel, {
      onProgress: (event) => events.push(event),
    });
    expect(result.status).toBe('died');
    expect(result.error).toBe(death);
    expect(result.notebook.cells.map((cell) => cell.outputs)).toEqual([[stream('a')], [stream('b')], []]);
    expect(events.at(-1)).toMatchObject({ type: 'cell-end', index: 1, status: 'died' });
  });
});

describe('time', () => {
  test('a cell that takes too long is interrupted; what it says then is kept', async () => {
    const kernel = new ScriptedKernel((request) => request.say('stream', { name: 'stdout', text: 'working' }));
    kernel.onInterrupt = (request) => {
      request.say('error', { ename: 'KeyboardInterrupt', evalue: '', traceback: [] });
      request.finish({ status: 'error', ename: 'KeyboardInterrupt', evalue: '', traceback: [], execution_count: 1 });
    };
    const result = await executeNotebook(notebook('while True: pass', 'b'), kernel, { timeout: 20, allowErrors: true });
    expect(result.status).toBe('timeout');
    expect(result.error).toBeInstanceOf(CellTimeoutError);
    expect(result.error).toMatchObject({ kind: 'cell-timeout', timeout: 20, ended: true, cell: { index: 0 } });
    expect(kernel.interrupts).toBe(1);
    expect(result.notebook.cells[0]!.outputs).toHaveLength(2);
    expect(result.executed).toBe(1);
  });

  test('an answer that came in time counts, also where this process did not run and could not read it', async () => {
    const { port1, port2 } = new MessageChannel();
    const kernel = new ScriptedKernel((request) => {
      port1.once('message', () => request.finish());
      setImmediate(() => {
        port2.postMessage('the answer');
        const until = performance.now() + 100;
        while (performance.now() < until);
      });
    });
    const result = await executeNotebook(notebook('a'), kernel, { timeout: 50 });
    port1.close();
    expect(result.status).toBe('ok');
    expect(kernel.interrupts).toBe(0);
  });

  test('one that does not heed the interrupt is left behind', async () => {
    const result = await executeNotebook(notebook('a'), new ScriptedKernel(() => {}), {
      timeout: () => 10,
      interruptGrace: 10,
    });
    expect(result).toMatchObject({ status: 'timeout', error: { ended: false } });
  });

  test('no timer is left, and a time beyond what timers can do is no time at once', async () => {
    vi.useFakeTimers();
    try {
      const result = await executeNotebook(notebook('a'), finishing(), { timeout: 1e12 });
      expect(result.status).toBe('ok');
      await executeNotebook(notebook('a'), finishing(), { timeout: 1000 });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('an abort interrupts the cell and ends the run', async () => {
    const controller = new AbortController();
    const kernel = new ScriptedKernel(() => controller.abort(new Error('stop')));
    kernel.onInterrupt = (request) =>
      request.finish({ status: 'error', ename: 'KeyboardInterrupt', evalue: '', traceback: [] });
    const result = await executeNotebook(notebook('a', 'b'), kernel, { signal: controller.signal });
    expect(result).toMatchObject({
      status: 'aborted',
      executed: 1,
      error: { kind: 'aborted', cause: new Error('stop') },
    });
    expect(kernel.interrupts).toBe(1);
  });

  test('an abort before the start runs nothing', async () => {
    const kernel = finishing();
    expect(await executeNotebook(notebook('a'), kernel, { signal: AbortSignal.abort() })).toMatchObject({
      status: 'aborted',
      executed: 0,
    });
    expect(kernel.requests).toEqual([]);
  });

  test.each([
    ['2026-01-02T03:04:05.123456Z', '2026-01-02T03:04:05.123456Z'],
    ['2026-01-02T03:04:05.123456+00:00', '2026-01-02T03:04:05.123456Z'],
    ['2026-01-02T03:04:05.5-0130', '2026-01-02T04:34:05.500000Z'],
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05.000000Z'],
    ['2026-01-02T03:04:05.123456789Z', '2026-01-02T03:04:05.123456Z'],
    ['yesterday', '2026-10-11T12:13:14.156000Z'],
    ['', '2026-10-11T12:13:14.156000Z'],
    [undefined, '2026-10-11T12:13:14.156000Z'],
  ])('the stamp of %s', (date, expected) => {
    expect(stamp(date, new Date('2026-10-11T12:13:14.156Z'))).toBe(expected);
  });

  test('what happened when is recorded, unless told not to', async () => {
    const script = () =>
      new ScriptedKernel((request) => {
        request.say('status', { execution_state: 'busy' }, { date: '2026-01-02T03:04:05.1Z' });
        request.say('execute_input', { code: '', execution_count: 3 }, { date: '2026-01-02T03:04:05.2Z' });
        request.finish();
      });
    const cell = (): Cell => newCodeCell('a', { execution: { old: 'x' } });
    const { notebook: done } = await executeNotebook(notebook(cell()), script());
    expect(done.cells[0]).toMatchObject({ execution_count: 3 });
    expect(done.cells[0]!.metadata.execution).toEqual({
      'iopub.status.busy': '2026-01-02T03:04:05.100000Z',
      'iopub.execute_input': '2026-01-02T03:04:05.200000Z',
      'shell.execute_reply': '2026-01-02T03:04:05.000006Z',
      'iopub.status.idle': '2026-01-02T03:04:05.700000Z',
    });
    const untimed = await executeNotebook(notebook(cell()), script(), { recordTiming: false });
    expect(untimed.notebook.cells[0]!.metadata.execution).toEqual({ old: 'x' });
  });
});

describe('outputs', () => {
  const display = (text: string, id: string, type = 'display_data') =>
    [type, { data: { 'text/plain': text }, metadata: {}, transient: { display_id: id } }] as const;
  const shown = (cell: Cell | undefined): unknown[] =>
    (cell?.outputs ?? []).map((output) => (output.data as Record<string, unknown>)['text/plain']);

  test('a display is updated in whichever cell shows it', async () => {
    const kernel = new ScriptedKernel((request) => {
      if (request.code === 'show') request.say(...display('1', 'x'));
      if (request.code === 'update') request.say(...display('2', 'x', 'update_display_data'));
      if (request.code === 'again') request.say(...display('3', 'x'));
      request.finish();
    });
    expect((await executeNotebook(notebook('show', 'other', 'update'), kernel)).notebook.cells.map(shown)).toEqual([
      ['2'],
      [],
      [],
    ]);
    expect((await executeNotebook(notebook('show', 'again'), kernel)).notebook.cells.map(shown)).toEqual([
      ['3'],
      ['3'],
    ]);
  });

  test('what an earlier cell still prints lands in that cell', async () => {
    const kernel = new ScriptedKernel((request) => {
      if (request.code === 'b') kernel.requests[0]!.say('stream', { name: 'stdout', text: 'late' });
      request.say('stream', { name: 'stdout', text: request.code });
      request.finish();
    });
    const { cells } = (await executeNotebook(notebook('a', 'b'), kernel)).notebook;
    expect(cells.map((cell) => cell.outputs)).toEqual([[stream('alate')], [stream('b')]]);
  });

  test('numbers in JSON data and metadata are kept as the kernel wrote them', async () => {
    const raw =
      '{"data": {"application/json": {"a": 1.0, "b": 12345678901234567890, "c": NaN}, "text/plain": "x"}, "metadata": {"image/png": {"width": 640.0}}, "transient": {}}';
    const kernel = new ScriptedKernel((request) => {
      request.say('display_data', JSON.parse(raw.replace('NaN', 'null')), { raw });
      request.finish();
    });
    const { notebook: done } = await executeNotebook(notebook('a'), kernel);
    const written = writeNotebook(done);
    for (const part of ['"a": 1.0', '"b": 12345678901234567890', '"c": NaN', '"width": 640.0'])
      expect(written).toContain(part);
    expect(validateNotebook(done)).toEqual([]);
  });

  test('whatever a kernel sends as an output, the notebook is valid', async () => {
    const value = fc.oneof(fc.constantFrom(null, 1, 'x', ['a', 'b'], { a: 1 }, true), fc.jsonValue());
    const bundle = fc.oneof(
      fc.dictionary(fc.constantFrom('text/plain', 'image/png', 'application/json'), value),
      fc.constant(null),
    );
    const content = fc.oneof(
      fc.record(
        { data: bundle, metadata: fc.oneof(fc.constant({}), value), execution_count: value, transient: value },
        { requiredKeys: [] },
      ),
      fc.record({ name: value, text: value }, { requiredKeys: [] }),
      fc.record({ ename: value, evalue: value, traceback: value }, { requiredKeys: [] }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('display_data', 'execute_result', 'error', 'stream', 'update_display_data'),
        content,
        async (type, body) => {
          const kernel = new ScriptedKernel((request) => {
            request.say(type, body);
            request.finish();
          });
          const { notebook: done } = await executeNotebook(notebook('a'), kernel);
          expect(validateNotebook(done)).toEqual([]);
        },
      ),
      // one that never ends is shown
      { timeout: 10_000, examples: [['error', { evalue: { toString: false }, traceback: [{ toString: 1 }] }]] },
    );
  });

  test('an output event for each, and metadata of kernel and language', async () => {
    const kernel = new ScriptedKernel((request) => {
      request.say('stream', { name: 'stderr', text: 'x' });
      request.finish();
    });
    const events: RunEvent[] = [];
    const spec = { name: 'k', display_name: 'K', language: 'l' };
    const { notebook: done } = await executeNotebook(notebook('a'), kernel, {
      kernelspec: spec,
      onProgress: (event) => events.push(event),
    });
    expect(events[1]).toEqual({
      type: 'output',
      index: 0,
      output: { output_type: 'stream', name: 'stderr', text: 'x' },
    });
    expect(done.metadata).toMatchObject({ kernelspec: spec, language_info: { name: 'script' } });
  });
});

describe('widgets', () => {
  const open = (id: string, state: Record<string, unknown>) =>
    ['comm_open', { comm_id: id, target_name: 'jupyter.widget', data: { state } }] as const;

  test('their state is kept, binary data as base64, the last of each path', async () => {
    const kernel = new ScriptedKernel((request) => {
      request.say(...open('m', { _model_name: 'M', _model_module: 'mod', _model_module_version: '1', value: 1 }));
      request.say('comm_msg', { comm_id: 'm', data: { method: 'update', state: { value: 2.5 } } });
      for (const byte of [1, 2]) {
        const content = { comm_id: 'm', data: { method: 'update', state: {}, buffer_paths: [['a', 0]] } };
        request.say('comm_msg', content, { buffers: [new Uint8Array([0, byte, 255]).subarray(1)] });
      }
      request.say('comm_msg', { comm_id: 'm', data: { method: 'custom' } });
      request.say(...open('nameless', { x: 1 }));
      request.finish();
    });
    const { notebook: done } = await executeNotebook(notebook('a'), kernel);
    expect(done.metadata.widgets).toEqual({
      'application/vnd.jupyter.widget-state+json': {
        version_major: 2,
        version_minor: 0,
        state: {
          m: {
            model_name: 'M',
            model_module: 'mod',
            model_module_version: '1',
            state: { _model_name: 'M', _model_module: 'mod', _model_module_version: '1', value: 2.5 },
            buffers: [{ data: 'Av8=', encoding: 'base64', path: ['a', 0] }],
          },
        },
      },
    });
    const without = await executeNotebook(notebook('a'), kernel, { storeWidgetState: false });
    expect(without.notebook.metadata).not.toHaveProperty('widgets');
    expect((await executeNotebook(notebook('a'), finishing())).notebook.metadata).not.toHaveProperty('widgets');
  });

  test('an Output widget takes what its cell shows while it is set to', async () => {
    const kernel = new ScriptedKernel((request) => {
      const text = (value: string) => request.say('stream', { name: 'stdout', text: value });
      const aim = (id: string, parent: string) =>
        request.say('comm_msg', { comm_id: id, data: { method: 'update', state: { msg_id: parent } } });
      for (const id of ['outer', 'inner']) {
        request.say(
          ...open(id, {
            _model_name: 'OutputModel',
            _model_module: '@jupyter-widgets/output',
            outputs: [],
            msg_id: '',
          }),
        );
      }
      text('before ');
      aim('outer', request.id);
      text('in outer');
      aim('inner', request.id);
      text('gone');
      request.say('clear_output', { wait: true });
      text('in inner');
      aim('inner', '');
      text(' again');
      aim('outer', '');
      text('after');
      request.finish();
    });
    const { notebook: done } = await executeNotebook(notebook('a'), kernel);
    const widgets = (done.metadata.widgets as Record<string, { state: Record<string, { state: unknown }> }>)[
      'application/vnd.jupyter.widget-state+json'
    ]!.state;
    expect(widgets.outer!.state).toMatchObject({ outputs: [stream('in outer again')] });
    expect(widgets.inner!.state).toMatchObject({ outputs: [stream('in inner')] });
    expect(done.cells[0]!.outputs).toEqual([stream('before after')]);
  });
});
