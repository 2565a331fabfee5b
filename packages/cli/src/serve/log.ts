import { type GatewayEvent, KeepError } from '@kernelkit/server';
import { errorDocument } from '../report.js';
import type { Screen } from '../screen.js';
import { shownText } from '../secrets.js';
import { oneLine } from '../width.js';

type Level = 'info' | 'warning' | 'error';

/** What the gateway tells on standard error. */
export interface ServeLog {
  /** @param fields what a program reads; `message` is for people */
  tell(level: Level, event: string, message: string, fields?: Record<string, unknown>): void;
}

/** Lines for people; --quiet holds back what is no problem. What a client sent stands in some of them: it moves no cursor. */
export function textLog(screen: Screen): ServeLog {
  return {
    tell: (level, _event, message) =>
      level === 'info' ? screen.note(oneLine(message)) : screen.warn(oneLine(message)),
  };
}

/** One JSON object a line, without the secrets: for programs that gather logs. */
export function jsonLog(screen: Screen): ServeLog {
  return {
    tell(level, event, message, fields = {}) {
      if (level === 'info' && screen.quiet) return;
      const line = JSON.stringify({ time: new Date().toISOString(), level, event, message, ...fields });
      // a secret that JSON has escaped would not be found in the whole line
      void screen.error(`${shownText(JSON.stringify(mapTexts(JSON.parse(line), shownText)))}\n`);
    },
  };
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapTexts(each, change)]));
}

/** Of what clients cause so much is told in a while; the rest is counted: a broken client fills no disk. */
const MOST = 20;
const WHILE_MS = 10_000;

/** Tells the gateway's events. */
export class EventLog {
  readonly #log: ServeLog;
  readonly #counts = new Map<string, number>();
  #since = 0;

  constructor(log: ServeLog) {
    this.#log = log;
  }

  readonly take = (event: GatewayEvent, now: number = performance.now()): void => {
    if (now - this.#since > WHILE_MS) this.#next(now);
    if (isClients(event)) {
      const before = this.#counts.get(event.kind) ?? 0;
      this.#counts.set(event.kind, before + 1);
      // told also where nothing else comes
      if (before === MOST)
        setTimeout(() => this.#next(performance.now()), Math.max(0, this.#since + WHILE_MS - now)).unref();
      if (before >= MOST) return;
    }
    const { kind, ...fields } = event;
    const told = 'error' in fields ? { ...fields, error: errorDocument(fields.error) } : fields;
    this.#log.tell(levelOf(event), kind, lineOf(event), told);
  };

  #next(now: number): void {
    for (const [kind, count] of this.#counts) {
      const more = count - MOST;
      if (more > 0) this.#log.tell('warning', kind, `${kind}: ${more} more, not told`, { more });
    }
    this.#counts.clear();
    this.#since = now;
  }
}

const isClients = ({ kind }: GatewayEvent) =>
  kind === 'message-refused' || kind === 'messages-lost' || kind === 'request-failed';

function levelOf({ kind }: GatewayEvent): Level {
  if (kind === 'kernel-failed' || kind === 'request-failed') return 'error';
  return kind === 'message-refused' || kind === 'messages-lost' ? 'warning' : 'info';
}

/** For people. */
export function lineOf(event: GatewayEvent): string {
  if (event.kind === 'kernel-started')
    return `kernel ${event.id} (${event.name}) ${event.adopted ? 'is of the gateway before' : 'starts'}`;
  if (event.kind === 'kernel-failed') return `kernel ${event.id} (${event.name}) failed: ${event.error.message}`;
  if (event.kind === 'kernel-ended' && event.why === 'left') return `kernel ${event.id} (${event.name}) runs on`;
  if (event.kind === 'kernel-ended') return `kernel ${event.id} (${event.name}) ended (${event.why})`;
  if (event.kind === 'messages-lost') return `kernel ${event.id}: a client lost ${event.messages} messages`;
  if (event.kind === 'message-refused') return `kernel ${event.id}: a message was refused: ${event.reason}`;
  const { method, path, error } = event;
  // no defect, but what the disk says; `keep` has a kernel's id in the path's place
  if (error instanceof KeepError) return `${method === 'keep' ? 'kernel' : method} ${path}: ${error.message}`;
  return `a defect: ${method} ${path}: ${error instanceof Error ? error.message : String(error)}`;
}
