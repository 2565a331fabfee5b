import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ConnectionInfo, ConnectionInfoError, endpoint, parseConnectionInfo } from '../src/index.js';
import { thrown } from './support/thrown.js';

const file = {
  transport: 'tcp',
  ip: '127.0.0.1',
  shell_port: 1001,
  iopub_port: 1002,
  stdin_port: 1003,
  control_port: 1004,
  hb_port: 1005,
  key: 'secret',
  signature_scheme: 'hmac-sha256',
} satisfies ConnectionInfo;

test('a connection file as jupyter_client writes it', () => {
  const full = {
    ...file,
    kernel_name: 'python3',
    jupyter_session: 'a.ipynb',
    curve_publickey: 'p',
    curve_secretkey: 's',
  };
  expect(parseConnectionInfo(full)).toEqual(full);
  expect(parseConnectionInfo({ ...full, unknown: [1] })).toEqual(full);
});

test('the least that a connection file can say', () => {
  const { transport: _t, ip: _i, key: _k, signature_scheme: _s, ...ports } = file;
  expect(parseConnectionInfo(ports)).toEqual({ ...file, key: '' });
});

test('ports as texts (JEP 106), and ports that the kernel has yet to choose', () => {
  expect(parseConnectionInfo({ ...file, shell_port: '1001', hb_port: '0' })).toEqual({ ...file, hb_port: 0 });
  expect(parseConnectionInfo({ ...file, shell_port: 0 }).shell_port).toBe(0);
});

test('an empty scheme with an empty key; null for what is optional', () => {
  const info = parseConnectionInfo({ ...file, key: '', signature_scheme: '', kernel_name: null });
  expect(info).toEqual({ ...file, key: '' });
});

test('whatever is accepted is accepted again as it is', () => {
  const info = fc.record({
    transport: fc.constantFrom('tcp', 'ipc'),
    ip: fc.string({ minLength: 1 }),
    ...Object.fromEntries(
      ['shell', 'iopub', 'stdin', 'control', 'hb'].map((name) => [
        `${name}_port`,
        fc.nat(65_535).chain((port) => fc.constantFrom(port, String(port))),
      ]),
    ),
    key: fc.string(),
    signature_scheme: fc.constantFrom('hmac-md5', 'hmac-sha256', 'hmac-sha512', 'hmac-blake2b'),
  });
  fc.assert(
    fc.property(info, (value) => {
      const parsed = parseConnectionInfo(value);
      expect(parseConnectionInfo(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
    }),
  );
});

describe('bad input', () => {
  test.each<[string | undefined, unknown, string]>([
    [undefined, null, 'null'],
    [undefined, [file], 'a list of 1'],
    [undefined, 'text', 'the text "text"'],
    ['transport', { ...file, transport: 'udp' }, 'the text "udp"'],
    ['transport', { ...file, transport: 3 }, 'the number 3'],
    ['ip', { ...file, ip: 127 }, 'the number 127'],
    ['ip', { ...file, ip: '' }, 'the text ""'],
    ['ip', { ...file, transport: 'ipc', ip: undefined }, 'nothing'],
    ['shell_port', { ...file, shell_port: undefined }, 'nothing'],
    ['iopub_port', { ...file, iopub_port: null }, 'null'],
    ['stdin_port', { ...file, stdin_port: 65_536 }, 'the number 65536'],
    ['control_port', { ...file, control_port: -1 }, 'the number -1'],
    ['hb_port', { ...file, hb_port: 1.5 }, 'the number 1.5'],
    ['hb_port', { ...file, hb_port: '' }, 'the text ""'],
    ['hb_port', { ...file, hb_port: '1e3' }, 'the text "1e3"'],
    ['hb_port', { ...file, hb_port: true }, 'the boolean true'],
    ['key', { ...file, key: 12 }, 'the number 12'],
    ['signature_scheme', { ...file, signature_scheme: 'sha256' }, 'the text "sha256"'],
    ['signature_scheme', { ...file, signature_scheme: 'hmac-' }, 'the text "hmac-"'],
    ['signature_scheme', { ...file, signature_scheme: '' }, 'the text ""'],
    ['kernel_name', { ...file, kernel_name: {} }, 'an object'],
    ['curve_publickey', { ...file, curve_publickey: 1 }, 'the number 1'],
  ])('%s: %j', (field, value, got) => {
    const error = thrown(ConnectionInfoError, () => parseConnectionInfo(value));
    expect(error).toMatchObject({ name: 'ConnectionInfoError', code: 'bad-connection-info', field, got });
    expect(error.message).toContain(field ?? 'it must be');
  });
});

test.each<[Partial<ConnectionInfo>, 'shell' | 'iopub' | 'stdin' | 'control' | 'hb', string]>([
  [{}, 'shell', 'tcp://127.0.0.1:1001'],
  [{}, 'iopub', 'tcp://127.0.0.1:1002'],
  [{}, 'stdin', 'tcp://127.0.0.1:1003'],
  [{}, 'control', 'tcp://127.0.0.1:1004'],
  [{}, 'hb', 'tcp://127.0.0.1:1005'],
  [{ ip: '::1' }, 'shell', 'tcp://[::1]:1001'],
  [{ ip: '[::1]' }, 'shell', 'tcp://[::1]:1001'],
  [{ transport: 'ipc', ip: '/run/k-ipc', hb_port: 5 }, 'hb', 'ipc:///run/k-ipc-5'],
  [{ transport: 'ipc', ip: 'k-ipc', shell_port: 1 }, 'shell', 'ipc://k-ipc-1'],
])('the endpoint of %j, %s', (change, channel, expected) => {
  expect(endpoint({ ...file, ...change }, channel)).toBe(expected);
});
