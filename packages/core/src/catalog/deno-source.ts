import { realpath } from 'node:fs/promises';
import type { KernelSpec } from '@kernelkit/protocol';
import { findDeno } from './deno-binary.js';
import { entryId, millisecondsSince } from './entry.js';
import type { CatalogEntry, KernelSource } from './types.js';

/**
 * Deno's Jupyter kernel, which needs no kernelspec.
 *
 * @param given the binary; `false` looks for none. Default: KERNELKIT_DENO, PATH, the npm package `deno`
 */
export function denoSource(given?: string | false): KernelSource {
  return {
    name: 'deno',
    async find(context) {
      if (given === false) return { entries: [], searched: [] };
      const begin = performance.now();
      const { binary, place, error } = await findDeno(context, given ?? context.env.KERNELKIT_DENO);
      const entries = binary === null ? [] : [await entryOfDeno(binary.file)];
      const ms = millisecondsSince(begin);
      return { entries, searched: [{ path: place, kind: 'runtimes', found: entries.length, error, ms }] };
    },
  };
}

async function entryOfDeno(file: string): Promise<CatalogEntry> {
  const spec: KernelSpec = {
    // what `deno jupyter --install` writes
    argv: [file, 'jupyter', '--kernel', '--conn', '{connection_file}'],
    display_name: 'Deno',
    language: 'typescript',
    // SIGINT ends it; the message works, though its own kernelspec does not say so
    interrupt_mode: 'message',
    env: {},
    metadata: {},
    extra: {},
  };
  return {
    id: entryId('runtime', 'deno', await realpath(file)),
    source: 'runtime',
    name: 'deno',
    displayName: spec.display_name,
    language: spec.language,
    argv: spec.argv,
    specFile: null,
    resourceDir: null,
    environment: null,
    startable: true,
    problem: null,
    hidden: null,
    server: null,
    spec,
    prefix: null,
    program: null,
  };
}
