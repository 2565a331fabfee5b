import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';

export interface WholeProcess {
  /** From the spawn to the exit. */
  ms: number;
  /** The most memory that the process itself had in use, its children not counted; NaN where the system does not say. */
  peakMB: number;
}

const LOOK_MS = 15;

/** Runs a command to its end, which must be a good one. stdout is read and dropped. */
export function wholeProcess(
  argv: readonly [string, ...string[]],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<WholeProcess> {
  return new Promise((resolve, reject) => {
    const [program, ...args] = argv;
    const started = performance.now();
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let peakKB = Number.NaN;
    child.stdout.resume();
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000);
    });
    // The kernel keeps the high-water mark itself: looking now and then misses only what grows at the very end.
    const look = setInterval(() => {
      readFile(`/proc/${child.pid}/status`, 'utf8').then(
        (text) => {
          const found = /^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1];
          if (found !== undefined) peakKB = Number(found);
        },
        () => {},
      );
    }, LOOK_MS);
    let ended = started;
    child.once('exit', () => {
      ended = performance.now();
      clearInterval(look);
    });
    child.once('error', (error) => {
      clearInterval(look);
      reject(error);
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve({ ms: ended - started, peakMB: peakKB / 1024 });
      else reject(new Error(`${program} ${args[0] ?? ''} ended with ${signal ?? `status ${code}`}: ${said}`));
    });
  });
}
