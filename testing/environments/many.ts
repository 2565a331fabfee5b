import { conda, distribution, type Ground, minorOf, python, siteOf, venv } from './parts.js';

export interface Crowd {
  conda?: number;
  /** In each conda environment. */
  packages?: number;
  venv?: number;
  pyenv?: number;
}

/**
 * Many environments under one home, for measuring: conda environments in `~/miniconda3/envs`, virtual ones in `~/.venvs`, pyenv's
 * versions.
 *
 * @returns how many have to be found, the conda root included
 */
export function layOutCrowd(
  ground: Ground,
  { conda: condas = 0, packages = 300, venv: venvs = 0, pyenv = 0 }: Crowd,
): number {
  const { path, home } = ground;
  const version = '3.11.4';
  const names = [
    'ipykernel-6.29.5',
    ...Array.from({ length: packages - 1 }, (_, at) => `package-${at}-${at % 9}.${at % 7}.0`),
  ];
  const root = path.join(home, 'miniconda3');
  if (condas > 0) {
    conda(ground, root, { version, packages: ['conda-24.7.1'] });
    ground.target.dir(path.join(root, 'condabin'));
  }
  for (let at = 0; at < condas; at++) {
    conda(ground, path.join(root, 'envs', `env-${at}`), { version, packages: names });
  }
  const base = path.join(home, 'bases', version);
  if (venvs > 0) python(ground, base, version);
  for (let at = 0; at < venvs; at++) {
    const prefix = path.join(home, '.venvs', `venv-${at}`);
    venv(ground, prefix, { base, version });
    const site = siteOf(ground, prefix, `python${minorOf(version)}`);
    for (const name of names.slice(0, 30)) distribution(ground, site, name);
  }
  for (let at = 0; at < pyenv; at++)
    python(ground, path.join(home, '.pyenv', 'versions', `3.${at + 5}.1`), `3.${at + 5}.1`);
  return condas + venvs + pyenv + (condas > 0 ? 1 : 0);
}
