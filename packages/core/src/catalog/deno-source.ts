import type { KernelSpec } from '@kernelkit/protocol';
import type { Files } from '../files/index.js';
import { findDeno } from './deno-binary.js';
import { millisecondsSince, runtimeEntry } from './entry.js';
import type { CatalogEntry, KernelSource } from './types.js';

/**
 * Deno's Jupyter kernel, which needs no kernelspec.
 *
 * @param given the binary; `false` looks for none. Default: KERNELKIT_DENO, PATH, the npm package `deno`
 */
export function denoSource(given?: string | false): KernelSource {
  return {
    name: 'deno',
    find(context) {
      if (given === false) return { entries: [], searched: [] };
      const begin = performance.now();
      const { binary, place, error } = findDeno(context, given ?? context.env.KERNELKIT_DENO);
      const entries = binary === null ? [] : [entryOfDeno(binary.file, context.files)];
      const ms = millisecondsSince(begin);
      return { entries, searched: [{ path: place, kind: 'runtimes', found: entries.length, error, ms }] };
    },
  };
}

function entryOfDeno(file: string, files: Files): CatalogEntry {
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
  return runtimeEntry('deno', files.real(file), spec);
}
