import { describe, expect, test } from 'vitest';
import { KernelSpecError, parseKernelSpec } from '../src/index.js';
import { thrown } from './support/thrown.js';

const full = {
  argv: ['python', '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
  display_name: 'Python 3 (ipykernel)',
  language: 'python',
  interrupt_mode: 'message',
  env: { A: '$B' },
  metadata: { debugger: true, supported_encryption: ['curve'] },
  kernel_protocol_version: '5.5',
  name: 'python3',
  mimetype: 'text/x-python',
};

test('a kernelspec with every member', () => {
  expect(parseKernelSpec({ ...full, codemirror_mode: 'python' })).toEqual({
    spec: { ...full, extra: { codemirror_mode: 'python' } },
    warnings: [],
  });
});

test('an empty one is a kernelspec that cannot be started', () => {
  const { spec, warnings } = parseKernelSpec({});
  expect(spec).toEqual({
    argv: [],
    display_name: '',
    language: '',
    interrupt_mode: 'signal',
    env: {},
    metadata: {},
    extra: {},
  });
  expect(warnings.join('\n')).toMatch(/^argv .*\ndisplay_name .*\nlanguage /);
});

test.each([
  ['SIGNAL', 'signal'],
  ['Message', 'message'],
])('interrupt_mode %s', (written, mode) => {
  expect(parseKernelSpec({ interrupt_mode: written }).spec.interrupt_mode).toBe(mode);
});

test('what Jupyter takes and could not start becomes text, with a warning each', () => {
  const { spec, warnings } = parseKernelSpec({
    ...full,
    argv: ['a', 1, null, true, { b: 1 }],
    env: JSON.parse('{"A":1,"B":null,"C":["x"],"__proto__":"p"}'),
  });
  expect(spec.argv).toEqual(['a', '1', 'null', 'true', '{"b":1}']);
  expect(Object.entries(spec.env)).toEqual([
    ['A', '1'],
    ['C', '["x"]'],
    ['__proto__', 'p'],
  ]);
  expect(warnings.map((warning) => warning.split(' ')[0])).toEqual([
    'argv[1]',
    'argv[2]',
    'argv[3]',
    'argv[4]',
    'env.A',
    'env.B',
    'env.C',
  ]);
  const single = parseKernelSpec({ ...full, argv: 'program' });
  expect(single.spec.argv).toEqual(['program']);
  expect(single.warnings).toHaveLength(1);
});

describe('bad input', () => {
  test.each<[string | undefined, unknown, string]>([
    [undefined, [], 'a list of 0'],
    [undefined, null, 'null'],
    [undefined, 'x', 'the text "x"'],
    ['argv', { argv: null }, 'null'],
    ['argv', { argv: {} }, 'an object'],
    ['argv', { argv: true }, 'the boolean true'],
    ['display_name', { display_name: 3 }, 'the number 3'],
    ['language', { language: null }, 'null'],
    ['interrupt_mode', { interrupt_mode: 'kill' }, 'the text "kill"'],
    ['interrupt_mode', { interrupt_mode: '' }, 'the text ""'],
    ['interrupt_mode', { interrupt_mode: null }, 'null'],
    ['interrupt_mode', { interrupt_mode: 'ſignal' }, 'the text "ſignal"'],
    ['env', { env: ['A=1'] }, 'a list of 1'],
    ['env', { env: null }, 'null'],
    ['metadata', { metadata: 'x' }, 'the text "x"'],
    ['kernel_protocol_version', { kernel_protocol_version: 5.5 }, 'the number 5.5'],
    ['name', { name: null }, 'null'],
    ['mimetype', { mimetype: [] }, 'a list of 0'],
    ['resource_dir', { resource_dir: '/x' }, 'the text "/x"'],
    ['self', { self: 1 }, 'the number 1'],
  ])('%s: %j', (field, value, got) => {
    const error = thrown(KernelSpecError, () => parseKernelSpec(value));
    expect(error).toMatchObject({ name: 'KernelSpecError', code: 'bad-kernelspec', field, got });
    expect(error.message).toContain(error.expected);
  });
});
