import { beforeAll, describe, expect, test } from 'vitest';
import { isolatedEnv } from '../../../testing/support/index.js';
import { ensureBuilt, kernelkit } from './support.js';

beforeAll(ensureBuilt);

describe('wrong usage is 2, and starts nothing', () => {
  test.each([
    ['no subcommand', []],
    ['a command that does not exist', ['konsole']],
    ['a console without a terminal', ['console']],
    ['an unknown option', ['list', '--wait']],
    ['no code', ['exec']],
    ['code twice', ['exec', '-f', 'x.py', '1']],
    ['too many arguments', ['exec', '1', '+', '1']],
    ['a time-out that is no number', ['exec', '--timeout', 'soon', '1']],
    ['a time-out of nothing', ['exec', '--timeout', '0', '1']],
    ['a directory that is not there', ['exec', '--cwd', '/nowhere', '1']],
    ['a folder to list that is not there', ['list', '--cwd', '/nowhere']],
    ['explain without a kernel', ['explain']],
    ['run without a notebook', ['run']],
    ['two places for the result', ['run', 'a.ipynb', '--inplace', '--stdout']],
    ['one file for two results', ['run', 'a.ipynb', 'b.ipynb', '-o', 'c.ipynb']],
    ['JSON and the notebook on one stream', ['run', 'a.ipynb', '--stdout', '--json']],
    ['a parameter that is none', ['run', 'a.ipynb', '-p', 'x']],
  ])('%s', async (_, args) => {
    await using user = await isolatedEnv();
    const { status, stderr } = await kernelkit(args, { env: user.env });
    expect(status).toBe(2);
    expect(stderr).not.toBe('');
  });
});

test.each([
  [['--help']],
  [['list', '--help']],
  [['explain', '--help']],
  [['exec', '--help']],
  [['run', '--help']],
  [['console', '--help']],
  [['help', 'run']],
])('%j shows examples on standard output', async (args) => {
  await using user = await isolatedEnv();
  const { status, stdout, stderr } = await kernelkit(args, { env: user.env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/Usage: kernelkit[\s\S]*Examples:\n {2}kernelkit /);
});
