import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bench } from '../harness/bench.js';
import { interleave, type Side } from '../harness/interleave.js';
import { jupyterEnvironment } from '../harness/kernel.js';
import { command, sourceOf } from '../harness/places.js';
import { atMost, ratio } from '../harness/rows.js';
import { type Summary, summarise } from '../harness/stats.js';
import { wholeProcess } from '../harness/whole-process.js';

const CELLS = 50;

type Argv = readonly [string, ...string[]];

/** Sides that run whole processes: the wall time is their figure, the memory is kept beside. */
class Processes {
  readonly #peaks = new Map<string, number[]>();
  readonly #options: { cwd: string; env: NodeJS.ProcessEnv };

  constructor(options: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.#options = options;
  }

  side(name: string, argv: Argv, check?: () => Promise<void>): Side {
    const peaks: number[] = [];
    this.#peaks.set(name, peaks);
    return {
      name,
      measure: async () => {
        const { ms, peakMB } = await wholeProcess(argv, this.#options);
        await check?.();
        peaks.push(peakMB);
        return ms;
      },
    };
  }

  /** The most memory of each side, over its runs. */
  get peaks(): Map<string, Summary> {
    // The first was the round that does not count.
    return new Map([...this.#peaks].map(([name, peaks]) => [name, summarise(peaks.slice(1))]));
  }
}

function trivialNotebook(): string {
  const cell = (number: number) => ({
    cell_type: 'code',
    id: `c${number}`,
    execution_count: null,
    metadata: {},
    outputs: [],
    source: [`${number} + 1`],
  });
  return JSON.stringify({
    cells: Array.from({ length: CELLS }, (_, number) => cell(number)),
    metadata: {
      kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' },
      language_info: { name: 'python' },
    },
    nbformat: 4,
    nbformat_minor: 5,
  });
}

/** Every cell has its result, whoever ran it. */
async function checkExecuted(file: string): Promise<void> {
  const { cells } = JSON.parse(await readFile(file, 'utf8')) as {
    cells: { execution_count: number | null; outputs: { data?: Record<string, unknown> }[] }[];
  };
  for (const [number, cell] of cells.entries()) {
    const text = cell.outputs[0]?.data?.['text/plain'];
    if (String(text) !== String(number + 1) || cell.execution_count !== number + 1) {
      throw new Error(`cell ${number} of ${file} shows ${JSON.stringify(text)} as number ${cell.execution_count}`);
    }
  }
}

/** A notebook of 50 trivial cells, from the command line to the file. */
export const run: Bench = {
  name: 'run',
  async run(context) {
    const kernelspec = context.kernels.kernelspec('peer');
    const python = context.kernels.python('peer');
    const input = join(context.directory, 'fifty.ipynb');
    await writeFile(input, trivialNotebook());
    const outs = { ours: 'ours.ipynb', client: 'nbclient.ipynb', convert: 'nbconvert.ipynb' };
    const out = (name: keyof typeof outs) => join(context.directory, outs[name]);
    const processes = new Processes({ cwd: context.directory, env: jupyterEnvironment(kernelspec) });
    const OURS = 'kernelkit run';
    const CLIENT = 'nbclient';
    const CONVERT = 'jupyter nbconvert --execute';
    const jupyter = join(dirname(python), 'jupyter');
    const sides = await interleave(context.quick ? 1 : 9, [
      processes.side(OURS, [process.execPath, command, 'run', input, '-o', out('ours'), '-k', kernelspec], () =>
        checkExecuted(out('ours')),
      ),
      processes.side(CLIENT, [python, sourceOf('nbclient_run.py'), input, out('client')], () =>
        checkExecuted(out('client')),
      ),
      processes.side(
        CONVERT,
        [jupyter, 'nbconvert', '--to', 'notebook', '--execute', input, '--output', outs.convert],
        () => checkExecuted(out('convert')),
      ),
    ]);
    const memory = { measured: 'MB', note: 'the high-water mark of the process itself, without its kernel' };
    const what = `kernelkit run, ${CELLS} trivial cells, whole process`;
    return [
      ratio(`${what} ÷ nbclient's`, sides, [OURS, CLIENT], { measured: 'ms', mark: atMost(0.6) }),
      ratio(`${what} ÷ nbconvert --execute`, sides, [OURS, CONVERT], { measured: 'ms', mark: atMost(0.4) }),
      ratio(`${what}, peak memory ÷ nbclient's`, processes.peaks, [OURS, CLIENT], memory),
      ratio(`${what}, peak memory ÷ nbconvert --execute`, processes.peaks, [OURS, CONVERT], memory),
    ];
  },
};

/** What kernels are there, from the command line. */
export const list: Bench = {
  name: 'list',
  async run(context) {
    const kernelspec = context.kernels.kernelspec('peer');
    const jupyter = join(dirname(context.kernels.python('peer')), 'jupyter');
    await mkdir(join(context.directory, 'empty'), { recursive: true });
    const processes = new Processes({ cwd: join(context.directory, 'empty'), env: jupyterEnvironment(kernelspec) });
    const OURS = 'kernelkit list';
    const THEIRS = `jupyter kernelspec list, jupyter_client ${context.kernels.get('peer')?.version}`;
    const OLDER = 'jupyter kernelspec list, jupyter_client 7';
    const BARE = 'node -e 0';
    const older = join(dirname(context.kernels.python('ipykernel6')), 'jupyter');
    const sides = await interleave(context.quick ? 2 : 11, [
      processes.side(OURS, [process.execPath, command, 'list']),
      processes.side(THEIRS, [jupyter, 'kernelspec', 'list']),
      processes.side(OLDER, [older, 'kernelspec', 'list']),
      processes.side(BARE, [process.execPath, '-e', '0']),
    ]);
    const what = 'kernelkit list, whole process ÷ jupyter kernelspec list';
    return [
      ratio(what, sides, [OURS, THEIRS], { measured: 'ms', mark: atMost(0.25) }),
      ratio(`${what} of jupyter_client 7`, sides, [OURS, OLDER], {
        measured: 'ms',
        mark: atMost(0.25),
        note: 'the generation that the mark was set by: version 8 starts in less than half the time',
      }),
      ratio('kernelkit list, whole process ÷ node with nothing to do', sides, [OURS, BARE], { measured: 'ms' }),
      ratio('kernelkit list, peak memory ÷ jupyter kernelspec list', processes.peaks, [OURS, THEIRS], {
        measured: 'MB',
      }),
    ];
  },
};
