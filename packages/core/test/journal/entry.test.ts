import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEntry } from '../../src/journal/entry.js';
import type { RecordedKernel } from '../../src/journal/index.js';
import { isRunDir, stateOf, type World, whyNotEnd } from '../../src/journal/state.js';

const SELF = 500;
const good: RecordedKernel = {
  version: 1,
  id: 'a1',
  pid: 600,
  startTime: '77',
  spec: 'ir',
  displayName: 'R',
  program: 'R',
  connectionFile: '/tmp/kernelkit-1/kernel-a1.json',
  runDir: '/tmp/kernelkit-1',
  cwd: '/',
  startedAt: '2026-11-25T12:00:00.000Z',
  host: 'here',
  bootId: 'b1',
  pidNamespace: 'pid:[1]',
  owner: { pid: 400, startTime: '66' },
};

const parsed = (changes: object, name = 'kernel-a1.json') => parseEntry({ ...good, ...changes }, name, SELF);

describe('an entry', () => {
  it('is what was written, and nothing that was added to it', () => {
    expect(parsed({ more: 1, owner: { ...good.owner, more: 1 } })).toEqual({ entry: good });
    expect(parsed({ owner: { pid: 1, startTime: null }, runDir: null })).toHaveProperty('entry');
  });

  it.each([
    ...[0, 1, -1, -600, SELF, 1.5, '600', null, 2 ** 31, Number.MAX_SAFE_INTEGER, [600], true].map((pid) => ({ pid })),
    ...[0, -1, '400', null].map((pid) => ({ owner: { pid, startTime: '66' } })),
    ...[{}, { pid: 400 }, null, 400, [400, '66']].map((owner) => ({ owner })),
    ...[77, '', 'a\nb', 'x'.repeat(65), undefined].map((startTime) => ({ startTime })),
    ...['tmp/kernelkit-1', '/tmp/kernelkit-1/', '/tmp/../home/kernelkit-1', '/tmp/./kernelkit-1', '', 1, '/a\0b'].map(
      (runDir) => ({ runDir }),
    ),
    ...['../a1', 'a/b', '', '.', 'a\nb', 7, 'x'.repeat(129)].map((id) => ({ id })),
    ...['a', '', 5, null].map((connectionFile) => ({ connectionFile })),
    ...['never', '', 5].map((startedAt) => ({ startedAt })),
    ...['', 5, null].map((host) => ({ host })),
    ...[2, '1', null, undefined].map((version) => ({ version })),
  ])('is none with %j', (changes) => {
    expect(parsed(changes, `kernel-${'id' in changes ? changes.id : 'a1'}.json`)).toHaveProperty('wrong');
  });

  it('is none under another name', () => expect(parsed({}, 'kernel-b.json')).toHaveProperty('wrong'));

  it('is none, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseEntry(value, 'kernel-a1.json', SELF)).toHaveProperty('wrong');
      }),
    );
  });
});

/** Processes by pid: their start time, and the group that they are in. */
function world(processes: Record<number, [string, number]>, machine: Partial<World['machine']> = {}): World {
  return {
    machine: { host: 'here', bootId: 'b1', pidNamespace: 'pid:[1]', ...machine },
    self: { pid: SELF, group: 450 },
    runs: (pid, startTime) => pid in processes && (startTime === null || processes[pid]![0] === startTime),
    groupOf: (pid) => processes[pid]?.[1] ?? null,
  };
}

const kernel = { 600: ['77', 600] } as Record<number, [string, number]>;
const owner = { 400: ['66', 400] } as Record<number, [string, number]>;

describe('what became of a kernel', () => {
  it.each([
    ['both run', world({ ...kernel, ...owner }), 'owned', false],
    ['its owner does not', world(kernel), 'orphaned', true],
    ["its owner's pid is another's", world({ ...kernel, 400: ['67', 400] }), 'orphaned', true],
    ['it does not', world(owner), 'ended', false],
    ['its pid is another’s', world({ ...owner, 600: ['78', 600] }), 'ended', false],
    ['neither does', world({}), 'ended', true],
    ['the machine was started again', world({ ...kernel, ...owner }, { bootId: 'b2' }), 'ended', true],
    ['another container', world(kernel, { pidNamespace: 'pid:[2]' }), 'elsewhere', false],
    ['another machine', world(kernel, { host: 'there', bootId: 'b2' }), 'elsewhere', false],
    ['a system that does not say which run it is', world(kernel, { bootId: null }), 'elsewhere', false],
  ])('%s', (_, seen, state, ownerGone) => {
    expect(stateOf(good, seen)).toEqual({ state, ownerGone });
    expect(whyNotEnd(good, seen) === null).toBe(state === 'orphaned');
  });

  it.each([
    ['whose start time is not known', { startTime: null }, world(kernel)],
    ['that leads no group', {}, world({ 600: ['77', 599] })],
    ['that this program runs in', { pid: 450 }, world({ 450: ['77', 450] })],
  ])('a kernel %s is not ended', (_, changes, seen) => {
    expect(stateOf({ ...good, ...changes }, seen).state).toBe('orphaned');
    expect(whyNotEnd({ ...good, ...changes }, seen)).not.toBeNull();
  });

  it('whatever the entry says, only the very process that it names is ended', () => {
    const some = <T>(usual: T) => fc.oneof({ weight: 30, arbitrary: fc.constant(usual) }, fc.jsonValue());
    const pids = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(600, 601, 0, 1, -1, SELF, 450) },
      fc.integer(),
      fc.jsonValue(),
    );
    const times = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('77', '66', '', null) }, fc.jsonValue());
    const strange = fc.record({
      version: some(1),
      id: some('a1'),
      pid: pids,
      startTime: times,
      spec: some('ir'),
      displayName: some('R'),
      program: some('R'),
      connectionFile: some('/tmp/kernelkit-1/kernel-a1.json'),
      runDir: some('/tmp/kernelkit-1'),
      cwd: some('/'),
      startedAt: some(good.startedAt),
      host: some('here'),
      bootId: some('b1'),
      pidNamespace: some('pid:[1]'),
      owner: fc.oneof(fc.record({ pid: pids, startTime: times }), fc.jsonValue()),
    });
    const processes: Record<number, [string, number]> = {
      ...kernel,
      ...owner,
      1: ['77', 1],
      450: ['77', 450],
      [SELF]: ['77', 450],
      601: ['88', 601],
    };
    const seen = world(processes);
    let ended = 0;
    fc.assert(
      fc.property(strange, (value) => {
        const result = parseEntry(value, 'kernel-a1.json', SELF);
        if (!('entry' in result) || whyNotEnd(result.entry, seen) !== null) return;
        ended += 1;
        expect(value.pid).toBe(600);
        expect(value.startTime).toBe('77');
      }),
      { numRuns: 5000 },
    );
    // else it says nothing
    expect(ended).toBeGreaterThan(0);
  });
});

describe('a run directory', () => {
  it.each([
    ['/tmp/kernelkit-Ab3_x', true],
    ['/tmp/kernelkit-', false],
    ['/tmp/kernelkit', false],
    ['/tmp/kernelkit.0', false],
    ['/tmp/x/kernelkit-Ab3', false],
    ['/home/x', false],
    ['/home/kernelkit-x', false],
    ['/tmp', false],
    ['/', false],
    ['/tmp/kernelkit-..', false],
  ])('%s: %s', (path, is) => expect(isRunDir(path, '/tmp')).toBe(is));
});
