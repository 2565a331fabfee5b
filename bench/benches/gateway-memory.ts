import { setTimeout as delay } from 'node:timers/promises';
import { type Kernel, startServerKernel } from '@kernelkit/core';
import type { Bench, BenchContext } from '../harness/bench.js';
import { paced } from '../harness/executions.js';
import { startGateway } from '../harness/gateway.js';
import { atMost, type Row, type RowSide } from '../harness/rows.js';
import { type BenchServer, startServer } from '../harness/server.js';
import { summarise } from '../harness/stats.js';
import { type Memory, memoryOf } from '../harness/usage.js';

const KERNELS = 8;
const PER_SECOND = 10;
/** It is looked at so many times while the executions go on. */
const LOOKS = 12;

interface Course {
  idle: Memory;
  /** MB beyond idle for each kernel, while they execute: the later half of the looks. */
  growth: number[];
  /** MB a minute for each kernel, by the least squares through the later half. */
  slope: number;
}

/** What each server needs with nothing to do, and for each kernel that works. */
export const gatewayMemory: Bench = {
  name: 'gateway-memory',
  async run(context) {
    const seconds = context.quick ? 12 : context.long ? 600 : 60;
    const count = context.quick ? 3 : KERNELS;
    const ours = await within(startGateway(['ipykernel']), (server) => course(context, server, count, seconds));
    const theirs = await within(startServer(['ipykernel']), (server) => course(context, server, count, seconds));
    const both = (values: (each: Course) => number[]): [RowSide, RowSide] => [
      { name: 'kernelkit serve', ...summarise(values(ours)) },
      { name: 'jupyter_server', ...summarise(values(theirs)) },
    ];
    const load = `${count} kernels, ${PER_SECOND} executions a second each, ${seconds} s`;
    const idle = both(({ idle: { pssMB } }) => [pssMB]);
    const growth = both((each) => each.growth);
    const over = (what: string, sides: [RowSide, RowSide], mark: number, note: string): Row => ({
      what,
      figure: sides[0].median / sides[1].median,
      unit: '÷',
      mark: atMost(mark),
      measured: 'MB',
      sides,
      note,
    });
    return [
      over(
        'memory with nothing to do (PSS) ÷ jupyter_server',
        idle,
        1,
        `resident: ${ours.idle.rssMB.toFixed(0)} MB against ${theirs.idle.rssMB.toFixed(0)} MB; what our command shares with the bench is halved`,
      ),
      over(`memory for each kernel (PSS beyond that; ${load}) ÷ jupyter_server`, growth, 0.4, 'over the later half'),
      {
        what: `how memory for each kernel goes on growing (${load})`,
        figure: ours.slope,
        unit: 'MB/min',
        mark: null,
        measured: 'MB/min',
        sides: both(({ slope }) => [slope]),
        note: 'the line through the later half',
      },
    ];
  },
};

async function within<T>(starting: Promise<BenchServer>, use: (server: BenchServer) => Promise<T>): Promise<T> {
  await using server = await starting;
  return await use(server);
}

async function course(
  context: BenchContext,
  { running, settings }: BenchServer,
  count: number,
  seconds: number,
): Promise<Course> {
  // as it stands when a front end has looked at it
  await fetch(`${running.url}api/kernelspecs`, { headers: { Authorization: `token ${running.token}` } });
  await delay(3000);
  const idle = await memoryOf(running.pid);
  const kernels: Kernel[] = [];
  try {
    for (let n = 0; n < count; n++) kernels.push(await startServerKernel(settings, { name: 'python3' }));
    const looks: [minute: number, mb: number][] = [];
    for (let n = 0; n < LOOKS; n++) {
      await paced(kernels, { perSecond: PER_SECOND, seconds: seconds / LOOKS });
      const { pssMB } = await memoryOf(running.pid);
      looks.push([((n + 1) * seconds) / LOOKS / 60, (pssMB - idle.pssMB) / count]);
      context.say(`${running.pid}: ${pssMB.toFixed(1)} MB (idle ${idle.pssMB.toFixed(1)})`);
    }
    const later = looks.slice(LOOKS / 2);
    return { idle, growth: later.map(([, mb]) => mb), slope: slopeOf(later) };
  } finally {
    await Promise.all(kernels.map((kernel) => kernel.close()));
  }
}

/** Of the line that lies nearest to the points. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const [x, y] = [0, 1].map((at) => points.reduce((sum, point) => sum + point[at]!, 0) / points.length) as [
    number,
    number,
  ];
  const up = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return up / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
