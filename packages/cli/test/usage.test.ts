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

test('a notebook where a command belongs: the command that executes it', async () => {
  await using user = await isolatedEnv();
  const { status, stderr } = await kernelkit(['report.ipynb'], { env: user.env });
  expect({ status, stderr }).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('kernelkit run report.ipynb\n'),
  });
});

/** What help says, of a command and of all that it names: the words that it is typed with → its help. */
async function helpOf(words: readonly string[], env: Record<string, string>): Promise<[string, string][]> {
  const { status, stdout, stderr } = await kernelkit([...words, '--help'], { env });
  expect({ words, status, stderr }).toEqual({ words, status: 0, stderr: '' });
  const [, listed = ''] = /\nCommands:\n((?: +.*\n)+)/.exec(stdout) ?? [];
  const names = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
  const below = await Promise.all(names.map((name) => helpOf([...words, name], env)));
  return [[words.join(' '), stdout], ...below.flat()];
}

const flagsIn = (text: string) => [...text.matchAll(/(?<=\s)-{1,2}[a-zA-Z][a-z-]*/g)].map(([flag]) => flag);

test('help of every command is on standard output, with examples of what it takes', async () => {
  await using user = await isolatedEnv();
  const all = new Map(await helpOf([], user.env));
  expect(all.size).toBeGreaterThan(15);
  const optionsOf = (name: string) => flagsIn(all.get(name)?.split('Examples:')[0] ?? '');
  for (const [words, text] of all) {
    expect(text).toMatch(new RegExp(`^Usage: kernelkit ${words}[\\s\\S]*Examples:\n {2}\\S`));
    const typed = [
      ...(text.split('Examples:\n')[1] ?? '').matchAll(/kernelkit ((?:server )?[a-z-]+)((?: [^ |;)#]+)*)/g),
    ];
    expect(typed, words).not.toEqual([]);
    for (const [line, name = '', rest = ''] of typed) {
      expect([...all.keys()], line).toContain(name);
      for (const flag of flagsIn(rest)) expect([...optionsOf(name), ...optionsOf('')], line).toContain(flag);
    }
  }
  const { stdout } = await kernelkit(['help', 'run'], user);
  expect(stdout).toBe(all.get('run'));
});

test('help has headings, under which an option is found among many; what is only about this machine has none of servers', async () => {
  await using user = await isolatedEnv();
  const help = async (name: string) => (await kernelkit([name, '--help'], { env: user.env })).stdout;
  const under = (text: string, heading: string) => {
    const [section = ''] = (text.split(`\n${heading}\n`)[1] ?? '').split('\n\n');
    return [...section.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag);
  };
  const run = await help('run');
  expect(under(run, 'Where the result goes:')).toEqual(['--output', '--inplace', '--stdout']);
  expect(under(run, 'Going on after a failure:')).toEqual(['--keep-kernel', '--from']);
  expect(under(run, 'Options:')).toEqual(expect.arrayContaining(['--kernel', '--jobs', '--json', '--quiet', '--help']));
  for (const name of ['run', 'exec', 'list', 'start']) {
    const text = await help(name);
    expect(under(text, 'Jupyter servers:')).toContain('--token');
    expect(under(text, 'Options:')).not.toContain('--server');
  }
  expect(flagsIn(await help('install-kernel'))).not.toContain('--server');
});
