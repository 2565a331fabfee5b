/** Each option of `serve` as flag and as variable. */
import { KeepError } from '@kernelkit/server';
import { Command, CommanderError } from 'commander';
import { expect, test, vi } from 'vitest';
import { gatewayOptions, listenOptions } from '../src/serve/gateway-options.js';
import { keepDirectory } from '../src/serve/keep.js';
import { EventLog, lineOf, textLog } from '../src/serve/log.js';
import { addSettings, readSettings, unknownVariables } from '../src/serve/read.js';
import { flagOf, GROUPS, SETTINGS, type Settings, variableOf } from '../src/serve/settings.js';

/** What the flag says, what the variable says, and what cannot be meant. */
const TABLE: { readonly [K in keyof Settings]-?: readonly [flag: unknown, variable: unknown, bad: readonly string[]] } =
  {
    host: ['::1', '0.0.0.0', []],
    port: [1, 2, ['x', '-1', '65536', '1.5', '0x10', '1e3']],
    socket: ['/a', '/b', []],
    baseUrl: ['/a', '/b', []],
    certfile: ['/a', '/b', []],
    keyfile: ['/a', '/b', []],
    token: ['a', undefined, []],
    tokenFile: ['/a', '/b', []],
    allowOrigin: [
      ['https://a.example'],
      ['https://b.example', '*'],
      ['a.example', 'https://a.example/x', 'null', ',', 'file:///x'],
    ],
    allowOriginPat: ['https://a', 'https://.*', ['(', 'a)|(b']],
    allowCredentials: [true, false, ['maybe']],
    allowHost: [['a'], ['b', 'c'], [',']],
    rootDir: ['/a', '/b', []],
    defaultKernel: ['a', 'b', []],
    allowEnv: [['A'], ['B', 'C'], [',']],
    startTimeout: [1, 2.5, ['0', 'soon', '-1', 'Infinity', '1e999']],
    autoRestart: [false, true, ['maybe']],
    maxKernels: [1, 2, ['0', '-1', '1.5', 'many', '99999999999999999999']],
    cullIdleTimeout: [0, 2, ['-1', 'never']],
    cullInterval: [1, 2, ['0', 'x']],
    cullBusy: [true, false, ['maybe']],
    cullConnected: [true, false, ['2']],
    keep: ['/a', 'yes', []],
    logKeep: [1024, 2048, ['0', '1T', 'x', '-1']],
    logMax: [1024, 2048, ['0', '1 2']],
    maxBody: [1024, 1536, ['0', '1x']],
    maxFrame: [1, 2 * 2 ** 30, ['0']],
    maxUrl: [1, 2, ['0', '1k']],
    maxConnections: [1, 2, ['0']],
    maxWebsockets: [1, 2, ['0']],
    maxWebsocketsPerKernel: [1, 2, ['0']],
    headersTimeout: [1, 2, ['0']],
    requestTimeout: [1, 2, ['0']],
    idleTimeout: [1, 2, ['0']],
    pingInterval: [1, 2, ['0']],
    pingTimeout: [1, 2, ['0']],
    logFormat: ['json', 'text', ['xml', 'JSON']],
  };

const NAMES = Object.keys(SETTINGS) as (keyof Settings)[];

function read(args: readonly string[], env: Record<string, string> = {}): Settings {
  const command = new Command('serve').exitOverride().configureOutput({ writeErr: () => {} });
  addSettings(command);
  command.parse(args, { from: 'user' });
  return readSettings(command, env);
}

function flagsOf(name: keyof Settings, value: unknown): string[] {
  if (typeof value === 'boolean') return [value ? `--${flagOf(name)}` : `--no-${flagOf(name)}`];
  return [value].flat().flatMap((one) => [`--${flagOf(name)}`, String(one)]);
}

const textOf = (value: unknown) => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : [value].flat().join(', '));

test('every setting is in the help, and in the table', () => {
  expect(GROUPS.flatMap(([, names]) => names).sort()).toEqual([...NAMES].sort());
  expect(Object.keys(TABLE).sort()).toEqual([...NAMES].sort());
});

test.each(NAMES)('%s: the flag before the variable before the default', (name) => {
  const [flag, variable, bad] = TABLE[name];
  const { fallback } = SETTINGS[name];
  expect(read([])[name]).toEqual(fallback);
  expect(read(flagsOf(name, flag))[name]).toEqual(flag);
  const env = { [variableOf(name)]: textOf(variable ?? 'not in the environment any more') };
  expect(read([], env)[name]).toEqual(variable);
  expect(read(flagsOf(name, flag), env)[name]).toEqual(flag);
  expect(read([], { [variableOf(name)]: '' })[name]).toEqual(fallback);
  for (const text of bad) {
    expect(() => read([], { [variableOf(name)]: text })).toThrow(`${variableOf(name)}=${text}: It must`);
    if (typeof flag === 'boolean') continue;
    const failed = (): unknown => {
      try {
        return read([`--${flagOf(name)}=${text}`]);
      } catch (error) {
        return error;
      }
    };
    expect(failed()).toBeInstanceOf(CommanderError);
    expect((failed() as Error).message).toContain(`--${flagOf(name)}`);
  }
});

test('where kernels are kept: a directory, the usual one, or nowhere', () => {
  const env = { HOME: '/home/a', XDG_STATE_HOME: '/state' };
  const at = (args: readonly string[], variable = '') =>
    keepDirectory(read(args, { KERNELKIT_SERVE_KEEP: variable }), env);
  expect(at([])).toBeNull();
  expect(at(['--keep', '/a/b'])).toBe('/a/b');
  expect(at(['--keep', '--port', '9000'])).toBe('/state/kernelkit/gateway-9000');
  expect(at(['--keep', '--socket', '/run/a'])).toMatch(/^\/state\/kernelkit\/gateway-[0-9a-f]{16}$/);
  expect(at([], 'yes')).toBe('/state/kernelkit/gateway-8888');
  expect(at([], 'no')).toBeNull();
  expect(keepDirectory(read(['--keep']), { HOME: '/h/a' })).toBe('/h/a/.local/state/kernelkit/gateway-8888');
});

test('units, lists and words', () => {
  expect(read(['--max-body', '1.5M', '--log-keep', '64KiB'])).toMatchObject({
    maxBody: 1.5 * 2 ** 20,
    logKeep: 65_536,
  });
  expect(read(['--allow-host', 'a,b', '--allow-host', 'c'])).toMatchObject({ allowHost: ['a', 'b', 'c'] });
  for (const yes of ['1', 'true', 'YES', 'on'])
    expect(read([], { KERNELKIT_SERVE_CULL_BUSY: yes }).cullBusy).toBe(true);
  for (const no of ['0', 'False', 'no', 'off'])
    expect(read([], { KERNELKIT_SERVE_AUTO_RESTART: no }).autoRestart).toBe(false);
  expect(unknownVariables({ KERNELKIT_SERVE_PORT: '', KERNELKIT_SERVE_PROT: '1', KERNELKIT_TOKEN: 'x' })).toEqual([
    'KERNELKIT_SERVE_PROT',
  ]);
});

test('what the gateway is told', async () => {
  expect(await gatewayOptions(read(['--root-dir', '/']))).toEqual({
    ...{
      baseUrl: '/',
      autoRestart: true,
      rootDir: '/',
      cull: { busy: false, connected: false },
      allowCredentials: false,
    },
    ...{ hub: {}, webSockets: {}, connections: {} },
  });
  const all = NAMES.filter((name) => name !== 'rootDir').flatMap((name) => flagsOf(name, TABLE[name][0]));
  expect(await gatewayOptions(read([...all, '--root-dir', '/']))).toEqual({
    ...{ baseUrl: '/a', autoRestart: false, rootDir: '/', allowOrigins: ['https://a.example'], allowedHosts: ['a'] },
    ...{ allowedEnv: ['A'], defaultKernel: 'a', maxKernels: 1, maxBodyBytes: 1024, startTimeout: 1000 },
    ...{ allowOriginPattern: /^(?:https:\/\/a)$/, allowCredentials: true },
    cull: { busy: true, connected: true, idleTimeout: 0, interval: 1 },
    hub: { keepBytes: 1024, maxBytes: 1024 },
    webSockets: { maxFrameBytes: 1, pingInterval: 1000, pingTimeout: 1000 },
    connections: {
      ...{ maxConnections: 1, maxUrlLength: 1, maxWebSockets: 1, maxWebSocketsPerKernel: 1 },
      ...{ headersTimeout: 1000, requestTimeout: 1000, idleTimeout: 1000 },
    },
  });
  await expect(gatewayOptions(read(['--root-dir', '/nowhere']))).rejects.toThrow('--root-dir /nowhere');
  expect(listenOptions(read([]))).toEqual({ host: '127.0.0.1', port: 8888 });
  expect(listenOptions(read(['--certfile', 'c', '--keyfile', 'k']))).toMatchObject({ tls: { cert: 'c', key: 'k' } });
  expect(() => listenOptions(read(['--certfile', 'c']))).toThrow('--keyfile');
  expect(() => listenOptions(read(['--socket', 's', '--certfile', 'c', '--keyfile', 'k']))).toThrow('--socket');
});

test('a client that sends nonsense for ever fills no log', () => {
  const lines: string[] = [];
  const log = new EventLog({ tell: (_level, _event, message) => lines.push(message) });
  for (let at = 0; at < 1000; at += 1) log.take({ kind: 'message-refused', id: 'k', reason: 'nonsense' }, 1000);
  for (let at = 0; at < 30; at += 1) log.take({ kind: 'kernel-started', id: 'k', name: 'n' }, 1000);
  expect(lines).toHaveLength(50);
  log.take({ kind: 'message-refused', id: 'k', reason: 'nonsense' }, 20_000);
  expect(lines.slice(50)).toEqual(['message-refused: 980 more, not told', 'kernel k: a message was refused: nonsense']);
});

test('how much was not told is told, also where nothing else comes', () => {
  vi.useFakeTimers();
  try {
    const lines: string[] = [];
    const log = new EventLog({ tell: (_level, _event, message) => lines.push(message) });
    for (let at = 0; at < 25; at += 1) log.take({ kind: 'message-refused', id: 'k', reason: 'nonsense' });
    expect(lines).toHaveLength(20);
    vi.advanceTimersByTime(10_000);
    expect(lines.slice(20)).toEqual(['message-refused: 5 more, not told']);
    expect(vi.getTimerCount()).toBe(0);
    // also where the clock is set back meanwhile
    vi.setSystemTime(Date.now() - 3_600_000);
    for (let at = 0; at < 25; at += 1) log.take({ kind: 'message-refused', id: 'k', reason: 'nonsense' });
    vi.advanceTimersByTime(10_001);
    expect(lines.slice(41)).toEqual(['message-refused: 5 more, not told']);
  } finally {
    vi.useRealTimers();
  }
});

test('what a client sent moves no cursor in the log', () => {
  const lines: string[] = [];
  const screen = { note: (line: string) => lines.push(line), warn: (line: string) => lines.push(line) };
  new EventLog(textLog(screen as never)).take({
    kind: 'message-refused',
    id: 'k',
    reason: 'a\u001b[2Jb\nforged line\r',
  });
  expect(lines).toEqual(['kernel k: a message was refused: ab forged line ']);
});

test('what is kept and cannot be written is told of its kernel, or of the request that was about it', () => {
  const error = new KeepError('keep-files', 'the disk is full');
  const line = (method: string, path: string) => lineOf({ kind: 'request-failed', method, path, error });
  expect(line('keep', 'some-id')).toBe('kernel some-id: the disk is full');
  expect(line('PATCH', '/api/sessions/1')).toBe('PATCH /api/sessions/1: the disk is full');
});
