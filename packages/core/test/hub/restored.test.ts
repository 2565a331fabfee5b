import { createMessage } from '@kernelkit/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HubLog, type LogEntry, type Tally } from '../../src/hub/index.js';

const message = createMessage({ channel: 'iopub', type: 'status', session: 's', content: { execution_state: 'idle' } });
const SKIPPED = 1000;

/** What an earlier log had, read back as a store does: some may be missing at its end, and numbers are skipped before it goes on. */
function restored(entries: readonly LogEntry[], gone: { toAll: Tally; to: Map<string, Tally> }) {
  return { entries, last: (entries.at(-1)?.seq ?? 0) + SKIPPED, gone };
}

test('a log that goes on: each reader gets what it sees after its place, in order, over any number of gaps in the numbers', () => {
  const lives = fc.array(
    fc.record({ appended: fc.array(fc.constantFrom(null, 'a', 'b'), { maxLength: 12 }), cut: fc.nat(4) }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(lives, fc.nat(5 * (SKIPPED + 12)), (all, place) => {
      let entries: LogEntry[] = [];
      let log = new HubLog({ keepBytes: 1e9, maxBytes: 1e9 });
      for (const { appended, cut } of all) {
        for (const to of appended) entries.push(log.append(to, message, 10));
        entries = entries.slice(0, Math.max(0, entries.length - cut));
        log = new HubLog({ keepBytes: 1e9, maxBytes: 1e9 }, restored(entries, none()));
      }
      const next = log.append(null, message, 10);
      // no number is given twice, whatever somebody has seen that is cut off by now
      expect(next.seq).toBeGreaterThan((entries.at(-1)?.seq ?? 0) + 12);
      entries.push(next);
      for (const { seq } of entries) expect(log.at(seq)?.seq).toBe(seq);
      expect(log.at(next.seq - 1)).toBeUndefined();
      const reader = log.read(new Set(['a']), place, () => {});
      const got: number[] = [];
      for (let item = log.take(reader); item !== null; item = log.take(reader)) {
        expect(item.kind).toBe('message');
        if (item.kind === 'message') got.push(item.entry.seq);
      }
      expect(got).toEqual(entries.filter(({ seq, to }) => seq > place && to !== 'b').map(({ seq }) => seq));
      expect(reader.cursor).toBe(log.last);
    }),
  );
});

test('what an earlier log had given up is told as lost, with its number', () => {
  const gone = {
    toAll: { messages: 7, bytes: 70 },
    to: new Map([
      ['a', { messages: 2, bytes: 20 }],
      ['b', { messages: 5, bytes: 50 }],
    ]),
  };
  const entries: LogEntry[] = [15, 16, 17].map((seq) => ({ seq, to: null, message, bytes: 10 }));
  const log = new HubLog({ keepBytes: 1e9, maxBytes: 1e9 }, restored(entries, gone));
  const reader = log.read(new Set(['a']), 0, () => {});
  expect(log.take(reader)).toEqual({ kind: 'lost', from: 1, to: 14, messages: 9, bytes: 90 });
  expect(log.take(reader)).toMatchObject({ kind: 'message', entry: { seq: 15 } });
  expect([log.first, log.last, log.bytes]).toEqual([15, 17 + SKIPPED, 30]);
});

test('more than may be kept is given up at once, and counted', () => {
  const entries: LogEntry[] = Array.from({ length: 100 }, (_, at) => ({ seq: at + 1, to: null, message, bytes: 10 }));
  const log = new HubLog({ keepBytes: 200, maxBytes: 1e9 }, restored(entries, none()));
  expect(log.bytes).toBeLessThanOrEqual(200);
  const reader = log.read(new Set(), 0, () => {});
  expect(log.take(reader)).toMatchObject({ kind: 'lost', messages: log.first - 1, bytes: (log.first - 1) * 10 });
});

const none = () => ({ toAll: { messages: 0, bytes: 0 }, to: new Map<string, Tally>() });
