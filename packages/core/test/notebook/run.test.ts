/** Notebooks executed on real kernels, side by side with the real nbclient. */
import { expect, test } from 'vitest';
import { describeKernel } from '../../../../testing/support/index.js';
import {
  type Cell,
  executeNotebook,
  type JsonObject,
  type Notebook,
  newCodeCell,
  newNotebook,
  readNotebook,
  writeNotebook,
} from '../../src/notebook/index.js';
import { startReal } from '../support.js';
import { NbformatPeer } from './peer.js';

function python(...cells: (string | [source: string, ...tags: string[]])[]): Notebook {
  const metadata = { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } };
  return newNotebook(
    cells.map((cell) => (typeof cell === 'string' ? newCodeCell(cell) : newCodeCell(cell[0], { tags: cell.slice(1) }))),
    metadata,
  );
}

/**
 * What differs between two runs of the same notebook, made the same: times, and how the kernel's pipe cut the streams (nbclient
 * keeps every piece as an output of its own).
 */
function comparable(text: string): string {
  const notebook = readNotebook(text);
  for (const cell of notebook.cells) {
    if (cell.metadata.execution !== undefined)
      cell.metadata.execution = Object.keys(cell.metadata.execution as JsonObject).sort();
    cell.outputs = cell.outputs?.reduce<NonNullable<Cell['outputs']>>((list, output) => {
      const last = list.at(-1);
      if (output.output_type === 'stream' && last?.output_type === 'stream' && last.name === output.name) {
        list[list.length - 1] = { ...last, text: `${last.text}${output.text}` };
      } else list.push(output);
      return list;
    }, []);
  }
  return writeNotebook(notebook);
}

const DISPLAY = 'from IPython.display import display, clear_output, HTML, JSON, Markdown\nimport sys';

const NOTEBOOKS: Record<string, Notebook> = {
  'streams, results and displays': python(
    DISPLAY,
    'print("out")\nprint("err", file=sys.stderr)\nprint("é \u{1f600}")',
    '1 + 1',
    'display(HTML("<b>\\n</b>"), metadata={"text/html": {"width": 640.0}})',
    'display({"application/json": {"a": 1.0, "b": 10**20, "c": 1e-07, "d": float("nan")}, "text/plain": "x\\x0by"}, raw=True)',
    '',
    ['print("not run")', 'skip-execution'],
    'x = 5;',
  ),
  'display updates across cells': python(
    DISPLAY,
    'h = display("first", display_id="d")\nprint("between")\ndisplay("other")',
    'h.update("second")',
    'display("third", display_id="d")',
    'h.update({"text/plain": "last", "application/json": [1.0]}, raw=True)',
  ),
  clearing: python(
    DISPLAY,
    'print("gone")\nclear_output()\nprint("stays")',
    'print("gone")\nclear_output(wait=True)\nprint("stays")',
    'print("stays")\nclear_output(wait=True)',
    'h = display("gone", display_id="d")\nclear_output()\ndisplay("stays")\nh.update("nowhere")',
  ),
  'errors that are allowed': python(['1 / 0', 'raises-exception'], 'print("on")', [
    'raise KeyError("é")',
    'raises-exception',
    'x',
  ]),
  'an error that is not': python('print("a")', 'raise ValueError("no")', 'print("never")'),
  'input that nobody gives': python('input("?")', 'print("never")'),
  'the state of widgets': python(
    'from comm import create_comm\n' +
      'c = create_comm(target_name="jupyter.widget", comm_id="w1", data={"state": {"_model_name": "M", "_model_module": "m", ' +
      '"_model_module_version": "2.0.0", "value": 1.0, "big": 10**18}, "buffer_paths": [["x"]]}, buffers=[b"\\x00\\xff"])',
    'c.send({"method": "update", "state": {"value": 2.5}, "buffer_paths": [["y", 0]]}, buffers=[b"abc"])',
    'c.send({"method": "custom", "content": {}})',
  ),
  'an Output widget': python(
    'from comm import create_comm\n' +
      'got = []\n' +
      'c = create_comm(target_name="jupyter.widget", comm_id="o1", data={"state": {"_model_name": "OutputModel", ' +
      '"_model_module": "@jupyter-widgets/output", "_model_module_version": "1.0.0", "outputs": [], "msg_id": ""}})\n' +
      'c.on_msg(lambda m: got.append(m["content"]["data"]))',
    'c.send({"method": "update", "state": {"msg_id": get_ipython().kernel.get_parent()["header"]["msg_id"]}})\n' +
      'print("captured")\nimport sys; sys.stdout.flush()\ndisplay(1)\n' +
      'c.send({"method": "update", "state": {"msg_id": ""}})\nprint("shown")',
    'import json\nprint(json.dumps(got[-1], sort_keys=True))',
  ),
};

describeKernel('peer', () => {
  test.each(Object.entries(NOTEBOOKS))(
    '%s: the same notebook as nbclient makes',
    async (_name, notebook) => {
      await using peer = new NbformatPeer();
      await using kernel = await startReal('peer');
      const result = await executeNotebook(notebook, kernel);
      const ours = writeNotebook(result.notebook);
      expect(comparable(ours)).toBe(comparable((await peer.ask('execute', writeNotebook(notebook))) as string));
      expect(await peer.ask('errors', ours)).toEqual([]);
    },
    120_000,
  );
});

describeKernel('ipykernel', () => {
  test('a cell that takes too long is interrupted, and the kernel lives on', async () => {
    await using kernel = await startReal('ipykernel');
    const slow = python('print("begun", flush=True)\nimport time\nwhile True: time.sleep(0.01)', 'print("never")');
    const result = await executeNotebook(slow, kernel, { timeout: 1500, interruptGrace: 60_000 });
    expect(result).toMatchObject({ status: 'timeout', executed: 1, error: { ended: true } });
    expect(result.notebook.cells[0]!.outputs).toMatchObject([
      { output_type: 'stream', text: 'begun\n' },
      { output_type: 'error', ename: 'KeyboardInterrupt' },
    ]);
    const after = await executeNotebook(python('print("alive")'), kernel);
    expect(after).toMatchObject({ status: 'ok', notebook: { cells: [{ outputs: [{ text: 'alive\n' }] }] } });
  }, 120_000);

  test('a kernel that dies in the middle leaves what it printed', async () => {
    await using kernel = await startReal('ipykernel');
    const deadly = python(
      'print("first")',
      'import os, sys\nprint("last words", flush=True)\nsys.stdout.flush()\nos._exit(3)',
      'print("never")',
    );
    const result = await executeNotebook(deadly, kernel);
    expect(result).toMatchObject({ status: 'died', executed: 2, error: { kind: 'kernel-died', death: { code: 3 } } });
    expect(result.notebook.cells[0]!.outputs).toMatchObject([{ text: 'first\n' }]);
  }, 120_000);

  test('what a task prints later lands in the cell that started it', async () => {
    await using kernel = await startReal('ipykernel');
    const tasks = python(
      'import asyncio\nstep = asyncio.Event(); done = asyncio.Event()\nasync def work():\n  await step.wait()\n  print("late", flush=True)\n  done.set()\ntask = asyncio.create_task(work())\nprint("early", flush=True)',
      'step.set(); _ = await done.wait()\nprint("second")',
    );
    const { notebook } = await executeNotebook(tasks, kernel);
    expect(notebook.cells.map((cell) => cell.outputs)).toMatchObject([
      [{ text: 'early\nlate\n' }],
      [{ text: 'second\n' }],
    ]);
  }, 120_000);

  test('an abort interrupts the real thing', async () => {
    await using kernel = await startReal('ipykernel');
    const controller = new AbortController();
    const result = await executeNotebook(python('print("begun", flush=True)\nwhile True: pass', 'x'), kernel, {
      signal: controller.signal,
      interruptGrace: 60_000,
      onProgress: (event) => {
        if (event.type === 'output') controller.abort();
      },
    });
    expect(result).toMatchObject({ status: 'aborted', executed: 1 });
    expect(result.notebook.cells[0]!.outputs).toMatchObject([{ text: 'begun\n' }, { ename: 'KeyboardInterrupt' }]);
  }, 120_000);
});

describeKernel(['ir', 'deno', 'xpython'], ({ name }) => {
  test('a notebook in its language, and a valid document', async () => {
    await using kernel = await startReal(name);
    const notebook = newNotebook([
      newCodeCell('1 + 41'),
      newCodeCell({ ir: 'stop("no")', deno: 'throw new Error("no")', xpython: '1 / 0' }[name as 'ir'] ?? ''),
    ]);
    const result = await executeNotebook(notebook, kernel);
    expect(result).toMatchObject({ status: 'error', error: { kind: 'cell-error', cell: { index: 1 } } });
    expect(JSON.stringify(result.notebook.cells[0]!.outputs)).toContain('42');
    expect(result.notebook.metadata.language_info).toHaveProperty('name');
    await using peer = new NbformatPeer();
    expect(await peer.ask('errors', writeNotebook(result.notebook))).toEqual([]);
  }, 120_000);
});
