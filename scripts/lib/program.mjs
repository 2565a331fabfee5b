import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes one file of a TypeScript program of this repository, with what a program would get from the packages, without the
 * detour over their dist.
 *
 * @param {string} entry
 * @param {string} outfile
 * @param {{ stub?: readonly string[] }} [options] `stub`: modules that are imported and never used
 */
export async function bundleProgram(entry, outfile, { stub = [] } = {}) {
  await mkdir(dirname(outfile), { recursive: true });
  // imported when it is needed: this module is read before the dependencies are installed
  const { build } = await import('esbuild');
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['kernelkit-source'],
    // two look for a program of their own beside themselves, and one is measured as it was published
    external: ['zeromq', 'esbuild', '@jupyterlab/services'],
    sourcemap: 'inline',
    logLevel: 'warning',
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    plugins: [
      {
        name: 'stubs',
        setup(setUp) {
          setUp.onResolve({ filter: /./ }, ({ path }) => (stub.includes(path) ? { path, namespace: 'stub' } : null));
          // CommonJS, so that every name can be imported from it
          setUp.onLoad({ filter: /./, namespace: 'stub' }, () => ({ contents: 'module.exports = {}', loader: 'js' }));
        },
      },
    ],
  });
}
