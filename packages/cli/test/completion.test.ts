import { execFile, execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { type IsolatedEnv, isolatedEnv, kernel } from '../../../testing/support/index.js';
import { addSpec, command, ensureBuilt, kernelkit } from './support.js';

beforeAll(ensureBuilt);

const offers = async (words: string[], env: Record<string, string>) => {
  const { status, stdout } = await kernelkit(['__complete', ...words], { env });
  expect(status).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  return { words: lines.slice(0, -1).map((line) => line.split('\t')[0]), rest: lines.at(-1) };
};

describe('what the last word may become', () => {
  test.each<[string, string[], string[], string]>([
    ['a command', [''], ['list', 'exec', 'serve', 'completion'], ':none'],
    ['a command that has begun', ['ex'], ['explain', 'exec'], ':none'],
    ['a command of a command', ['server', 'a'], ['add'], ':none'],
    ['an option', ['exec', '--mo'], ['--mode'], ':none'],
    ['an option of the whole', ['--verb'], ['--verbose'], ':none'],
    ['an option that works everywhere', ['exec', '--verb'], ['--verbose'], ':none'],
    ['one of an option’s values', ['exec', '--mode', ''], ['raw', 'jupyter'], ':none'],
    ['what comes after a value', ['exec', '--mode', 'raw', '--tim'], ['--timeout'], ':none'],
    ['a shell', ['completion', ''], ['bash', 'zsh', 'fish'], ':none'],
    ['a notebook', ['run', ''], [], ':notebooks'],
    ['a second notebook', ['run', 'a.ipynb', ''], [], ':notebooks'],
    ['where the result goes', ['run', '-o', ''], [], ':files'],
    ['what an option takes most often', ['run', '--from', ''], ['failed'], ':none'],
    ['a set of patterns', ['run', '--ignore', '@d'], ['@dates', '@durations'], ':none'],
    ['a type', ['exec', '--prefer', 'm'], ['markdown'], ':none'],
    ['a language that there is no kernel of', ['install-kernel', 'j'], ['julia'], ':none'],
    ['a command that help is wanted on', ['help', 'inst'], ['install-kernel'], ':none'],
    ['no second command for help', ['help', 'run', ''], [], ':none'],
    ['no kernel that stays, where none does', ['stop', ''], [], ':none'],
    ['a directory', ['list', '--cwd', ''], [], ':directories'],
    ['a kernel by its path', ['exec', '-k', './'], [], ':files'],
    ['nothing after --', ['exec', '--', '--mo'], [], ':none'],
    ['nothing of a command that there is not', ['nonesuch', '--', ''], [], ':none'],
  ])('%s', async (_, typed, words, rest) => {
    await using user = await isolatedEnv();
    const offered = await offers(typed, user.env);
    expect(offered.rest).toBe(rest);
    if (words.length === 0) expect(offered.words).toEqual([]);
    else expect(offered.words).toEqual(expect.arrayContaining(words));
    for (const word of offered.words) expect(word).toMatch(new RegExp(`^${typed.at(-1)}`));
  });

  test('a kernel and a server, by the names that they have', async () => {
    await using user = await withKernel();
    const servers = join(user.env.XDG_CONFIG_HOME!, 'kernelkit');
    await mkdir(servers, { recursive: true });
    const entries = { lab: { url: 'http://localhost:8888/' }, other: { url: 'http://localhost:9999/' } };
    await writeFile(join(servers, 'servers.json'), JSON.stringify({ version: 1, servers: entries }), { mode: 0o600 });
    expect((await offers(['exec', '-k', 'mi'], user.env)).words).toEqual(['mine']);
    expect((await offers(['explain', ''], user.env)).words).toContain('mine');
    expect((await offers(['install-kernel', 'mi'], user.env)).words).toEqual([]);
    expect((await offers(['exec', '--server', 'l'], user.env)).words).toEqual(['lab']);
    expect((await offers(['server', 'check', ''], user.env)).words).toEqual(['lab', 'other']);
  });

  test('a value that is in one word with its option, which bash takes for three', async () => {
    await using user = await withKernel();
    for (const typed of [['--kernel=mi'], ['--kernel', '=', 'mi']])
      expect(await offers(['exec', ...typed], user.env)).toEqual({ words: ['mine'], rest: ':none' });
    for (const typed of [['--mode='], ['--mode', '=']])
      expect((await offers(['exec', ...typed], user.env)).words).toEqual(['raw', 'jupyter']);
    expect(await offers(['run', '--output=a'], user.env)).toEqual({ words: [], rest: ':files' });
    expect(await offers(['run', '--nonesuch=a'], user.env)).toEqual({ words: [], rest: ':none' });
    expect(await offers(['run', '--check=a'], user.env)).toEqual({ words: [], rest: ':none' });
  });

  test('what is examined and explained is above all what does not start', async () => {
    await using user = await withKernel();
    await addSpec(user, 'missing', { argv: ['/nowhere/kernel'], display_name: 'Missing', language: 'x' });
    for (const command of ['doctor', 'explain'])
      expect((await offers([command, 'mi'], user.env)).words).toEqual(['mine', 'missing']);
    expect((await offers(['exec', '-k', 'mi'], user.env)).words).toEqual(['mine']);
    expect((await offers(['install-kernel', 'mi'], user.env)).words).toEqual(['missing']);
  });

  test('a broken file of servers breaks no shell', async () => {
    await using user = await isolatedEnv();
    const servers = join(user.env.XDG_CONFIG_HOME!, 'kernelkit');
    await mkdir(servers, { recursive: true });
    await writeFile(join(servers, 'servers.json'), '{');
    expect(await offers(['exec', '--server', ''], user.env)).toEqual({ words: [], rest: ':none' });
  });
});

/** A user whose one kernelspec is called `mine`, and who has the command on the PATH. */
async function withKernel(): Promise<IsolatedEnv> {
  const user = await isolatedEnv();
  const data = join(user.env.HOME!, 'jupyter');
  const spec = join(data, 'kernels/mine');
  await mkdir(spec, { recursive: true });
  const argv = [kernel('deno').launcher![0]!, 'jupyter', '--kernel', '--conn', '{connection_file}'];
  await writeFile(join(spec, 'kernel.json'), JSON.stringify({ argv, display_name: 'Mine', language: 'typescript' }));
  const bin = join(user.env.HOME!, 'bin');
  await mkdir(bin);
  await symlink(command, join(bin, 'kernelkit'));
  Object.assign(user.env, { JUPYTER_PATH: data, PATH: `${bin}:${user.env.PATH}` });
  return user;
}

const has = (shell: string) => {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Each asks its shell's own machinery where that can be had without a terminal: for `mi` as a kernel, `ku` as a notebook, and a value in one word. */
const shells: Record<string, string> = {
  bash: `source <(kernelkit completion bash)
compopt() { :; }
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kernelkit; printf '%s\\n' "\${COMPREPLY[@]}"; }
ask kernelkit exec -k mi
cd "$HOME"; touch kummer.ipynb kummer.txt; ask kernelkit run ku
ask kernelkit exec --kernel = mi; ask kernelkit run --output = kummer.t`,
  zsh: `compdef() { :; }
_describe() { print -l -- "\${(@)offered%%:*}"; }
_files() { print -l -- "$PREFIX"*\${2#\\*}; }
compset() { PREFIX=\${PREFIX#*=}; }
source <(kernelkit completion zsh)
ask() { words=("$@"); CURRENT=$#; PREFIX=$words[-1]; _kernelkit }
ask kernelkit exec -k mi
cd "$HOME"; touch kummer.ipynb kummer.txt; ask kernelkit run ku
ask kernelkit exec --kernel=mi; ask kernelkit run --output=kummer.t`,
  fish: `kernelkit completion fish | source
complete -C 'kernelkit exec -k mi' | string replace -r '\\t.*' ''
cd "$HOME"; touch kummer.ipynb kummer.txt; complete -C 'kernelkit run ku'
complete -C 'kernelkit exec --kernel=mi' | string replace -r '^.*=(.*)\\t.*' '$1'; complete -C 'kernelkit run --output=kummer.t' | string replace -r '^.*=' ''`,
};

describe.each(Object.keys(shells))('%s', (shell) => {
  test.skipIf(!has(shell))('completes kernels, files and values', async () => {
    await using user = await withKernel();
    const { stdout } = await promisify(execFile)(shell, ['-c', shells[shell]!], { env: user.env });
    expect(stdout.trim().split('\n')).toEqual(['mine', 'kummer.ipynb', 'mine', 'kummer.txt']);
  });
});
