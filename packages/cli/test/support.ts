import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { faultyArgv } from '../../../testing/faulty/index.js';
import { type IsolatedEnv, isolatedEnv, type KernelName, kernel } from '../../../testing/support/index.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The command as a user starts it. */
export const command = join(root, 'packages/cli/dist/bin/main.js');
export const quickstart = join(root, 'examples/quickstart.ipynb');

/** Builds the command when its sources are newer: a test must not pass on what was built yesterday. */
export async function ensureBuilt(): Promise<void> {
  const built = statSync(command, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = Math.max(
    ...['cli', 'server', 'core', 'protocol', 'zmtp'].map((name) => newestIn(join(root, 'packages', name, 'src'))),
  );
  if (newest <= built) return;
  const bundler = new URL('../../../scripts/lib/bundle.mjs', import.meta.url).href;
  const script = `const { bundleEmbedded, bundleCli } = await import(${JSON.stringify(bundler)}); await bundleEmbedded(); await bundleCli();`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: root });
}

function newestIn(folder: string): number {
  let newest = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return newest;
}

export interface Ran {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunSettings {
  env: Record<string, string>;
  cwd?: string;
  /** All of its standard input; null: what is written to `child.stdin`, until that is ended. */
  input?: string | null;
}

/** A command under way. Disposing of it ends it, should it still run. */
export class Running implements AsyncDisposable {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #ended: Promise<Ran>;
  #wake: () => void = () => {};

  constructor(file: string, args: readonly string[], { env, cwd, input }: RunSettings) {
    this.child = spawn(file, args, { env, cwd: cwd ?? env.HOME, stdio: ['pipe', 'pipe', 'pipe'] });
    const take = (name: 'stdout' | 'stderr') => (text: string) => {
      this[name] += text;
      this.#wake();
    };
    this.child.stdout?.setEncoding('utf8').on('data', take('stdout'));
    this.child.stderr?.setEncoding('utf8').on('data', take('stderr'));
    this.child.stdin?.on('error', () => {});
    if (input !== null) this.child.stdin?.end(input ?? '');
    this.#ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (status, signal) => {
        resolve({ status, signal, stdout: this.stdout, stderr: this.stderr });
        this.#wake();
      });
    });
  }

  get ended(): Promise<Ran> {
    return this.#ended;
  }

  /** Waits until one of the streams matches. @throws Error when the command ends before it does */
  async until(name: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> {
    let over = false;
    void this.#ended.then(() => {
      over = true;
    });
    for (;;) {
      const match = pattern.exec(this[name]);
      if (match !== null) return match;
      if (over)
        throw new Error(`it ended before ${name} had ${pattern}; stdout: ${this.stdout}; stderr: ${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    // SIGTERM lets it end its kernel; should it not, nothing may outlive the test.
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 20_000);
    await this.#ended.catch(() => {});
    clearTimeout(timer);
  }
}

/** Starts `kernelkit ARGS`. */
export function begin(args: readonly string[], settings: RunSettings): Running {
  return new Running(process.execPath, [command, ...args], settings);
}

/** Runs `kernelkit ARGS` to its end. */
export async function kernelkit(args: readonly string[], settings: RunSettings): Promise<Ran> {
  await using running = begin(args, settings);
  return await running.ended;
}

/** An isolated user whose `python3` and other kernels are those that testing/kernels.mjs provides. */
export function userWith(
  names: readonly KernelName[],
  extra: Record<string, string | undefined> = {},
): Promise<IsolatedEnv> {
  const jupyterPath = names.flatMap((name) => kernel(name).jupyterPath ?? []);
  return isolatedEnv({ jupyterPath, extra });
}

/** Adds a kernelspec to that user's own ones; gives its directory. */
export async function addSpec(user: IsolatedEnv, name: string, spec: object | string): Promise<string> {
  const text = typeof spec === 'string' ? spec : JSON.stringify(spec);
  return dirname(await user.dir.write(`home/.local/share/jupyter/kernels/${name}/kernel.json`, text));
}

/** The scriptable kernel of testing/faulty-kernel.py as a kernelspec. Its code is a JSON list of steps. */
export function faultySpec(start: Record<string, unknown> = {}): object {
  return { argv: faultyArgv(start), display_name: 'Faulty', language: 'steps', interrupt_mode: 'message' };
}

/** A notebook of code cells. */
export function notebookOf(sources: readonly string[], metadata: object = {}): string {
  const cells = sources.map((source, at) => ({
    cell_type: 'code',
    execution_count: null,
    id: `cell-${at}`,
    metadata: {},
    outputs: [],
    source: [source],
  }));
  return `${JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1)}\n`;
}

/** Lines of JSON as values. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
