import { createMessage, hasUnreadContent, type JupyterMessage, withUnreadContent } from '@kernelkit/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalise } from '../../src/channels/normalise.js';
import { isActivity, stateAfter } from '../../src/hub/activity.js';
import { complete } from '../../src/hub/complete.js';
import type { HubState } from '../../src/hub/index.js';
import { Questions } from '../../src/hub/questions.js';
import { Routes } from '../../src/hub/routes.js';
import { canStayUnread } from '../../src/raw/unread.js';

function message(type: string, content: unknown = {}, parent?: string): JupyterMessage {
  const request = parent === undefined ? undefined : message(parent);
  return createMessage({
    channel: 'iopub',
    type: type as never,
    session: 'k',
    content: content as never,
    parent: request,
  });
}

describe("a kernel's message is made complete", () => {
  test.each<[string, string, unknown, unknown]>([
    ['error without a traceback', 'error', { ename: 'E', evalue: 'v' }, { ename: 'E', evalue: 'v', traceback: [] }],
    ['stream of no text', 'stream', { name: 'stdout', text: 7 }, { name: 'stdout', text: '' }],
    ['clear_output', 'clear_output', {}, { wait: false }],
    [
      'result without metadata',
      'execute_result',
      { execution_count: 1, data: {} },
      { execution_count: 1, data: {}, metadata: {} },
    ],
    ['question', 'input_request', { prompt: 'a' }, { prompt: 'a', password: false }],
    ['content that is none', 'display_data', null, { data: {}, metadata: {} }],
    ['type that nobody knows', 'constructor', { a: 1 }, { a: 1 }],
  ])('%s', (_what, type, content, expected) => {
    const given = { ...message(type, content), contentBytes: new Uint8Array(1) };
    const full = complete(given, 'process')!;
    expect(full.content).toEqual(expected);
    expect(full.header.session).toBe('process');
    expect(given.header.session).toBe('k');
    // the bytes as received go only with the content as received
    expect(full.contentBytes === undefined).toBe(JSON.stringify(content) !== JSON.stringify(expected));
  });

  test.each<[string, JupyterMessage]>([
    ['a state that nobody knows', message('status', { execution_state: 'thinking' })],
    ['a comm without an id', message('comm_msg', { data: {} })],
    ['no type', { ...message('stream'), header: { msg_id: 'a' } as never }],
    ['no header', { ...message('stream'), header: null as never }],
  ])('%s: dropped', (_what, given) => {
    expect(complete(given, 'process')).toBeNull();
  });

  test('whatever comes: never a throw, and all that front ends need', () => {
    const types = fc.constantFrom('stream', 'error', 'status', 'execute_result', 'comm_open', 'x', '__proto__');
    const header = fc.oneof(fc.anything(), fc.record({ msg_type: types, msg_id: fc.string(), date: fc.anything() }));
    const fields = {
      header,
      parent_header: fc.anything(),
      metadata: fc.anything(),
      content: fc.anything(),
      buffers: fc.anything(),
    };
    fc.assert(
      fc.property(fc.record(fields), (given) => {
        const full = complete({ channel: 'iopub', ...given } as never, 'process');
        if (full === null) return;
        for (const part of [full.parent_header, full.metadata, full.content]) expect(part).toBeTypeOf('object');
        for (const name of ['session', 'username', 'date', 'version', 'msg_type', 'msg_id'] as const)
          expect(full.header[name]).toBeTypeOf('string');
      }),
    );
  });
});

describe('a large content is passed on unread', () => {
  const text = 'x'.repeat(100_000);
  const bytes = (value: string) => new TextEncoder().encode(value);
  test.each<[string, string, boolean]>([
    ['a large one', `{"text": "${text}"}`, true],
    ['a small one is read', '{"text": "x"}', false],
    ['one with a bare NaN is read, and put right', `{"text": "${text}", "y": NaN}`, false],
    ['one with a bare -Infinity', `{"text": "${text}", "y": [1,-Infinity]}`, false],
    ['the same letters within a word of a text', `{"text": "${text}aNaNbInfinity"}`, true],
  ])('%s', (_what, content, isLeft) => {
    expect(canStayUnread(bytes(content))).toBe(isLeft);
  });

  test('through complete(), which looks at it neither', () => {
    const given = withUnreadContent(
      { ...message('display_data') },
      () => ({ data: { a: text }, metadata: {} }) as never,
    );
    const full = complete(given, 'process')!;
    expect([hasUnreadContent(given), hasUnreadContent(full)]).toEqual([true, true]);
    expect(full.content).toEqual({ data: { a: text }, metadata: {} });
  });

  test('bytes that say something else than what was put right are dropped', () => {
    const given = { ...message('execute_reply', { status: 'abort' }), contentBytes: bytes('{"status": "abort"}') };
    expect(normalise(given)).toMatchObject({ content: { status: 'aborted' } });
    expect(given.contentBytes).toBeUndefined();
    const right = { ...message('execute_reply', { status: 'ok' }), contentBytes: bytes('{"status": "ok"}') };
    expect(normalise(right).contentBytes).toBeDefined();
  });
});

describe('state and activity, as Jupyter Server counts them', () => {
  const status = (state: string, parent?: string): JupyterMessage =>
    message('status', { execution_state: state }, parent);

  test.each<[string, HubState, JupyterMessage, HubState, boolean]>([
    ['a cell begins', 'idle', status('busy', 'execute_request'), 'busy', true],
    ['a cell ends', 'busy', status('idle', 'execute_request'), 'idle', true],
    ['kernel_info makes nothing busy', 'idle', status('busy', 'kernel_info_request'), 'idle', false],
    ['the idle of a control request hides no busy cell', 'busy', status('idle', 'debug_request'), 'busy', true],
    ['the first that is not starting', 'starting', status('busy', 'kernel_info_request'), 'idle', false],
    ['a status of nobody', 'idle', status('starting'), 'starting', true],
    ['output of a cell', 'idle', message('stream', {}, 'execute_request'), 'idle', true],
    ['output of a timer, without a parent', 'idle', message('stream'), 'idle', true],
    ['output of kernel_info', 'idle', message('stream', {}, 'kernel_info_request'), 'idle', false],
  ])('%s', (_what, state, given, next, active) => {
    expect(stateAfter(given, state)).toBe(next);
    expect(isActivity(given, state)).toBe(active);
  });
});

describe('Routes', () => {
  test('an id that another client chose, too: another one towards the kernel', () => {
    const routes = new Routes();
    const request = { ...message('execute_request'), channel: 'shell' as const };
    const one = routes.add('one', request);
    const two = routes.add('two', request);
    expect(one.message.header.msg_id).toBe(request.header.msg_id);
    expect(two.message.header.msg_id).not.toBe(request.header.msg_id);
    expect(routes.find(one.route.id)?.session).toBe('one');
    expect(routes.find(two.route.id)).toMatchObject({ session: 'two', header: { msg_id: request.header.msg_id } });
    routes.answered(one.route);
    expect(routes.takeOpen()).toEqual([two.route]);
    expect(routes.takeOpen()).toEqual([]);
  });

  test('what is remembered is bounded', () => {
    const routes = new Routes();
    const first = routes.add('one', message('execute_request')).route;
    for (let n = 0; n < 20_000; n++) routes.add('one', message('execute_request'));
    expect(routes.find(first.id)).toBeUndefined();
    expect(routes.takeOpen()).toHaveLength(16_384);
  });
});

describe('Questions', () => {
  const asked = message('input_request', {}, 'execute_request');
  const answer = (parent: Partial<JupyterMessage['header']>): JupyterMessage => ({
    ...message('input_reply'),
    parent_header: parent,
  });

  test.each<[string, Partial<JupyterMessage['header']>]>([
    ['the question', asked.header],
    ['the request', asked.parent_header],
    ['nothing', {}],
  ])('an answer that names %s: the first of the asked session counts, once', (_what, parent) => {
    const questions = new Questions();
    questions.asked(asked, 'one');
    expect(questions.answer(answer(parent), new Set(['two']))).toBe(false);
    expect(questions.answer(answer(parent), new Set(['two', 'one']))).toBe(true);
    expect(questions.answer(answer(parent), new Set(['one']))).toBe(false);
  });

  test('no answer to a request that is over', () => {
    const questions = new Questions();
    questions.asked(asked, 'one');
    questions.over(asked.parent_header.msg_id);
    expect(questions.answer(answer({}), new Set(['one']))).toBe(false);
  });
});
