import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What the mark is held against: everything of both packages' browser side, used or not. */
export const EVERYTHING = "export * from '@kernelkit/protocol';\nexport * from '@kernelkit/core/client';\n";

export interface BrowserBundle {
  readonly code: string;
  /** Bytes, minified. */
  readonly size: number;
  /** Bytes, minified and compressed as servers do at their best (gzip, level 9). */
  readonly gzipped: number;
}

/**
 * A module for a browser, from the packages' sources. Nothing stands in for what is Node's: importing it fails.
 * @param source of a module of its own in `directory`
 */
export async function bundleForBrowser(source: string, directory: string): Promise<BrowserBundle> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: directory, loader: 'ts' },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['kernelkit-source'],
    legalComments: 'none',
    logLevel: 'silent',
  });
  const { contents, text } = outputFiles[0]!;
  return { code: text, size: contents.byteLength, gzipped: gzipSync(contents, { level: 9 }).byteLength };
}
