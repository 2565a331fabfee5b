import { describe, expect, it } from 'vitest';
import { explain, makePlan, type PlanOptions } from '../../src/plan/index.js';
import { entryOf } from '../support.js';

const options: PlanOptions = {
  cwd: '/w',
  env: { PATH: '/bin' },
  platform: 'linux',
  home: '/home/u',
  runBase: '/tmp',
  parentPid: 42,
};
const ipykernel = ['/env/bin/python', '-m', 'ipykernel_launcher', '-f', '{connection_file}'];
const deno = ['/opt/deno', 'jupyter', '--kernel', '--conn', '{connection_file}'];
const xeus = ['/usr/bin/xpython', '-f', '{connection_file}'];
const long = `/${'x'.repeat(90)}`;

describe('the rung of the ladder', () => {
  it.each<[string, string[], Partial<PlanOptions>, string, string]>([
    ['Unix sockets for those who take them', ipykernel, {}, 'ipc', 'ipc'],
    ['xeus, which loses output so, only when it is asked', xeus, { transport: 'ipc' }, 'ipc', 'ipc'],
    ['else over tcp', xeus, {}, 'reserved-ports', 'tcp'],
    ['IRkernel too', ['R', '--slave', '-e', 'IRkernel::main()', '--args', '{connection_file}'], {}, 'ipc', 'ipc'],
    ['zero ports for ipykernel over tcp', ipykernel, { transport: 'tcp' }, 'zero-ports', 'tcp'],
    ['and where the path would be too long', ipykernel, { runBase: long }, 'zero-ports', 'tcp'],
    ['and on Windows', ipykernel, { platform: 'win32' }, 'zero-ports', 'tcp'],
    [
      'octave is of that family',
      ['python', '-m', 'octave_kernel', '-f', '{connection_file}'],
      { transport: 'tcp' },
      'zero-ports',
      'tcp',
    ],
    ['reserved ports for Deno', deno, {}, 'reserved-ports', 'tcp'],
    ['and for whoever is not known', ['/opt/kernel', '{connection_file}'], {}, 'reserved-ports', 'tcp'],
    ['unless it is forced', ['/opt/kernel', '{connection_file}'], { transport: 'ipc' }, 'ipc', 'ipc'],
  ])('%s', (_, argv, more, rung, transport) => {
    const plan = makePlan(entryOf({ argv }), { ...options, ...more });
    expect([plan.rung, plan.transport, plan.problem]).toEqual([rung, transport, null]);
  });

  it.each<[Partial<PlanOptions>]>([[{ runBase: long }], [{ platform: 'win32' }]])(
    'a forced transport that cannot be had is a problem: %j',
    (more) => {
      const plan = makePlan(entryOf({ argv: ipykernel }), { ...options, ...more, transport: 'ipc' });
      expect(plan.problem).toMatchObject({ kind: 'transport-unavailable' });
    },
  );

  it('macOS allows four bytes less than Linux', () => {
    const runBase = `/${'x'.repeat(82)}`;
    expect(makePlan(entryOf({ argv: ipykernel }), { ...options, runBase }).rung).toBe('ipc');
    expect(makePlan(entryOf({ argv: ipykernel }), { ...options, runBase, platform: 'darwin' }).rung).toBe('zero-ports');
  });
});

describe('how it is interrupted', () => {
  it.each([
    [ipykernel, 'signal', 'signal'],
    [ipykernel, 'message', 'message'],
    // No Deno says so itself, and SIGINT kills it.
    [deno, 'signal', 'message'],
  ] as const)('%j, kernelspec says %s → %s', (argv, interrupt_mode, expected) => {
    expect(makePlan(entryOf({ argv: [...argv], interrupt_mode }), options).interrupt).toBe(expected);
  });
});

describe('argv', () => {
  it('takes the program that the catalog found for a bare name, and fills what is known', () => {
    const entry = {
      ...entryOf({
        argv: ['python', '-m', 'ipykernel_launcher', '-f', '{connection_file}', '{resource_dir}', '{prefix}'],
      }),
      program: '/env/bin/python',
      prefix: '/env',
      resourceDir: '/env/share/jupyter/kernels/python3',
    };
    expect(makePlan(entry, options).argv).toEqual([
      '/env/bin/python',
      '-m',
      'ipykernel_launcher',
      '-f',
      '{connection_file}',
      '/env/share/jupyter/kernels/python3',
      '/env',
    ]);
  });
});

it('a kernel that is not told of its connection file is a problem, not a wait', () => {
  expect(makePlan(entryOf({ argv: ['/opt/kernel', '--start'] }), options).problem).toMatchObject({
    kind: 'no-connection-file',
  });
  expect(makePlan(entryOf({ argv: ['/opt/kernel', '--file={connection_file}'] }), options).problem).toBeNull();
});

describe('the environment', () => {
  it("is this process's, then the kernelspec's with its variables filled, then the caller's, then what the launch needs", () => {
    const entry = entryOf({ argv: ipykernel, language: 'python', env: { PATH: '/opt:${PATH}', MODE: 'spec' } });
    const plan = makePlan(entry, {
      ...options,
      env: { PATH: '/bin', PYTHONEXECUTABLE: '/other' },
      overrides: { MODE: 'mine' },
      sessionName: '/w/a.ipynb',
    });
    expect(plan.environment).toEqual({
      PATH: '/opt:/bin',
      MODE: 'mine',
      JPY_PARENT_PID: '42',
      JPY_SESSION_NAME: '/w/a.ipynb',
    });
    expect(explain(plan).environment.map(({ name, value, source }) => [name, value, source.kind])).toEqual([
      ['JPY_PARENT_PID', '42', 'kernelkit'],
      ['JPY_SESSION_NAME', '/w/a.ipynb', 'kernelkit'],
      ['MODE', 'mine', 'override'],
      ['PATH', '/opt:/bin', 'kernelspec'],
      ['PYTHONEXECUTABLE', null, 'kernelkit'],
    ]);
  });

  it('a kernel that stays does not inherit an owner to die with', () => {
    const plan = makePlan(entryOf({ argv: ipykernel }), { ...options, env: { JPY_PARENT_PID: '7' }, parentPid: null });
    expect(plan.environment).not.toHaveProperty('JPY_PARENT_PID');
  });
});

describe('explain', () => {
  it('is the document that the contract promises, and how the activation was come by', () => {
    const document = explain(makePlan(entryOf({ argv: ipykernel }), options));
    expect(Object.keys(document)).toEqual([
      'kernel',
      'argv',
      'cwd',
      'transport',
      'interrupt',
      'environment',
      'scripts',
      'problem',
      // an addition
      'activation',
    ]);
    expect(document.kernel).not.toHaveProperty('spec');
  });
});
