import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type TempDir, tempDir } from '../support/index.js';
import { root } from './blocks.js';
import { asProject } from './programs.js';

const examples = join(root, 'examples');

/** A project of its own with the examples, each program (`agent-tool.ts`) as Node 20 can run it (`agent-tool.mjs`). */
export async function examplesProject(): Promise<TempDir> {
  const project = await tempDir();
  await asProject(project.path);
  await cp(examples, project.path, { recursive: true });
  await build({
    ...{ entryPoints: await programs(), outdir: project.path, outbase: examples, outExtension: { '.js': '.mjs' } },
    // the packages' sources, once for all of them
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20', external: ['esbuild'] },
    ...{ conditions: ['kernelkit-source'], logLevel: 'warning' },
    banner: { js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);" },
  });
  return project;
}

async function programs(): Promise<string[]> {
  const files = await readdir(examples, { recursive: true });
  // the page is bundled by the app itself
  return files.filter((name) => name.endsWith('.ts') && !name.endsWith('page.ts')).map((name) => join(examples, name));
}

/** The `run` steps of a GitHub workflow, in their order: name → command. */
export async function runSteps(file: string): Promise<Map<string, string>> {
  const { parse } = await import('yaml');
  const { jobs } = parse(await readFile(file, 'utf8')) as {
    jobs: Record<string, { steps: { name?: string; run?: string }[] }>;
  };
  const steps = Object.values(jobs).flatMap(({ steps }) => steps);
  return new Map(steps.flatMap(({ name = '', run }) => (run === undefined ? [] : [[name || run, run] as const])));
}
