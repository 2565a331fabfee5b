import { createMessage, type JupyterMessage } from '@kernelkit/protocol';
import { expect, it } from 'vitest';
import { ExecutionRun } from '../../src/kernel/execution.js';
import { Executions } from '../../src/kernel/executions.js';

const host = { interrupt: async () => {}, sendInput: async () => {}, idleGrace: 0 };

/** What ends an execution well. */
function answers(id: string): JupyterMessage[] {
  const parent = { msg_id: id, session: 's', username: 'u', date: '', msg_type: 'execute_request', version: '5.3' };
  const make = (type: 'execute_reply' | 'status', content: object) =>
    createMessage({ channel: 'shell', type, session: 's', content: content as never, parent });
  return [make('execute_reply', { status: 'ok', execution_count: 1 }), make('status', { execution_state: 'idle' })];
}

it('one at a time, even when one that waits in between is aborted', async () => {
  const executions = new Executions();
  const sent: string[] = [];
  const controller = new AbortController();
  const start = (id: string, signal?: AbortSignal): ExecutionRun => {
    const options = signal === undefined ? {} : { signal };
    const run = new ExecutionRun(id, options, host);
    executions.start(run, options, true, async () => void sent.push(id));
    return run;
  };
  const a = start('a');
  const b = start('b', controller.signal);
  const c = start('c');
  controller.abort();
  await expect(b).rejects.toMatchObject({ kind: 'aborted' });
  const d = start('d');
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toEqual(['a']);
  for (const [run, id] of [
    [a, 'a'],
    [c, 'c'],
    [d, 'd'],
  ] as const) {
    for (const message of answers(id)) run.take(message);
    await run;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(sent).toEqual(['a', 'c', 'd']);
});
