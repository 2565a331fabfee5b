import { setTimeout as delay } from 'node:timers/promises';
import { type Kernel, startServerKernel } from '@kernelkit/core';
import type { Bench, BenchContext } from '../harness/bench.js';
import { paced } from '../harness/executions.js';
import { startGateway } from '../harness/gateway.js';
import { atMost, type Row, type RowSide } from '../harness/rows.js';
import { type BenchServer, startServer } from '../harness/server.js';
import { median, summarise } from '../harness/stats.js';
import { type Memory, memoryOf } from '../harness/usage.js';

/** What each further kernel needs is the difference between the two: a first one brings what all of them use. */
const FEW = 2;
const MANY = 10;
const PER_SECOND = 10;
/** The server is looked at so many times while the executions go on; the later half counts. */
const LOOKS = 12;

interface Course {
  idle: Memory;
  /** MB for each kernel beyond the few. */
  growth: number[];
  /** All of it, with the many. */
  whole: number[];
  /** MB a minute for each of the many, by the least squares through the later half. */
  slope: number;
}

/** What each server needs with nothing to do, and for each kernel that works. */
export const gatewayMemory: Bench = {
  name: 'gateway-memory',
  async run(context) {
    const seconds = context.quick ? 12 : context.long ? 600 : 72;
    const ours = await within(startGateway(['ipykernel']), (server) => course(context, server, seconds));
    const theirs = await within(startServer(['ipykernel']), (server) => course(context, server, seconds));
    const both = (values: (each: Course) => number[]): [RowSide, RowSide] => [
      { name: 'kernelkit serve', ...summarise(values(ours)) },
      { name: 'jupyter_server', ...summarise(values(theirs)) },
    ];
    const load = `${MANY} kernels, ${PER_SECOND} executions a second each, ${seconds} s`;
    const over = (what: string, sides: [RowSide, RowSide]): Row => ({
      what: `${what} ÷ jupyter_server`,
      figure: sides[0].median / sides[1].median,
      unit: '÷',
      mark: null,
      measured: 'MB',
      sides,
    });
    const resident = `resident: ${ours.idle.rssMB.toFixed(0)} MB against ${theirs.idle.rssMB.toFixed(0)} MB; the bench has node, and so a share of it, too`;
    return [
      {
        ...over(
          'memory with nothing to do (PSS)',
          both(({ idle: { pssMB } }) => [pssMB]),
        ),
        ...{ mark: atMost(1), note: resident },
      },
      {
        ...over(
          `memory for each kernel (${load}; what is no file's)`,
          both((each) => each.growth),
        ),
        ...{ mark: atMost(0.4), note: `beyond what ${FEW} kernels need that do the same; the later half of the time` },
      },
      over(
        `memory with all of them (PSS; ${load})`,
        both((each) => each.whole),
      ),
      {
        what: `how memory for each kernel goes on growing (${load})`,
        figure: ours.slope,
        unit: 'MB/min',
        mark: null,
        measured: 'MB/min',
        sides: both(({ slope }) => [slope]),
        note: 'the line through the later half; --long watches for ten minutes',
      },
    ];
  },
};

async function within<T>(starting: Promise<BenchServer>, use: (server: BenchServer) => Promise<T>): Promise<T> {
  await using server = await starting;
  return await use(server);
}

async function course(context: BenchContext, { running, settings }: BenchServer, seconds: number): Promise<Course> {
  // as it stands when a front end has looked at it
  await fetch(`${running.url}api/kernelspecs`, { headers: { Authorization: `token ${running.token}` } });
  await delay(3000);
  const idle = await memoryOf(running.pid);
  const kernels: Kernel[] = [];
  const start = async (count: number): Promise<void> => {
    while (kernels.length < count) kernels.push(await startServerKernel(settings, { name: 'python3' }));
  };
  const work = async (minutes: number): Promise<[minute: number, memory: Memory][]> => {
    const looks: [number, Memory][] = [];
    for (let n = 1; n <= LOOKS; n++) {
      await paced(kernels, { perSecond: PER_SECOND, seconds: (minutes * 60) / LOOKS });
      const memory = await memoryOf(running.pid);
      looks.push([(n * minutes) / LOOKS, memory]);
      const { pssMB, anonymousMB } = memory;
      context.say(`${kernels.length} kernels: ${pssMB.toFixed(1)} MB, ${anonymousMB.toFixed(1)} MB no file's`);
    }
    return looks.slice(LOOKS / 2);
  };
  try {
    await start(FEW);
    const few = median((await work(seconds / 60 / 3)).map(([, { anonymousMB }]) => anonymousMB));
    await start(MANY);
    const many = await work(seconds / 60);
    return {
      idle,
      growth: many.map(([, { anonymousMB }]) => (anonymousMB - few) / (MANY - FEW)),
      whole: many.map(([, { pssMB }]) => pssMB),
      slope: slopeOf(many.map(([minute, { anonymousMB }]) => [minute, anonymousMB / MANY])),
    };
  } finally {
    await Promise.all(kernels.map((kernel) => kernel.close()));
  }
}

/** Of the line that lies nearest to the points. */
function slopeOf(points: readonly [x: number, y: number][]): number {
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const up = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return up / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
