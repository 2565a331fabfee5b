/** Faults of the start: it succeeds in spite of them, or fails with a typed error inside its deadline. */
import { describe, expect, test } from 'vitest';
import { type Fault, failsToStart, isWell, on } from './support.js';

const all = ['shell', 'control', 'stdin', 'iopub', 'hb'] as const;
const every = <T>(value: T): Record<string, T> => Object.fromEntries(all.map((channel) => [channel, value]));

/** What a start that shall fail by it may take. */
const TIMEOUT_MS = 1500;
/** Between SIGTERM and SIGKILL, for one whose start failed. */
const TERM_MS = 2000;

describe('starts in spite of it', () => {
  const faults: Record<string, Fault> = {
    'nothing is wrong': {},
    'all sockets are bound late': { bind: every(700) },
    'shell is bound late': { bind: { shell: 500 } },
    'control is bound late': { bind: { control: 500 } },
    'it replies before iopub is live': { bind: { iopub: 500 } },
    'it replies before iopub is live, and welcomes': { bind: { iopub: 500 }, welcome: true },
    'control is never bound': { bind: { control: 'never' } },
    'stdin is never bound': { bind: { stdin: 'never' } },
    'the heart is never bound': { bind: { hb: 'never' } },
    'kernel_info is never answered on control': { 'no-info': ['control'] },
    'the control channel is held': { hold: 'control' },
    'it never goes idle after a request': { answers: ['busy', 'reply'] },
    'it goes idle before the reply': { answers: ['busy', 'idle', 'reply'] },
    'it answers twice': { answers: ['busy', 'reply', 'reply', 'idle'] },
    'it welcomes, and says nothing else on iopub': { welcome: true, answers: ['reply'] },
    'its first answer has a wrong HMAC': { 'bad-first': 'signature' },
    'its first answer has no delimiter': { 'bad-first': 'delimiter' },
    ...Object.fromEntries(
      (['shell', 'control', 'iopub', 'stdin'] as const).flatMap((channel) => [
        [`a torn greeting on ${channel}`, { torn: { on: channel, after: 'greeting', times: 2 } }],
        [`a torn frame on ${channel}`, { torn: { on: channel, after: 'frame', times: 2 } }],
      ]),
    ),
  };
  test.each(Object.entries(faults))('%s', (_, fault) => on(fault, (kernel) => isWell(kernel)));

  test.each(['tcp', 'ipc'] as const)('a torn frame and a late iopub over %s', (transport) =>
    on({ torn: { on: 'shell', after: 'frame', times: 1 }, bind: { iopub: 400 } }, (kernel) => isWell(kernel), {
      transport,
    }),
  );

  test.each(['5.0', '5.1', '5.2', '5.3', '5.4', '5.5'])('it speaks protocol %s', (version) =>
    on({ version, welcome: version === '5.5' }, async (kernel) => {
      expect(kernel.info.protocol_version).toBe(version);
      await isWell(kernel);
    }),
  );

  test('it speaks protocol 4.1', () =>
    on({ old: true }, async (kernel) => {
      expect(kernel.info).toMatchObject({ protocol_version: '4.1', language_info: { name: 'steps' } });
      const code = JSON.stringify([
        ['publish', ['stream', { name: 'stdout', data: 'printed' }]],
        ['publish', ['pyout', { execution_count: 1, data: { 'text/plain': '42' }, metadata: {} }]],
        ['reply'],
        ['idle'],
      ]);
      const { outputs } = await kernel.execute(code);
      expect(outputs).toMatchObject([{ text: 'printed' }, { data: { 'text/plain': '42' } }]);
    }));
});

describe('fails at once when the process ends', () => {
  const phases: Record<string, Fault> = {
    'before binding': { at: 'start' },
    'after binding some sockets': { at: 'some-bound' },
    'after binding all': { at: 'all-bound' },
    'after kernel_info arrives but before the reply': { at: 'asked' },
    'after the reply, before iopub is live': { at: 'replied', bind: { iopub: 'never' } },
  };
  test.each(Object.entries(phases))('%s', async (_, phase) => {
    const error = await failsToStart(
      { exit: 3, stderr: 'ValueError: no good\n', ...phase },
      { as: 'exited', says: /exited with status 3[\s\S]*ValueError: no good/, within: 1000 },
    );
    expect(error.exit).toMatchObject({ code: 3, signal: null });
    expect(error.stderr).toBe('ValueError: no good\n');
  });

  test.each(Object.entries(phases))('%s, with a child that keeps its sockets and pipes', async (_, phase) => {
    await failsToStart({ exit: 4, fork: true, ...phase }, { as: 'exited', says: /exited with status 4/, within: 1000 });
  });
});

describe('fails when the time is over, and says how far it got', () => {
  const faults: [string, Fault, RegExp][] = [
    ['no socket is ever bound', { bind: every('never') }, /never opened its sockets/],
    ['shell is never bound', { bind: { shell: 'never' } }, /never opened its shell socket/],
    ['iopub is never bound', { bind: { iopub: 'never' } }, /never opened its iopub socket/],
    ['kernel_info is never answered on shell', { 'no-info': ['shell'] }, /never answered kernel_info/],
    ['nothing is answered', { silent: true }, /never answered kernel_info/],
    ['the shell channel is held', { hold: 'shell' }, /never answered kernel_info/],
    ['iopub says nothing', { mute: true }, /answered kernel_info, but nothing came on its iopub/],
    ['its answers have a wrong HMAC', { 'bad-always': 'signature' }, /could not be read .*signature/],
    ['its answers have no delimiter', { 'bad-always': 'delimiter' }, /could not be read .*<IDS\|MSG>/],
    ['each connection breaks off in the greeting', { torn: { on: 'shell', after: 'greeting' } }, /not ready/],
    ['each connection breaks off in a frame', { torn: { on: 'shell', after: 'frame' } }, /not ready/],
    ['iopub breaks off in a frame each time', { torn: { on: 'iopub', after: 'frame' } }, /not ready/],
  ];
  test.each(faults)('%s', async (_, fault, says) => {
    await failsToStart(fault, { as: 'timed-out', says, within: TIMEOUT_MS }, { timeout: TIMEOUT_MS });
  });

  test('a deaf one is killed then', async () => {
    const expected = { as: 'timed-out', says: /never answered/, within: TIMEOUT_MS + TERM_MS } as const;
    await failsToStart({ silent: true, deaf: true }, expected, { timeout: TIMEOUT_MS });
  });
});

test.each(['tcp', 'ipc'] as const)('fails when what is on its sockets is not ZMTP (%s)', async (transport) => {
  await failsToStart(
    { garbage: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' },
    { as: 'not-a-kernel', says: /cannot be talked to/, within: 2000 },
    { transport },
  );
});
