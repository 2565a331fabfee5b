import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Bench } from '../harness/bench.js';
import { interleave, type Side } from '../harness/interleave.js';
import { jupyterEnvironment, planFor } from '../harness/kernel.js';
import { command } from '../harness/places.js';
import { atMost, type Row, ratio } from '../harness/rows.js';
import { wholeProcess } from '../harness/whole-process.js';
import { bareStart } from './start.js';

const BARE = 'node -e 0';
const node = process.execPath;

/** What everybody waits for who asks the command for nothing. */
export const help: Bench = {
  name: 'help',
  async run(context) {
    const at = { cwd: context.directory, env: process.env };
    const side = (name: string, argv: readonly [string, ...string[]], cwd = at.cwd): Side => ({
      name,
      measure: async () => (await wholeProcess(argv, { ...at, cwd })).ms,
    });
    const [HELP, VERSION, NPX] = ['kernelkit --help', 'kernelkit --version', 'npx kernelkit --version'] as const;
    const sides = await interleave(context.quick ? 2 : 15, [
      side(HELP, [node, command, '--help']),
      side(VERSION, [node, command, '--version']),
      // in this repository, whose packages are installed: npx itself is what it measures
      side(NPX, ['npx', 'kernelkit', '--version'], process.cwd()),
      side(BARE, [node, '-e', '0']),
    ]);
    const mark = { measured: 'ms', mark: atMost(1.5) };
    return [
      ratio('kernelkit --help, whole process ÷ node with nothing to do', sides, [HELP, BARE], mark),
      ratio('kernelkit --version, whole process ÷ node with nothing to do', sides, [VERSION, BARE], mark),
      ratio('npx kernelkit --version, whole process ÷ without npx', sides, [NPX, VERSION], { measured: 'ms' }),
    ];
  },
};

/** From the command line to the first character on standard output, beyond what nobody can do without. */
export const firstOutput: Bench = {
  name: 'first-output',
  async run(context) {
    const rows: Row[] = [];
    for (const name of ['xpython-raw', 'ipykernel']) {
      const kernelspec = context.kernels.kernelspec(name);
      const plan = await planFor(kernelspec);
      const OURS = 'kernelkit exec, first output';
      const KERNEL = 'bare kernel, first kernel_info_reply';
      const argv = [command, 'exec', '-k', kernelspec, 'print(6 * 7, flush=True)'];
      const sides = await interleave(context.quick ? 2 : 15, [
        { name: OURS, measure: () => firstByte(argv, context.directory, jupyterEnvironment(kernelspec)) },
        { name: KERNEL, measure: () => bareStart(plan) },
        {
          name: BARE,
          measure: async () => (await wholeProcess([node, '-e', '0'], { cwd: context.directory, env: process.env })).ms,
        },
      ]);
      const [ours, kernel, bare] = [OURS, KERNEL, BARE].map((each) => ({ name: each, ...sides.get(each)! }));
      rows.push({
        what: `kernelkit exec (${name}), first output: beyond the bare kernel's reply and bare Node`,
        figure: ours!.median - kernel!.median - bare!.median,
        unit: 'ms',
        mark: name === 'xpython-raw' ? atMost(60) : null,
        measured: 'ms',
        sides: [ours!, kernel!, bare!],
        note: `${plan.transport}; finding the kernel and its environment is in it`,
      });
    }
    return rows;
  },
};

async function firstByte(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  const began = performance.now();
  const child = spawn(node, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const [chunk] = (await Promise.race([once(child.stdout, 'data'), closed.then(() => [null])])) as [Buffer | null];
  const ms = performance.now() - began;
  await closed;
  if (chunk?.toString().trim() !== '42') throw new Error(`kernelkit exec printed ${JSON.stringify(chunk?.toString())}`);
  return ms;
}
