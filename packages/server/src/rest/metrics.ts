import type { Contract } from './contract.js';

/** What is counted while the gateway runs. */
export class Counters {
  /** Answers by the first digit of their status. */
  readonly answers = new Map<string, number>();
  /** Messages that clients sent and that could not be read. */
  refused = 0;
  /** Messages that were given up for clients that were too slow. */
  lost = 0;
  /** Starts that failed, and deaths. */
  failures = 0;
  culled = 0;
  lastRequest = new Date();

  answered(status: number): void {
    const kind = `${Math.floor(status / 100)}xx`;
    this.answers.set(kind, (this.answers.get(kind) ?? 0) + 1);
  }
}

/** Prometheus' text format, version 0.0.4. */
export function metricsText({ kernels, sessions, counters }: Contract): string {
  const states = new Map<string, number>();
  let connections = 0;
  let logBytes = 0;
  for (const { hub } of kernels.list()) {
    states.set(hub.state, (states.get(hub.state) ?? 0) + 1);
    connections += hub.connections;
    logBytes += hub.log.bytes;
  }
  const { heapUsed, rss } = process.memoryUsage();
  const lines: string[] = [];
  const add = (name: string, type: 'gauge' | 'counter', help: string, samples: Iterable<readonly [string, number]>) => {
    lines.push(`# HELP kernelkit_${name} ${help}`, `# TYPE kernelkit_${name} ${type}`);
    for (const [labels, value] of samples) lines.push(`kernelkit_${name}${labels} ${value}`);
  };
  add('kernels', 'gauge', 'Kernels by what they do.', label('state', states));
  add('connections', 'gauge', 'Open connections to kernels.', [['', connections]]);
  add('sessions', 'gauge', 'Sessions.', [['', sessions.list().length]]);
  add('log_bytes', 'gauge', 'Bytes of messages that are kept.', [['', logBytes]]);
  add('kernels_started_total', 'counter', 'Kernels that were started.', [['', kernels.started]]);
  add('kernel_failures_total', 'counter', 'Starts that failed, and deaths.', [['', counters.failures]]);
  add('kernels_culled_total', 'counter', 'Kernels that were idle for too long.', [['', counters.culled]]);
  add('messages_refused_total', 'counter', 'Messages of clients that could not be read.', [['', counters.refused]]);
  add('messages_lost_total', 'counter', 'Messages given up for slow clients.', [['', counters.lost]]);
  add('http_answers_total', 'counter', 'Answers by status.', label('status', counters.answers));
  add('heap_bytes', 'gauge', 'Memory of the JavaScript heap in use.', [['', heapUsed]]);
  add('resident_bytes', 'gauge', 'Resident memory.', [['', rss]]);
  return `${lines.join('\n')}\n`;
}

// only words of ours are labels: nothing of them has to be escaped
const label = (name: string, values: ReadonlyMap<string, number>) =>
  [...values].map(([value, count]) => [`{${name}="${value}"}`, count] as const);
