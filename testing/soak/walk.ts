import { setTimeout as delay } from 'node:timers/promises';
import { attach } from '@kernelkit/core';
import type { Row } from '../../packages/core/test/matrix/row.js';
import { abortedStart, failingStart, failings } from './births.js';
import { answers, fails, interrupted, megabyte } from './cells.js';
import { killed, loopAbandoned, restartAborted, restarted } from './deaths.js';
import { must, SOON_MS, START_MS, within } from './invariants.js';
import { closeLife, type Life, startLife } from './life.js';
import type { ActionLog } from './log.js';
import type { Random } from './random.js';

/** What a living kernel is put through. After each it answers as if nothing had been. */
const ACTIONS: Readonly<Record<string, (life: Life) => Promise<void>>> = {
  execute: answers,
  'execute: 1 MB': megabyte,
  'execute: an error': fails,
  interrupt: async (life) => {
    await interrupted(life);
    await answers(life);
  },
  restart: (life) => restarted(life, false),
  'restart while busy': (life) => restarted(life, true),
  'restart, aborted': restartAborted,
  'attach, close': async (life) => {
    const second = await within('attach', SOON_MS, attach(life.host.launched.connectionFile));
    await answers({ ...life, kernel: second });
    await within('closing what was attached', SOON_MS, second.close());
    must(second.status === 'closed', `what was attached and closed is ${second.status}`);
    await answers(life);
  },
  'SIGKILL, again': (life) => killed(life, { busy: false, again: true }),
  'SIGKILL while busy, again': (life) => killed(life, { busy: true, again: true }),
};

const WEIGHTS = {
  ...{ execute: 8, 'execute: 1 MB': 3, 'execute: an error': 3, interrupt: 3, 'attach, close': 2 },
  ...{ restart: 1, 'restart while busy': 1, 'restart, aborted': 1 },
  ...{ 'SIGKILL, again': 1, 'SIGKILL while busy, again': 1 },
} satisfies Record<string, number>;

/** How a kernel ends. */
const ENDINGS: Readonly<Record<string, (life: Life) => Promise<void>>> = {
  close: closeLife,
  'close while busy': (life) => loopAbandoned(life, () => closeLife(life)),
  'SIGKILL, close': async (life) => {
    await killed(life, { busy: life.random.chance(0.5), again: false });
    // in the middle of its revival, of its being cleared away, or after
    await delay(life.random.between(0, 700));
    await closeLife(life);
  },
};

const LONGEST_LIFE = 9;

export interface Walker {
  name: string;
  rows: readonly Row[];
  random: Random;
  log: ActionLog;
  stop: AbortSignal;
}

/** One kernel after the other, each put through something else, until it is told to stop. @throws Violation */
export async function walk({ name, rows, random, log, stop }: Walker): Promise<void> {
  for (let turn = random.between(0, 1); !stop.aborted; turn++) {
    const row = random.pick(rows);
    const transport = turn % 2 === 0 ? undefined : 'tcp';
    const birth = { row, random, transport, revives: random.chance(0.3) } as const;
    const act = (action: string, work: () => Promise<void>) => log.record(name, row.name, action, work);
    if (random.chance(0.1)) {
      const which = random.pick(failings);
      await log.record(name, 'none', `start: ${which}`, () => failingStart(which));
    }
    if (random.chance(0.12)) await act('start, aborted', () => abortedStart(birth));
    let life: Life | undefined;
    await act(birth.revives ? 'start, to be revived' : 'start', async () => {
      life = await within('start', START_MS, startLife(birth));
      await answers(life);
    });
    await live(life!, act, stop);
  }
}

async function live(life: Life, act: (action: string, work: () => Promise<void>) => Promise<void>, stop: AbortSignal) {
  const { random } = life;
  try {
    for (let left = random.between(2, LONGEST_LIFE); left > 0 && !stop.aborted; left--) {
      const action = random.weighted(WEIGHTS);
      await act(action, () => ACTIONS[action]!(life));
    }
    const ending = stop.aborted ? 'close' : random.weighted({ close: 3, 'close while busy': 2, 'SIGKILL, close': 1 });
    await act(ending, () => ENDINGS[ending]!(life));
  } catch (error) {
    // the violation is what is told, not what becomes of closing after it
    await life.kernel.close().catch(() => {});
    throw error;
  }
}

/** Everything once, on one kernel: what is loaded, started and kept once is there afterwards. */
export async function warmUp({ name, rows, random, log }: Walker): Promise<void> {
  for (const row of rows) {
    for (const transport of [undefined, 'tcp'] as const) {
      const life = await within('start', START_MS, startLife({ row, random, transport, revives: transport === 'tcp' }));
      const act = (action: string, work: () => Promise<void>) => log.record(name, row.name, action, work);
      for (const action of transport === 'tcp' ? ['SIGKILL while busy, again'] : Object.keys(ACTIONS).slice(0, 6))
        await act(action, () => ACTIONS[action]!(life));
      await act('close while busy', () => ENDINGS['close while busy']!(life));
    }
  }
  for (const which of failings) await log.record(name, 'none', `start: ${which}`, () => failingStart(which));
}
