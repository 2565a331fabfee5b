import { describe, expect, it } from 'vitest';
import { fillArgv, substituteVariables } from '../../src/plan/index.js';

describe('fillArgv', () => {
  const names = {
    connection_file: '/run/k.json',
    prefix: '/usr',
    resource_dir: '/usr/share/jupyter/kernels/x',
    cwd: '/w',
    kernel_id: 'abc',
  };
  it.each([
    [
      ['python3', '-f', '{connection_file}'],
      ['python3', '-f', '/run/k.json'],
    ],
    [['--conn={connection_file}'], ['--conn=/run/k.json']],
    [
      ['{resource_dir}/run.sh', '{prefix}/bin'],
      ['/usr/share/jupyter/kernels/x/run.sh', '/usr/bin'],
    ],
    [
      ['{kernel_id}', '{cwd}'],
      ['abc', '/w'],
    ],
    // Unknown names, and what is not a placeholder, stay.
    [
      ['{unknown}', '{', '{}', '{a b}', '$HOME', '{{connection_file}}'],
      ['{unknown}', '{', '{}', '{a b}', '$HOME', '{/run/k.json}'],
    ],
    [
      ['~', '~/bin/k', 'a~', '~other/x'],
      ['/home/u', '/home/u/bin/k', 'a~', '~other/x'],
    ],
  ])('%j → %j', (argv, expected) => {
    expect(fillArgv(argv, names, '/home/u')).toEqual(expected);
  });

  it('leaves a name whose value is not known yet', () => {
    expect(fillArgv(['{connection_file}', '~/x'], { prefix: null }, null)).toEqual(['{connection_file}', '~/x']);
  });

  it('does not fill what a value brings in', () => {
    expect(fillArgv(['{prefix}'], { prefix: '{cwd}', cwd: '/w' }, null)).toEqual(['{cwd}']);
  });
});

describe("substituteVariables follows Python's string.Template.safe_substitute", () => {
  const variables = { A: '1', _b: '2', PATH: '/bin', EMPTY: '' };
  // The right-hand sides are what Python 3.11 printed.
  it.each([
    ['$A', '1'],
    ['${A}x', '1x'],
    ['$Ax', '$Ax'],
    ['$_b.$A', '2.1'],
    ['$$A', '$A'],
    ['$$$A', '$1'],
    ['${PATH}:/opt', '/bin:/opt'],
    ['$EMPTY|', '|'],
    ['$UNKNOWN ${UNKNOWN}', '$UNKNOWN ${UNKNOWN}'],
    ['$', '$'],
    ['$1 ${1} ${A', '$1 ${1} ${A'],
    ['100%$', '100%$'],
  ])('%s → %s', (value, expected) => {
    expect(substituteVariables(value, variables)).toBe(expected);
  });

  it('does not take what objects inherit for a variable', () => {
    expect(substituteVariables('$constructor $toString', {})).toBe('$constructor $toString');
  });
});
