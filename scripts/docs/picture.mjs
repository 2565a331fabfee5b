#!/usr/bin/env node
// node scripts/docs/picture.mjs: draws docs/list.svg, a real `kernelkit list` in a terminal, in the home of a user who is made for it
// (Linux; after `npm run kernels` and `npm run build`). Not a part of `npm run docs`: the picture is committed.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../lib/root.mjs';
import { terminalSvg } from './terminal-svg.mjs';

const run = promisify(execFile);
const COLUMNS = 104;

const home = await mkdtemp(join(tmpdir(), 'picture-'));
try {
  await layOut();
  const shell = `stty cols ${COLUMNS} rows 40; exec '${process.execPath}' '${join(root, 'packages/cli/dist/bin/main.js')}' list --no-cache`;
  const env = {
    HOME: home,
    PATH: `${home}/.deno/bin:/usr/bin:/bin`,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    TMPDIR: tmpdir(),
  };
  const { stdout } = await run('script', ['-qec', shell, '/dev/null'], { cwd: join(home, 'report'), env });
  const shown = stdout.replaceAll(home, '~');
  if (shown.includes(root)) throw new Error(`a path of this machine is in it:\n${shown}`);
  await writeFile(join(root, 'docs/list.svg'), terminalSvg('~/report $ kernelkit list', shown, COLUMNS));
} finally {
  await rm(home, { recursive: true, force: true });
}

/** A project with its own environment, one without ipykernel, Deno, and a kernelspec whose program is gone. */
async function layOut() {
  const venv = join(home, 'report/.venv');
  for (const folder of [venv, join(home, '.virtualenvs/scratch')])
    await run('/usr/bin/python3', ['-m', 'venv', '--without-pip', '--symlinks', folder]);
  const [python = ''] = await readdir(join(venv, 'lib'));
  await cp(join(root, 'testing/.cache/ipykernel/lib', python), join(venv, 'lib', python), { recursive: true });
  await mkdir(join(home, '.deno/bin'), { recursive: true });
  await symlink(join(root, 'node_modules/.bin/deno'), join(home, '.deno/bin/deno'));
  const spec = join(home, '.local/share/jupyter/kernels/julia-1.9');
  await mkdir(spec, { recursive: true });
  const argv = ['/opt/julia-1.9/bin/julia', '-i', '{connection_file}'];
  await writeFile(join(spec, 'kernel.json'), JSON.stringify({ argv, display_name: 'Julia 1.9', language: 'julia' }));
}
