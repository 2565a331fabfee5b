import { copyFile, cp, mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pythonOf } from '../servers/index.js';
import { type IsolatedEnv, isolatedEnv, kernel } from '../support/index.js';
import { root } from './blocks.js';
import { commandFolder } from './shell.js';

/**
 * A user with one kernel of Jupyter's, the command, and the files that the pages speak of.
 * @param needs beside that: `jupyter` on PATH; `packages`, as in a project that has them, with the examples
 */
/** A user with one kernel of Jupyter's, the command, and the files that the pages speak of. */
export async function reader(needs: readonly string[] = []): Promise<IsolatedEnv> {
  const { jupyterPath, prefix } = kernel('ipykernel');
  const user = await isolatedEnv({ jupyterPath: [jupyterPath!] });
  const bin = await commandFolder(user.dir.path);
  const jupyter = needs.includes('jupyter') ? `:${dirname(pythonOf('jupyter-server'))}` : '';
  const packages = needs.includes('packages') ? `:${join(root, 'node_modules/.bin')}` : '';
  const path = `${bin}:${user.env.PATH}${jupyter}${packages}`;
  Object.assign(user.env, { PATH: path, XDG_RUNTIME_DIR: await user.dir.dir('run') });
  if (needs.includes('packages')) {
    await symlink(join(root, 'node_modules'), join(user.home, 'node_modules'));
    await cp(join(root, 'examples'), join(user.home, 'examples'), { recursive: true });
  }
  for (const name of ['report.ipynb', 'analysis.ipynb']) {
    await copyFile(join(root, 'examples/quickstart.ipynb'), join(user.home, name));
  }
  await mkdir(join(user.home, 'work'));
  await symlink(prefix!, join(user.home, '.venv'));
  return user;
}
