import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { createMessage, type JupyterMessage } from '@kernelkit/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HubLog, type LogBounds, type LogEntry, type LogReader } from '../../src/hub/index.js';

const message = createMessage({ channel: 'iopub', type: 'status', session: 's', content: { execution_state: 'idle' } });

/** Messages that can be told from each other. */
function numbered(n: number): JupyterMessage {
  return { ...message, header: { ...message.header, msg_id: `message ${n}` } };
}

type Step =
  | { do: 'append'; to: string | null; bytes: number }
  | { do: 'attach'; client: number; inherits: boolean }
  | { do: 'take'; client: number; times: number }
  | { do: 'close'; client: number };

const CLIENTS = 4;
const client = fc.integer({ min: 0, max: CLIENTS - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      to: fc.option(
        client.map((n) => `c${n}`),
        { nil: null },
      ),
      bytes: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('attach' as const), client, inherits: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('take' as const), client, times: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), client }) },
);

/** What a client should get: all that it sees after where it began, each once, got or told to be lost. */
class Model {
  reader: LogReader | null = null;
  departed: LogReader | null = null;
  sessions: ReadonlySet<string> = new Set();
  cursor = 0;
  isWaiting = false;
  wakes = 0;
}

describe('HubLog', () => {
  // with the larger ones some is packed
  const codec = { deflate: deflateRawSync, inflate: inflateRawSync };
  test.each<[string, LogBounds]>([
    ['tight bounds', { keepBytes: 100, maxBytes: 250 }],
    ['wider ones', { keepBytes: 900, maxBytes: 1500, codec }],
  ])(
    'any interleaving: each gets in order what it should, or exactly how much is lost; memory is bounded: %s',
    (_what, bounds) => {
      let lost = 0;
      let resumed = 0;
      fc.assert(
        fc.property(fc.array(step, { maxLength: 250, size: 'max' }), (steps) => {
          const log = new HubLog(bounds);
          const all: LogEntry[] = [];
          const models = Array.from({ length: CLIENTS }, () => new Model());
          const visible = (model: Model, from: number, to: number): LogEntry[] =>
            all.slice(from - 1, to).filter((each) => each.to === null || model.sessions.has(each.to));
          const takeOne = (model: Model): boolean => {
            const item = log.take(model.reader!);
            if (item === null) {
              expect(visible(model, model.cursor + 1, all.length)).toEqual([]);
              model.cursor = all.length;
              model.isWaiting = true;
            } else if (item.kind === 'lost') {
              lost += 1;
              // what it has skipped as somebody else's is behind it
              expect(visible(model, model.cursor + 1, item.from - 1)).toEqual([]);
              expect(item.to).toBe(log.first - 1);
              const gone = visible(model, item.from, item.to);
              expect(item.messages).toBe(gone.length);
              expect(item.bytes).toBe(gone.reduce((sum, { bytes }) => sum + bytes, 0));
              model.cursor = item.to;
            } else {
              const [expected] = visible(model, model.cursor + 1, all.length);
              const { message: got, ...place } = item.entry;
              expect(place).toEqual({ seq: expected!.seq, to: expected!.to, bytes: expected!.bytes });
              expect([got.header, got.content]).toEqual([expected!.message.header, message.content]);
              model.cursor = item.entry.seq;
            }
            return item !== null;
          };
          for (const each of steps) {
            if (each.do === 'append') {
              const before = models.map(({ wakes }) => wakes);
              const entry = log.append(each.to, numbered(all.length), each.bytes);
              expect(entry.seq).toBe(all.length + 1);
              all.push(entry);
              models.forEach((model, n) => {
                const isForIt = model.reader !== null && visible(model, entry.seq, entry.seq).length > 0;
                const isWoken = model.isWaiting && isForIt;
                expect(model.wakes - before[n]!).toBe(isWoken ? 1 : 0);
                if (isWoken) model.isWaiting = false;
              });
            } else {
              const model = models[each.client]!;
              if (each.do === 'attach' && model.reader === null) {
                const own = `c${each.client}`;
                model.sessions = new Set(each.inherits ? [own, `c${(each.client + 1) % CLIENTS}`] : [own]);
                const before = model.departed ?? undefined;
                const same = before !== undefined && before.sessions.size === model.sessions.size;
                if (same) resumed += 1;
                // a cursor of other sessions, and given up meanwhile, is told with no exact count: begin at the end
                model.cursor =
                  same || (before !== undefined && before.cursor >= log.first - 1) ? before!.cursor : all.length;
                model.reader = log.read(
                  model.sessions,
                  model.cursor,
                  () => {
                    model.wakes += 1;
                  },
                  before,
                );
                model.isWaiting = false;
              } else if (each.do === 'take' && model.reader !== null) {
                for (let n = 0; n < each.times && takeOne(model); n++);
              } else if (each.do === 'close' && model.reader !== null) {
                log.leave(model.reader);
                model.departed = model.reader;
                model.reader = null;
                model.isWaiting = false;
              }
            }
            const kept = all.slice(log.first - 1);
            expect(log.bytes).toBe(kept.reduce((sum, { bytes }) => sum + bytes, 0));
            expect(log.bytes <= bounds.maxBytes || kept.length === 1).toBe(true);
          }
          for (const model of models) {
            if (model.reader === null) continue;
            while (takeOne(model));
            expect(model.cursor).toBe(all.length);
          }
        }),
        { numRuns: 200 },
      );
      // the property says nothing if it never comes to these
      expect(lost).toBeGreaterThan(20);
      expect(resumed).toBeGreaterThan(20);
    },
  );

  test('what everybody has goes beyond keepBytes; what somebody has not stays up to maxBytes', () => {
    const log = new HubLog({ keepBytes: 100, maxBytes: 1000 });
    const slow = log.read(new Set(['slow']), 0, () => {});
    for (let n = 0; n < 50; n++) log.append(null, message, 10);
    expect(log.bytes).toBe(500);
    while (log.take(slow) !== null);
    // what is packed goes together
    expect(log.bytes).toBeLessThanOrEqual(100);
    expect(log.bytes).toBeGreaterThan(0);
    for (let n = 0; n < 200; n++) log.append(null, message, 10);
    expect([log.bytes, log.first]).toEqual([1000, 151]);
    expect(log.take(slow)).toEqual({ kind: 'lost', from: 51, to: 150, messages: 100, bytes: 1000 });
    expect(log.take(slow)).toMatchObject({ kind: 'message', entry: { seq: 151 } });
    log.leave(slow);
    expect(log.bytes).toBeLessThanOrEqual(100);
  });

  test('answers to others hold nothing back', () => {
    const log = new HubLog({ keepBytes: 100, maxBytes: 10_000 });
    const idle = log.read(new Set(['idle']), 0, () => expect.fail('there is nothing for it'));
    expect(log.take(idle)).toBeNull();
    for (let n = 0; n < 500; n++) log.append('other', message, 10);
    expect(log.bytes).toBeLessThanOrEqual(100);
    expect(idle.cursor).toBe(500);
  });

  test('100 clients: each message costs a constant for each, however many there were', () => {
    let looks = 0;
    const work = (messages: number): number => {
      const log = new HubLog({ keepBytes: 10_000, maxBytes: 1e9 });
      let taken = 0;
      const readers = Array.from({ length: 100 }, (_, n) => {
        const reader: LogReader = log.read(new Set([`c${n}`]), 0, () => {
          while (log.take(reader) !== null) taken += 1;
        });
        return reader;
      });
      for (const reader of readers) log.take(reader);
      log.leave(readers[0]!);
      // one that never takes: all is kept for it
      const stalled = log.read(new Set(['stalled']), 0, () => {});
      // what the log does for a reader begins with looking where it stands, or whether an entry is for it
      for (const reader of [...readers, stalled]) {
        let { cursor } = reader;
        const sees = reader.sees.bind(reader);
        Object.defineProperty(reader, 'cursor', {
          get: () => {
            looks += 1;
            return cursor;
          },
          set: (to: number) => {
            cursor = to;
          },
        });
        reader.sees = (entry) => {
          looks += 1;
          return sees(entry);
        };
      }
      looks = 0;
      for (let n = 0; n < messages; n++) log.append(n % 2 === 0 ? `c${(n / 2) % 100}` : null, message, 100);
      expect(taken).toBeGreaterThanOrEqual((messages / 2) * 99);
      return looks;
    };
    const [small, large] = [work(2000), work(20_000)];
    // quadratic work would be a hundred times as much
    expect(large / small).toBeLessThan(11);
    expect(large / 20_000 / 100).toBeLessThan(10);
  });
});
