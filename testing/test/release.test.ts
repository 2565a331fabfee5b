/** What is published: the manifests, and the workflow that publishes them. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '../docs/blocks.js';
import { runSteps } from '../docs/examples.js';
import { tempDir } from '../support/index.js';

interface Manifest {
  name: string;
  version: string;
  license: string;
  engines: object;
  publishConfig: object;
  repository?: { url: string; directory: string };
  files: string[];
  exports: Record<string, Record<string, string>>;
  bin?: Record<string, string>;
  /** npm links a list of pages only, and a single one never. */
  man?: string[];
  dependencies: Record<string, string>;
}

const read = async <T>(path: string): Promise<T> => JSON.parse(await readFile(join(root, path), 'utf8'));
const { workspaces, license, engines } = await read<Manifest & { workspaces: string[] }>('package.json');
const manifests = await Promise.all(workspaces.map((folder) => read<Manifest>(`${folder}/package.json`)));
const { version } = manifests[0]!;
const all = workspaces.map((folder, at) => [folder, manifests[at]!] as const);

describe.each(all)('%s', (folder, manifest) => {
  test('says what all of them say', () => {
    expect(manifest).toMatchObject({ version, license, engines, publishConfig: { access: 'public' } });
    for (const [name, wanted] of Object.entries(manifest.dependencies)) {
      if (manifests.some((other) => other.name === name)) expect(wanted, name).toBe(version);
    }
    // the workflow knows where it is published from; a wrong one refuses the provenance
    if (manifest.repository !== undefined) expect(manifest.repository.directory).toBe(folder);
  });

  test('has what it names, among the files that are packed', () => {
    const { exports, bin = {}, man = [] } = manifest;
    const named = [...Object.values(exports).flatMap(Object.values<string>), ...Object.values(bin), ...man];
    for (const path of named) {
      expect(existsSync(join(root, folder, path)), `${folder}/${path} (npm run build)`).toBe(true);
      expect(manifest.files).toContain(path.replace(/^\.\//, '').split('/')[0]);
    }
    for (const file of ['README.md', 'LICENSE']) expect(existsSync(join(root, folder, file)), file).toBe(true);
  });
});

describe('publishing', () => {
  /** The manifests in a place of their own, with an npm that only writes down what it is asked. */
  async function release(heading: string) {
    const place = await tempDir();
    for (const folder of ['.', ...workspaces]) {
      await mkdir(join(place.path, folder), { recursive: true });
      await cp(join(root, folder, 'package.json'), join(place.path, folder, 'package.json'));
    }
    for (const name of ['release.mjs', 'lib'])
      await cp(join(root, 'scripts', name), join(place.path, 'scripts', name), { recursive: true });
    await writeFile(join(place.path, 'CHANGELOG.md'), `# Changes\n\n${heading}\n`);
    const npm = await place.write(
      'bin/npm',
      '#!/bin/sh\n[ "$1 $2" = "view @kernelkit/zmtp@$VERSION" ] && echo "$VERSION"\n[ "$1" = view ] || echo "$@" >> npm.log\n',
    );
    await chmod(npm, 0o755);
    const steps = await runSteps(join(root, '.github/workflows/publish.yml'));
    const env = {
      ...{ PATH: `${dirname(npm)}:${dirname(process.execPath)}:${process.env.PATH}`, VERSION: version },
      ...{ GITHUB_REF_NAME: `v${version}`, GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'some/where' },
    };
    const step = (name: string, more = {}) =>
      promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', steps.get(name)!], {
        ...{ cwd: place.path, env: { ...env, ...more } },
      }).catch((error: { code: number; stderr: string }) => error);
    return { place, step, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
  }

  test('is refused for a tag that this is not', async () => {
    await using unreleased = await release(`## ${version} (unreleased)`);
    expect(await unreleased.step('the tag is a release')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('CHANGELOG'),
    });
    await using released = await release(`## ${version} (2026-11-30)`);
    expect(await released.step('the tag is a release')).not.toHaveProperty('code');
    const other = await released.step('the tag is a release', { GITHUB_REF_NAME: 'v99.0.0' });
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('99.0.0') });
  });

  test('leaves out what is published, names the repository, and asks for provenance', async () => {
    await using released = await release(`## ${version} (2026-11-30)`);
    expect(await released.step('publish')).not.toHaveProperty('code');
    const log = await readFile(join(released.place.path, 'npm.log'), 'utf8');
    const rest = ['protocol', 'core', 'server', 'lab', 'cli'];
    const line = (name: string) => `publish ./packages/${name} --provenance --access public --ignore-scripts\n`;
    expect(log).toBe(rest.map(line).join(''));
    const written: Manifest = JSON.parse(
      await readFile(join(released.place.path, 'packages/core/package.json'), 'utf8'),
    );
    expect(written).toEqual({
      ...manifests[2],
      repository: { type: 'git', url: 'git+https://github.com/some/where.git', directory: 'packages/core' },
    });
  });

  test('comes after everything was tested, with what provenance needs', async () => {
    const file = join(root, '.github/workflows/publish.yml');
    const { on, jobs } = parse(await readFile(file, 'utf8'));
    expect(on).toEqual({ push: { tags: ['v*'] } });
    expect(jobs.publish.permissions).toMatchObject({ 'id-token': 'write' });
    const commands = [...(await runSteps(file)).values()];
    expect(commands.indexOf('.ci/run')).toBeGreaterThanOrEqual(0);
    expect(commands.at(-1)).toContain('npm publish');
    expect([...(await runSteps(join(root, '.github/workflows/ci.yml'))).values()]).toContain('.ci/run');
  });
});
