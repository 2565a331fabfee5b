import { chmodSync } from 'node:fs';
import { type Ground, python, venv } from './parts.js';

/** What a broken thing has to become: an environment with a problem, or a place with an error. */
export interface Broken {
  as: string;
  /** The environment's prefix, or the place that cannot be read. */
  path: string;
  /** Null: only the place is reported. */
  problem: 'interpreter-missing' | null;
  error: RegExp | null;
}

const version = '3.11.4';

/**
 * Environments that something is wrong with, in `~/.venvs` and around it, as users have them: each beside sound ones.
 *
 * @param unprivileged whether modes keep this process out: not where it is root's
 */
export function layOutBroken(ground: Ground, unprivileged: boolean): Broken[] {
  const { target, path, home } = ground;
  const { join } = path;
  const base = join(home, 'bases', version);
  const at = (name: string) => join(home, '.venvs', name);
  const made: Broken[] = [];
  const environment = (as: string, problem: Broken['problem'], error: RegExp | null = null) => {
    made.push({ as, path: at(as), problem, error });
    return at(as);
  };

  const dangling = environment('dangling interpreter', 'interpreter-missing');
  venv(ground, dangling, { base: '/nowhere/at/all', version });

  const gone = environment('base gone', 'interpreter-missing');
  python(ground, gone, version, { header: false });
  target.file(join(gone, 'pyvenv.cfg'), `home = /nowhere/at/all/bin\nversion = ${version}\n`);

  const looping = environment('interpreter in a loop', 'interpreter-missing');
  target.file(join(looping, 'pyvenv.cfg'), `home = ${join(base, 'bin')}\nversion = ${version}\n`);
  target.link(join(looping, 'bin', 'python'), 'python3');
  target.link(join(looping, 'bin', 'python3'), 'python');

  const empty = environment('nothing but a cfg', 'interpreter-missing');
  target.file(join(empty, 'pyvenv.cfg'), '');

  target.fifo(join(environment('a pipe for a cfg', null, /not a regular file/), 'pyvenv.cfg'));
  target.dir(join(environment('a directory for a cfg', null, /not a regular file/), 'pyvenv.cfg'));
  target.file(join(environment('an endless cfg', null, /far too large/), 'pyvenv.cfg'), 'x'.repeat(100_000));
  target.link(environment('a loop', null, /loop of links/), at('a loop back'));
  target.link(environment('a loop back', null, /loop of links/), at('a loop'));
  const conda = environment('conda-meta is a file', null, /not a directory/);
  target.file(join(conda, 'conda-meta'), '');

  if (unprivileged) {
    const closed = environment('closed', null, /permission denied/);
    venv(ground, closed, { base, version });
    chmodSync(closed, 0);
    const cfg = environment('closed cfg', null, /permission denied/);
    venv(ground, cfg, { base, version });
    chmodSync(join(cfg, 'pyvenv.cfg'), 0);
  }
  return made;
}

/** Files that name places and are damaged, each with the error that its place has to have. */
export function damagedFiles({ path, home }: Ground): { path: string; data: string; error: RegExp }[] {
  const file = (name: string, data: string, error: RegExp) => ({
    path: path.join(home, ...name.split('/')),
    data,
    error,
  });
  return [
    file('.condarc', 'envs_dirs: [a\n  : b', /YAML/),
    file('.config/pypoetry/config.toml', '[virtualenvs\npath=', /TOML|toml/i),
    file('.pixi/workspaces.toml', 'named-workspaces = {', /TOML|toml/i),
    file('.pixi/config.toml', '\u0000\u0001 = = =', /TOML|toml/i),
  ];
}

/** Names that a shell, a line or a terminal may stumble over. */
export const ODD_NAMES = [
  'with space',
  "with ' quote",
  'with " quote',
  'new\nline',
  'tab\tbed',
  'ünïcödé-日本',
  '$HOME',
  '-rf',
  '%PATH%',
  'a;b',
  'back\\slash',
];
