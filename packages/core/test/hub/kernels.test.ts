import type { JupyterMessage } from '@kernelkit/protocol';
import { expect, test } from 'vitest';
import { describeKernel } from '../../../../testing/support/index.js';
import { processAlive } from '../support.js';
import { hubOn, stateOf, statusOf, TestClient } from './support.js';

/** Code that prints `n` lines, in each language. */
const LINES = {
  ipykernel: (n: number) => `for i in range(${n}): print("line", i)`,
  ir: (n: number) => `for (i in 1:${n}) cat("line", i, "\\n")`,
  xpython: (n: number) => `for i in range(${n}): print("line", i)`,
  deno: (n: number) => `for (let i = 0; i < ${n}; i++) console.log("line", i)`,
};

for (const name of Object.keys(LINES) as (keyof typeof LINES)[]) {
  describeKernel(name, () => {
    test('two clients: all output, own answers only, one session id, every message complete', async () => {
      await using running = hubOn(name);
      const { hub } = running;
      // before it is up: what they ask waits
      const [one, two] = [new TestClient(hub), new TestClient(hub)];
      const info = [one, two].map((client) => client.send('kernel_info_request', {}));
      expect(hub.state).toBe('starting');
      await hub.ready;
      expect(statusOf(await one.reply(info[0]!))).toBe('ok');
      expect(statusOf(await two.reply(info[1]!))).toBe('ok');
      expect(hub.info?.implementation).toBeTypeOf('string');
      const asked: { client: TestClient; id: string }[] = [];
      for (let round = 0; round < 10; round++)
        for (const client of [one, two]) asked.push({ client, id: client.execute(LINES[name](5)) });
      for (const { client, id } of asked) {
        expect(statusOf(await client.reply(id))).toBe('ok');
        for (const each of [one, two]) {
          await each.until(() => each.printed(id).match(/line/g)?.length === 5);
        }
      }
      for (const client of [one, two]) {
        const answers = client.messages.filter(({ channel }) => channel !== 'iopub');
        expect(answers).toHaveLength(11);
        for (const { parent_header } of answers) expect(parent_header.session).toBe(client.session);
        // what the hub said before the process was there has the same id
        expect(new Set(client.messages.map(({ header }) => header.session)).size).toBe(1);
      }
      const busy = one.messages.filter((each) => each.channel === 'iopub').map(({ header }) => header.msg_id);
      const same = two.messages.filter((each) => each.channel === 'iopub').map(({ header }) => header.msg_id);
      expect(same).toEqual(busy);
      await hub.close();
      expect([one.gone, two.gone]).toEqual(['closed', 'closed']);
      expect(processAlive(running.host().launched.process.pid)).toBe(false);
    });
  });
}

describeKernel('ipykernel', () => {
  test('a question goes to who ran the code; its answer is taken from there, or from an heir, and once', async () => {
    await using running = hubOn('ipykernel');
    const { hub } = running;
    const [one, two] = [new TestClient(hub), new TestClient(hub)];
    // the very first cell, on a kernel that is not up yet
    const first = one.execute('print("got", input("who? "))');
    const question = await one.until(() => one.messages.find(({ channel }) => channel === 'stdin'));
    two.send('input_reply', { value: 'not mine' }, { channel: 'stdin', parent: question });
    one.send('input_reply', { value: 'one' }, { channel: 'stdin', parent: question });
    one.send('input_reply', { value: 'again' }, { channel: 'stdin', parent: question });
    await one.reply(first);
    expect(one.printed(first)).toBe('got one\n');
    expect(two.messages.filter(({ channel }) => channel === 'stdin')).toEqual([]);
    // who asked is away: the question waits for an heir
    const left = one.execute('import time; time.sleep(0.5); print("got", input("next? "))');
    await two.until(() => two.messages.some((each) => stateOf(each) === 'busy' && each.parent_header.msg_id === left));
    one.connection.close();
    const heir = new TestClient(hub, { after: one.connection.cursor, inherits: [one.session] });
    const later = await heir.until(() => heir.messages.find(({ channel }) => channel === 'stdin'));
    expect((later.content as { prompt: string }).prompt).toBe('next? ');
    heir.send('input_reply', { value: 'heir' }, { channel: 'stdin', parent: later });
    await heir.reply(left);
    await two.until(() => two.printed(left) === 'got heir\n');
  });

  test('20,000 messages while a client is stalled, 100,000 lines to three: nothing is lost, nobody waits', async () => {
    const notices: string[] = [];
    await using running = hubOn('ipykernel', {
      keepBytes: 100_000,
      onEvent: (event) => event.kind === 'notice' && notices.push(event.notice.kind),
    });
    const { hub } = running;
    const [one, two, slow] = [new TestClient(hub), new TestClient(hub), new TestClient(hub)];
    await hub.ready;
    slow.isStalled = true;
    const questions: JupyterMessage[] = [];
    // by turns with their reader: a kernel drops at its own end what 1,000 messages wait for (jupyter-protocol.md §8, 18)
    const flood = one.execute(
      'from IPython.display import display\nfor i in range(20000):\n    display({"text/plain": str(i)}, raw=True)\n    if i % 500 == 499: input()',
    );
    let [read, displays, answered] = [0, 0, 0];
    await one.until(() => {
      for (; read < one.items.length; read++) {
        const item = one.items[read]!;
        if (item.kind !== 'message') continue;
        const { message } = item.entry;
        const type: string = message.header.msg_type;
        if (type === 'display_data') displays += 1;
        // the question overtakes what was shown before it
        if (type === 'input_request') questions.push(message);
      }
      while (answered < questions.length && displays >= (answered + 1) * 500) {
        const parent = questions[answered++]!;
        one.send('input_reply', { value: '' }, { channel: 'stdin', parent });
      }
      return answered === 40;
    });
    await one.reply(flood);
    const shown = (client: TestClient): number[] =>
      client.messages
        .filter(
          ({ header, parent_header }) =>
            (header.msg_type as string) === 'display_data' && parent_header.msg_id === flood,
        )
        .map(({ content }) => Number((content as { data: Record<string, string> }).data['text/plain']));
    const all = Array.from({ length: 20_000 }, (_, n) => n);
    await two.until(() => two.messages.some((each) => stateOf(each) === 'idle' && each.parent_header.msg_id === flood));
    expect(shown(two)).toEqual(all);
    expect(shown(slow)).toEqual([]);
    expect(hub.log.bytes).toBeGreaterThan(1_000_000);
    slow.isStalled = false;
    slow.pull();
    expect(shown(slow)).toEqual(all);
    expect(slow.items.filter(({ kind }) => kind === 'lost')).toEqual([]);
    expect(notices).toEqual([]);
    // it holds nothing back any more
    expect(hub.log.bytes).toBeLessThan(110_000);
    const lines = two.execute('for i in range(100000): print(i)');
    await two.reply(lines);
    const text = `${Array.from({ length: 100_000 }, (_, n) => n).join('\n')}\n`;
    for (const client of [one, two, slow]) {
      await client.until(() =>
        client.messages.some((each) => stateOf(each) === 'idle' && each.parent_header.msg_id === lines),
      );
      expect(client.printed(lines) === text).toBe(true);
    }
  }, 120_000);

  test('a client that never takes: memory is bounded, and it learns exactly what it missed', async () => {
    await using running = hubOn('ipykernel', { keepBytes: 10_000, maxBytes: 200_000 });
    const { hub } = running;
    const [one, slow] = [new TestClient(hub), new TestClient(hub)];
    await hub.ready;
    slow.isStalled = true;
    await one.reply(one.execute('for i in range(2000): print("x" * 500, flush=True)'));
    expect(hub.log.bytes).toBeLessThanOrEqual(200_000);
    slow.isStalled = false;
    slow.pull();
    const iopub = one.messages.filter(({ channel }) => channel === 'iopub');
    const lost = slow.items.flatMap((item) => (item.kind === 'lost' ? [item] : []));
    expect(lost).toHaveLength(1);
    expect(slow.messages.length + lost[0]!.messages).toBe(iopub.length);
    const place = slow.items.findIndex(({ kind }) => kind === 'lost');
    const expected = iopub.map(({ header }) => header.msg_id);
    expected.splice(place, lost[0]!.messages);
    expect(slow.messages.map(({ header }) => header.msg_id)).toEqual(expected);
  });

  test('away in the middle of a cell: back with the same session, or another by cursor, or new', async () => {
    await using running = hubOn('ipykernel');
    const { hub } = running;
    const [one, watcher] = [new TestClient(hub), new TestClient(hub)];
    const cell = one.execute(
      'import time\nfor i in range(40):\n    print("tick", i, flush=True)\n    time.sleep(0.05)',
    );
    await one.until(() => one.printed(cell).includes('tick 3'));
    one.connection.close();
    await watcher.until(() => watcher.printed(cell).includes('tick 10'));
    const cursor = one.connection.cursor;
    // a page that is opened now sees the running cell from its beginning
    const fresh = new TestClient(hub);
    await fresh.until(() => fresh.printed(cell).includes('tick 10'));
    expect(stateOf(fresh.messages[0]!)).toBe('busy');
    const again = new TestClient(hub, { session: one.session });
    const heir = new TestClient(hub, { after: cursor, inherits: [one.session] });
    expect(statusOf(await again.reply(cell))).toBe('ok');
    expect(statusOf(await heir.reply(cell))).toBe('ok');
    const all = Array.from({ length: 40 }, (_, n) => `tick ${n}\n`).join('');
    expect(one.printed(cell) + again.printed(cell)).toBe(all);
    expect(one.printed(cell) + heir.printed(cell)).toBe(all);
    await fresh.until(() => fresh.printed(cell) === all);
    // on another connection while the first is still there
    const other = new TestClient(hub, { session: again.session });
    expect(again.gone).toBe('replaced');
    expect(hub.connections).toBe(4);
    await other.reply(other.execute('1'));
    expect(other.items.length).toBeLessThan(20);
  });

  test('restart: clients stay, what waited is answered, a new session id, nothing stale', async () => {
    await using running = hubOn('ipykernel');
    const { hub } = running;
    const [one, two] = [new TestClient(hub), new TestClient(hub)];
    await hub.ready;
    const pid = running.host().launched.process.pid;
    const waiting = one.execute('x = 1\nimport time\nwhile True: print("old", flush=True); time.sleep(0.01)');
    await two.until(() => two.printed(waiting).includes('old'));
    const restarted = hub.restart();
    expect(hub.state).toBe('restarting');
    const early = two.execute('print("x" in dir())');
    expect((await one.reply(waiting)).content).toMatchObject({ status: 'error', ename: 'KernelRestartedError' });
    await restarted;
    await two.reply(early);
    expect(two.printed(early)).toBe('False\n');
    expect(processAlive(pid)).toBe(false);
    const states = two.messages.flatMap((each) =>
      each.parent_header.msg_id === undefined ? (stateOf(each) ?? []) : [],
    );
    expect(states.slice(-2)).toEqual(['starting', 'idle']);
    // JupyterLab takes it for a death, and says so in a dialog
    expect(states).not.toContain('restarting');
    const at = two.messages.findLastIndex((each) => stateOf(each) === 'starting');
    expect(two.messages.slice(at).filter(({ parent_header }) => parent_header.msg_id === waiting)).toEqual([]);
    const [before, after] = [two.messages.slice(0, at), two.messages.slice(at)].map(
      (part) => new Set(part.map(({ header }) => header.session)),
    );
    expect([before!.size, after!.size]).toEqual([1, 1]);
    expect(after).not.toEqual(before);
  });

  test('interrupt, and the state while a cell runs', async () => {
    await using running = hubOn('ipykernel');
    const { hub } = running;
    const one = new TestClient(hub);
    const cell = one.execute('import time; print("on", flush=True); time.sleep(100)');
    await one.until(() => one.printed(cell) === 'on\n');
    expect(hub.state).toBe('busy');
    await hub.interrupt();
    expect((await one.reply(cell)).content).toMatchObject({ ename: 'KeyboardInterrupt' });
    expect(hub.state).toBe('idle');
  });

  test('two clients with the same msg_id at once: each its own answer', async () => {
    await using running = hubOn('ipykernel');
    const [one, two] = [new TestClient(running.hub), new TestClient(running.hub)];
    one.execute('1 + 1', 'same');
    two.execute('1 / 0', 'same');
    await one.until(() => one.messages.some(({ channel }) => channel === 'shell'));
    await two.until(() => two.messages.some(({ channel }) => channel === 'shell'));
    const replies = [one, two].map((each) => each.messages.filter(({ channel }) => channel === 'shell'));
    expect(replies.map((each) => each.map(statusOf))).toEqual([['ok'], ['error']]);
    expect(replies.flat().map(({ parent_header }) => parent_header.msg_id)).toEqual(['same', 'same']);
  });
});
