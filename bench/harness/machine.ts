import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProvidedKernels } from './kernels.js';

const execute = promisify(execFile);

/** What the figures depend on, as lines of `what: value`. */
export async function machineAndVersions(
  root: string,
  kernels: ProvidedKernels,
): Promise<[what: string, value: string][]> {
  const processors = cpus();
  return [
    ['Date', new Date().toISOString().slice(0, 10)],
    [
      'Machine',
      `${processors.length} × ${processors[0]?.model ?? 'unknown processor'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    ],
    ['System', `${type()} ${release()}${await distribution()}`],
    [
      'Load before',
      loadavg()
        .map((load) => load.toFixed(2))
        .join(' '),
    ],
    ['Kernelkit', await kernelkitVersion(root)],
    ['Node', process.version],
    ['zeromq (npm, native)', await npmVersion(root, 'zeromq')],
    ...(await kernelVersions(kernels)),
  ];
}

async function distribution(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const name = /^PRETTY_NAME="(.*)"$/m.exec(text)?.[1];
  return name === undefined ? '' : `, ${name}`;
}

async function npmVersion(root: string, name: string): Promise<string> {
  const text = await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function kernelkitVersion(root: string): Promise<string> {
  const version = await npmVersion(root, 'kernelkit').catch(() => 'unknown');
  const commit = await execute('git', ['describe', '--always', '--dirty'], { cwd: root }).catch(() => null);
  return commit === null ? version : `${version} (${commit.stdout.trim()})`;
}

const SHOWN = ['ipykernel', 'ipython', 'jupyter_client', 'nbclient', 'nbconvert', 'pyzmq'];

async function kernelVersions(kernels: ProvidedKernels): Promise<[string, string][]> {
  const script =
    'import sys, importlib.metadata as m, zmq\n' +
    `print("Python " + sys.version.split()[0], *(f"{n} {m.version(n)}" for n in sys.argv[1:]), "libzmq " + zmq.zmq_version(), sep=", ")`;
  const lines: [string, string][] = [];
  for (const [name, packages] of [
    ['ipykernel', SHOWN.filter((each) => !each.startsWith('nb'))],
    ['peer', SHOWN],
  ] as const) {
    const python = kernels.get(name)?.python;
    if (!python) continue;
    const { stdout } = await execute(python, ['-c', script, ...packages]);
    lines.push([name === 'peer' ? "Jupyter's side (peer)" : `Kernel ${name}`, stdout.trim()]);
  }
  for (const name of ['xpython-raw']) {
    const version = kernels.get(name)?.version;
    if (version) lines.push([`Kernel ${name}`, version]);
  }
  return lines;
}
