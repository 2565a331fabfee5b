import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelkitError, KernelStartError, planKernel, StartAbortedError, startPlan } from '@kernelkit/core';
import { entryOf } from '../../packages/core/test/support.js';
import { answers } from './cells.js';
import { must, rejects, START_MS, settles } from './invariants.js';
import { type Birth, closeLife, startLife } from './life.js';

const WORDS = 'these are the last words';

/** Starts that cannot succeed, and the kind of error that each must end with. */
const FAILING = {
  'no such program': { argv: ['/nowhere/kernel', '{connection_file}'], kind: 'program-not-found' },
  'exits at once': {
    argv: [process.execPath, '-e', `console.error(${JSON.stringify(WORDS)}); process.exit(3)`, '{connection_file}'],
    kind: 'process-exited',
  },
  'no such directory': {
    argv: [process.execPath, '-e', '0', '{connection_file}'],
    cwd: join('/', 'nowhere', 'at', 'all'),
    kind: 'directory-gone',
  },
} as const;

export type Failing = keyof typeof FAILING;

export const failings = Object.keys(FAILING) as Failing[];

export async function failingStart(which: Failing): Promise<void> {
  const { argv, kind, ...more } = FAILING[which];
  const entry = entryOf({ argv: [...argv] });
  const error = await rejects(which, startPlan(planKernel(entry, { ...more }), { timeout: START_MS }), kind);
  must(error instanceof KernelStartError, `${which}: ${error.name} is no KernelStartError`);
  if (kind === 'process-exited') {
    must(error.exit?.code === 3, `${which}: exit status ${error.exit?.code}`);
    must(error.stderr.includes(WORDS), `${which}: its last words are missing`);
  }
  leftNothing(error.argv);
}

/** A start that is given up after a while: aborted, or done before. */
export async function abortedStart(birth: Birth): Promise<void> {
  const stop = new AbortController();
  const starting = settles('a start that is aborted', START_MS, startLife(birth, stop.signal));
  await delay(birth.random.between(0, 1500));
  stop.abort(new Error('the soak changed its mind'));
  const outcome = await starting;
  if ('value' in outcome) {
    // what began as a start's signal must not reach the kernel that runs
    await answers(outcome.value);
    await closeLife(outcome.value);
    return;
  }
  const { error } = outcome;
  const what = error instanceof KernelkitError ? error.kind : String(error);
  must(error instanceof KernelkitError && error.kind === 'aborted', `a start that was aborted ended with ${what}`);
  if (error instanceof StartAbortedError) leftNothing(error.failure.argv);
}

/** A start that failed leaves no directory; its argv says where that was. */
function leftNothing(argv: readonly string[]): void {
  for (const argument of argv) {
    if (!/\/kernel-[^/]*\.json$/.test(argument)) continue;
    must(!existsSync(dirname(argument)), `a start that failed left ${dirname(argument)}`);
  }
}
