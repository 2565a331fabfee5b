import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KernelSpec, parseKernelSpec } from '@kernelkit/protocol';
import { faultyArgv } from '../../../testing/faulty/index.js';
import { type KernelName, kernel } from '../../../testing/support/index.js';
import { type CatalogEntry, type ExecuteResult, type Kernel, type StartOptions, start } from '../src/index.js';

/** An entry as the catalog would give it for a kernelspec with these fields. */
export function entryOf(spec: Partial<KernelSpec> & { argv: string[] }): CatalogEntry {
  const full: KernelSpec = {
    display_name: 'A test kernel',
    language: 'steps',
    interrupt_mode: 'message',
    env: {},
    metadata: {},
    extra: {},
    ...spec,
  };
  return {
    id: 'test',
    source: 'kernelspec',
    name: 'test',
    displayName: full.display_name,
    language: full.language,
    argv: full.argv,
    specFile: null,
    resourceDir: null,
    environment: null,
    startable: true,
    problem: null,
    hidden: null,
    server: null,
    spec: full,
    prefix: null,
    program: null,
    file: null,
    runtime: null,
    owner: null,
    matched: null,
    isJupyters: true,
  };
}

/** The faulty kernel of `testing/`, with what shall go wrong at its start. */
export function faultyEntry(start: Record<string, unknown> = {}, spec: Partial<KernelSpec> = {}): CatalogEntry {
  return entryOf({ argv: faultyArgv(start), ...spec });
}

/** Whether a process with this pid exists and is no zombie of ours. */
export function processAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The entry of a real kernel that testing/kernels.mjs provides, without going through the catalog. */
export function realEntry(name: KernelName): CatalogEntry {
  const provided = kernel(name);
  if (provided.kernelspec === null) {
    return { ...entryOf({ argv: [...provided.launcher!], language: 'typescript', display_name: name }), name };
  }
  const { spec } = parseKernelSpec(JSON.parse(readFileSync(join(provided.kernelspec, 'kernel.json'), 'utf8')));
  // The wheel's own spec says "python": the interpreter of its environment is meant.
  const argv = spec.argv[0] === 'python' ? [provided.python!, ...spec.argv.slice(1)] : spec.argv;
  return { ...entryOf({ ...spec, argv }), name, resourceDir: provided.kernelspec };
}

/** Starts a real kernel; the returned client ends it at the end of the block (`await using`). */
export async function startReal(name: KernelName, options: StartOptions = {}): Promise<Kernel> {
  return start(realEntry(name), options);
}

/** The text that a cell printed on stdout. */
export function printed(result: ExecuteResult): string {
  return result.outputs
    .map((output) => (output.output_type === 'stream' && output.name === 'stdout' ? output.text : ''))
    .join('');
}

/** What a cell's last expression gave, as text, whichever message the kernel chose for it. */
export function resultText(result: ExecuteResult): string {
  return result.outputs
    .map((output) =>
      'data' in output ? String(output.data['text/plain']) : output.output_type === 'stream' ? output.text : '',
    )
    .join('')
    .replace(/\x1b\[[0-9;]*m/g, '')
    .trim();
}
