#!/usr/bin/env node
// node scripts/release.mjs vX.Y.Z [--write]: is this tree what that tag says? Prints "FOLDER NAME@VERSION" for each package, in the order in
// which they are published. --write names the repository in each manifest, without which npm takes no provenance.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChildError, main } from './lib/child.mjs';

const [tag = '', flag] = process.argv.slice(2);

/** @param {string} file @returns {Promise<any>} */
const json = async (file) => JSON.parse(await readFile(file, 'utf8'));

/** @param {string} why */
const refused = (why) => new ChildError('release', 1, why);

await main(async () => {
  const version = /^v(\d+\.\d+\.\d+(?:-[\w.]+)?)$/.exec(tag)?.[1];
  if (version === undefined) throw refused(`${JSON.stringify(tag)} is no tag of a release: v1.2.3`);
  const changes = await readFile('CHANGELOG.md', 'utf8');
  const heading = changes.split('\n').find((line) => line.startsWith(`## ${version} `));
  if (heading === undefined || !/ \(\d{4}-\d\d-\d\d\)$/.test(heading))
    throw refused(`CHANGELOG.md has no "## ${version} (YYYY-MM-DD)"`);
  /** @type {{ workspaces: string[] }} */
  const { workspaces } = await json('package.json');
  const manifests = await Promise.all(workspaces.map((folder) => json(join(folder, 'package.json'))));
  const names = new Set(manifests.map(({ name }) => name));
  for (const [at, { name, version: its, dependencies }] of manifests.entries()) {
    if (its !== version) throw refused(`${workspaces[at]} is ${its}, not ${version}`);
    for (const [other, wanted] of Object.entries(dependencies)) {
      if (names.has(other) && wanted !== version) throw refused(`${name} wants ${other} ${wanted}, not ${version}`);
    }
  }
  for (const [at, manifest] of manifests.entries()) {
    if (flag === '--write') await writeFile(join(workspaces[at] ?? '', 'package.json'), withRepository(manifest, at));
    process.stdout.write(`${workspaces[at]} ${manifest.name}@${version}\n`);
  }

  /** @param {object} manifest @param {number} at */
  function withRepository(manifest, at) {
    const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
    if (!server || !repository)
      throw refused('GITHUB_SERVER_URL and GITHUB_REPOSITORY say where this is: they are not set');
    const where = { type: 'git', url: `git+${server}/${repository}.git`, directory: workspaces[at] };
    return `${JSON.stringify({ ...manifest, repository: where }, null, 2)}\n`;
  }
});
