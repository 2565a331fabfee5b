import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hangingMount, whyNoHangingMount } from '../../../../testing/support/index.js';
import { catalog, toJson } from '../../src/catalog/index.js';
import { NodeFiles } from '../../src/files/index.js';
import { Tree, USER } from './support.js';

/** A home with a kernelspec, an environment that a list names, and one in the usual place. */
function homeTree(): Tree {
  const tree = new Tree();
  tree.spec(USER, 'mine');
  for (const prefix of ['home/.virtualenvs/one', 'home/elsewhere/two']) {
    tree.file(`${prefix}/pyvenv.cfg`, 'home = /usr/bin\nversion = 3.11.2\n');
    tree.program(`${prefix}/bin/python`, '\x7fELF');
    tree.file(`${prefix}/lib/python3.11/site-packages/ipykernel-6.29.5.dist-info/METADATA`, '');
  }
  tree.file('home/.conda/environments.txt', `${tree.at('home/elsewhere/two')}\n`);
  tree.spec('near/kernels', 'near');
  return tree;
}

test('what lies on a file system that may not answer is read in a process of its own, with the same result', async () => {
  using tree = homeTree();
  const options = { ...tree.options({ JUPYTER_PATH: tree.at('near') }), cache: false as const };
  const here = await catalog(options);
  const apart = await catalog({
    ...options,
    files: new NodeFiles({ remotes: [{ point: tree.at('home'), type: 'nfs4' }] }),
  });
  const own = (found: typeof here) =>
    found.kernels.filter(({ owner, specFile }) => (owner?.prefix ?? specFile)?.startsWith(tree.path));
  expect(own(here)).toHaveLength(4);
  const ids = (found: typeof here) =>
    own(found)
      .map(toJson)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  expect(ids(apart)).toEqual(ids(here));
  expect(apart.searched.filter(({ error }) => error !== null)).toEqual([]);
});

const why = whyNoHangingMount();
test.skipIf(why !== null)(
  `a home on a mount that hangs: the rest is there, and the places say what is wrong${why === null ? '' : ` [${why}]`}`,
  async () => {
    using tree = homeTree();
    const home = tree.at('hanging');
    mkdirSync(home);
    await using _mount = await hangingMount(home);
    const options = tree.options({ HOME: home, JUPYTER_PATH: tree.at('near') });
    // the cache, too, would lie in that home
    const found = await catalog({ ...options, home });
    expect(found.kernels.find(({ name }) => name === 'near')).toMatchObject({ startable: true });
    const failed = found.searched.filter(({ error }) => error !== null);
    for (const place of failed) expect(place.path.startsWith(home), place.path).toBe(true);
    expect(failed.find(({ kind }) => kind === 'kernelspecs')?.error).toMatch(
      /fuse file system .* did not answer within 3 s/,
    );
    expect(failed.find(({ path }) => path.endsWith('.virtualenvs'))?.error).toMatch(/did not answer/);
  },
);
