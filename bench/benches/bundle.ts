import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleForBrowser, EVERYTHING } from '../../testing/browser/bundle.js';
import type { Bench } from '../harness/bench.js';
import { root } from '../harness/places.js';
import { atMost, type Row } from '../harness/rows.js';

/** A program that starts a kernel behind a server and prints what it says: what a page has to load at least. */
const LEAST =
  "import { serverFromUrl, startServerKernel } from '@kernelkit/core/client';\n" +
  'const kernel = await startServerKernel(serverFromUrl(location.hash.slice(1)));\n' +
  "for await (const output of kernel.execute('6 * 7')) console.log(output);\n";

/** What a page loads to use kernels behind a Jupyter server. */
export const bundle: Bench = {
  name: 'bundle',
  async run() {
    const whole = await bundleForBrowser(EVERYTHING, join(root, 'bench'));
    const least = await bundleForBrowser(LEAST, join(root, 'bench'));
    const kB = (bytes: number): number => bytes / 1000;
    const size = (name: string, bytes: number) => ({
      ...{ name, n: 1, median: kB(bytes), min: kB(bytes), max: kB(bytes) },
    });
    const row: Row = {
      what: 'browser bundle of protocol + server client, gzipped',
      figure: kB(whole.gzipped),
      unit: 'kB',
      mark: atMost(40),
      measured: 'kB',
      sides: [
        size('every export of both, minified', whole.size),
        size('a program that starts a kernel and runs a line, gzipped', least.gzipped),
      ],
      note: 'esbuild, minified, no shims; gzip at level 9; 1 kB is 1000 bytes',
    };
    const packages = await Promise.all(['zmtp', 'protocol', 'core', 'server', 'lab', 'cli'].map(packed));
    const [first, ...others] = packages.map(({ name, size: packedSize }) => size(`${name}, packed`, packedSize));
    const installed = packages.reduce((sum, { unpackedSize }) => sum + unpackedSize, 0);
    return [
      row,
      {
        what: 'the packages as npm has them, unpacked, all together',
        figure: kB(installed),
        unit: 'kB',
        mark: null,
        measured: 'kB',
        sides: [first!, ...others],
        note: 'without what they depend on',
      },
    ];
  },
};

async function packed(folder: string): Promise<{ name: string; size: number; unpackedSize: number }> {
  const cwd = join(root, 'packages', folder);
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], { cwd });
  const said = JSON.parse(stdout) as Record<string, unknown> | unknown[];
  // an array up to npm 11, and by name from then on
  const [one] = Object.values(said) as { name: string; size: number; unpackedSize: number }[];
  return one!;
}
