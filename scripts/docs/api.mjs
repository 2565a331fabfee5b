import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Comment, Converter, ReflectionKind } from 'typedoc';
import { root } from '../lib/root.mjs';

/** What a package's doors are called where they are imported. */
const doors = {
  'packages/cli/src/index.ts': 'kernelkit',
  'packages/core/src/index.ts': '@kernelkit/core',
  'packages/core/src/client.ts': '@kernelkit/core/client',
  'packages/server/src/index.ts': '@kernelkit/server',
  'packages/lab/src/index.ts': '@kernelkit/lab',
  'packages/protocol/src/index.ts': '@kernelkit/protocol',
  'packages/zmtp/src/index.ts': '@kernelkit/zmtp',
};
// typedoc writes links of its navigation as they are, however deep the page
const GUIDE = 'guide:/index.html';

/**
 * The reference, from the doc comments of everything that the packages export. A comment that links to what is not there is an error,
 * and so is a function, a class or an interface without one.
 * @param {string} out a folder
 */
export async function writeApi(out) {
  const app = await Application.bootstrap({
    name: 'Kernelkit',
    entryPoints: Object.keys(doors).map((file) => join(root, file)),
    tsconfig: fileURLToPath(new URL('./tsconfig.json', import.meta.url)),
    out,
    readme: 'none',
    disableSources: true, // they would be links into a checkout
    excludePrivate: true,
    excludeInternal: true,
    githubPages: false,
    navigationLinks: { Guide: GUIDE },
    validation: { notExported: false, invalidLink: true, notDocumented: true },
    requiredToBeDocumented: ['Function', 'Class', 'Interface'],
    treatWarningsAsErrors: true,
    logLevel: 'Warn',
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const names = new Map(Object.entries(doors));
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      // `core/src` for index.ts, `core/src/client`
      const file = `packages/${module.name}${module.name.endsWith('/src') ? '/index' : ''}.ts`;
      module.name = names.get(file) ?? module.name;
      module.comment = new Comment([{ kind: 'text', text: descriptionOf(file) }]);
    }
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('typedoc could not read the sources');
  app.validate(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('typedoc has something to say: see above');
  await app.generateOutputs(project);
  await linkBack(out);
}

/** What a package's package.json says of it. @param {string} file one of its doors */
function descriptionOf(file) {
  const manifest = join(root, file.replace(/src\/.*$/, 'package.json'));
  const { description } = JSON.parse(readFileSync(manifest, 'utf8'));
  return file.endsWith('client.ts')
    ? `${description}. For browsers: of Jupyter servers, without anything of Node.`
    : description;
}

/** @param {string} out */
async function linkBack(out) {
  for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.html')) continue;
    const file = join(entry.parentPath, entry.name);
    const folder = posix.dirname(`api/${relative(out, file).split(sep).join('/')}`);
    const html = await readFile(file, 'utf8');
    await writeFile(file, html.replaceAll(GUIDE, posix.relative(folder, 'index.html')));
  }
}
