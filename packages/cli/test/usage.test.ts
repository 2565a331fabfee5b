import type { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { isolatedEnv } from '../../../testing/support/index.js';
import { commandLine } from '../src/program.js';
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

const program = await commandLine(() => true, { status: 0 });

/** Every command that help names, by the words that it is typed with. */
function commandsBelow(command: Command): [string, Command][] {
  const visible = command.createHelp().visibleCommands(command);
  const own = visible.filter((one) => one.name() !== 'help');
  return own.flatMap((one) => [
    [one.name(), one] as [string, Command],
    ...commandsBelow(one).map(([words, below]): [string, Command] => [`${one.name()} ${words}`, below]),
  ]);
}
const all = new Map([['', program], ...commandsBelow(program)]);

describe('help is on standard output, with examples', () => {
  test.each([...all.keys()])('kernelkit %s --help', async (words) => {
    await using user = await isolatedEnv();
    const { status, stdout, stderr } = await kernelkit([...words.split(' ').filter(Boolean), '--help'], user);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: kernelkit ${words}[\\s\\S]*Examples:\n {2}\\S`));
    const [, examples = ''] = stdout.split('Examples:\n');
    const typed = [...examples.matchAll(/kernelkit ((?:server )?[a-z-]+)((?: [^ |;)#]+)*)/g)];
    expect(typed).not.toEqual([]);
    for (const [line, name = '', rest = ''] of typed) {
      const command = all.get(name);
      expect(command, line).toBeDefined();
      const flags = [...(command?.options ?? []), ...program.options].flatMap(({ long, short }) => [long, short]);
      for (const [flag] of rest.matchAll(/(?<= )-{1,2}[a-z][a-z-]*/g)) expect(flags, line).toContain(flag);
    }
  });

  test('so is that of `help COMMAND`', async () => {
    await using user = await isolatedEnv();
    const { status, stdout } = await kernelkit(['help', 'run'], user);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: kernelkit run/);
  });
});
