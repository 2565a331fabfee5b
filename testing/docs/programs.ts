import { execFile } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleProgram } from '../../scripts/lib/program.mjs';
import { type Block, root } from './blocks.js';

const run = promisify(execFile);

/** A folder from which the packages are found as they are from a project that has them. */
export async function asProject(folder: string): Promise<void> {
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
}

const nameOf = ({ file, line }: Block) => `${file.replace(/\W+/g, '-')}-${line}`;

/** The program that a block shows, as a module of its own. */
export function programOf({ before, code }: Block): string {
  const imports = (text: string) => text.split('\n').filter((line) => line.startsWith('import '));
  const rest = (text: string) => text.split('\n').filter((line) => !line.startsWith('import '));
  return [...imports(before), ...imports(code), ...rest(before), ...rest(code), 'export {};', ''].join('\n');
}

/** What the compiler has to say of the programs, all at once; empty: nothing. */
export async function typeErrors(folder: string, blocks: readonly Block[]): Promise<string> {
  const files = blocks.map((block) => `${nameOf(block)}.ts`);
  await Promise.all(blocks.map((block, at) => writeFile(join(folder, files[at]!), programOf(block))));
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      ...{ noEmit: true, composite: false, declaration: false, declarationMap: false, noUnusedLocals: false },
      ...{ lib: ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'], customConditions: ['kernelkit-source'] },
      ...{ types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
    },
    files,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return run(process.execPath, [tsc, '-p', folder], { cwd: folder }).then(
    () => '',
    ({ stdout = '', message }: { stdout?: string; message: string }) => stdout || message,
  );
}

/** Runs a program. @param edit from what is printed in the page to what is here */
export async function runProgram(
  folder: string,
  block: Block,
  edit: (text: string) => string,
  env: Record<string, string>,
): Promise<{ stdout: string; stderr: string }> {
  const source = join(folder, `${nameOf(block)}.run.ts`);
  // a reader's program goes on after this; what it started ends with it
  await writeFile(source, `${edit(programOf(block))}\nprocess.exit();\n`);
  const program = join(folder, `${nameOf(block)}.mjs`);
  await bundleProgram(source, program);
  return run(process.execPath, [program], { cwd: folder, env, timeout: 60_000 });
}
