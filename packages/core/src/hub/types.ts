import type { JupyterMessage } from '@kernelkit/protocol';
import type { ChannelNotice, KernelInfo } from '../channels/index.js';
import type { KernelHost } from '../kernel/index.js';

/** What a kernel does, in Jupyter Server's words (`execution_state`). */
export type HubState = 'starting' | 'idle' | 'busy' | 'restarting' | 'autorestarting' | 'dead';

/** One message of a kernel, as its clients get it: normalised, with one session id for the life of the process. */
export interface LogEntry {
  /**
   * 1, 2, 3, … for the life of the kernel's id; numbers are skipped only where the log of an earlier gateway goes on. Where a client reads on
   * is the number of the last entry that it has seen.
   */
  readonly seq: number;
  /** Null: for every client (iopub). Else the Jupyter session whose request it answers (shell, control, stdin). */
  readonly to: string | null;
  readonly message: JupyterMessage;
  /** What it counts against the bounds. */
  readonly bytes: number;
  /** The message as it goes over a WebSocket (v1), where somebody has written it: so it is for whoever writes it next. */
  frame?: Uint8Array;
}

/** What a client is handed: a message, or the news that some are gone, in their place. */
export type HubItem =
  | { readonly kind: 'message'; readonly entry: LogEntry }
  /** The client was too far behind: so many entries, from one number to the other, were given up. */
  | {
      readonly kind: 'lost';
      readonly from: number;
      readonly to: number;
      readonly messages: number;
      readonly bytes: number;
    };

/** The hub was closed, and its kernel ended; the same session came back on another connection; the hub has left, and its kernel runs on. */
export type GoneReason = 'closed' | 'replaced' | 'left';

/** Who a client of a hub is, from where it reads, and how it is told that there is something to take. */
export interface HubClientOptions {
  /** Jupyter's `session_id`. One that comes back with the same gets what it missed since it left, as far as the log goes. */
  readonly session: string;
  /** Read on after this entry instead (0: all that is kept): a reloaded page, another machine. */
  readonly after?: number;
  /** It does not come back under this name: where it stood need not be known. */
  readonly isPassing?: boolean;
  /** Other sessions whose answers and questions it takes over: what a page was before it was reloaded. */
  readonly inherits?: readonly string[];
  /** Called when something waits after `take` has answered null; also once for what waits at the beginning. */
  readonly wake: () => void;
  /** Called once when there will be no more from here. */
  readonly gone?: (reason: GoneReason) => void;
}

/** A client's end of a hub. It is pulled: a client that does not take costs the others nothing, and memory up to the log's bound. */
export interface HubConnection {
  readonly session: string;
  /** The next item for this client; null: none waits, `wake` will be called. */
  take(): HubItem | null;
  /** The number of the last entry that was taken (or skipped as somebody else's). */
  readonly cursor: number;
  /** Sends a request of the client's to the kernel; one that comes before the kernel is up is kept until then (bounded). Never throws. */
  send(message: JupyterMessage): void;
  /** Leaves. What comes for its session is kept in the log like everything else. */
  close(): void;
}

/** How what is kept for clients that are away is made smaller; what `deflate` gives is kept as it is. */
export interface HubCodec {
  deflate(data: Uint8Array): Uint8Array;
  inflate(data: Uint8Array): Uint8Array;
}

/** What a hub keeps, how much of it and where, and who hears of what happens. */
export interface HubOptions {
  /** Bytes of messages that are kept for clients that are away. Default 16 MiB. */
  readonly keepBytes?: number;
  /** Bytes that are kept while a client that is there has not taken them yet. Default 512 MiB. */
  readonly maxBytes?: number;
  /** Bytes of requests that wait for a kernel that is not up yet. Default 16 MiB. */
  readonly maxPendingBytes?: number;
  /** Where the log is kept beyond this process. Default: nowhere. */
  readonly store?: HubStore;
  /** Default: what is kept is not made smaller. */
  readonly codec?: HubCodec;
  readonly onEvent?: (event: HubEvent) => void;
}

/** What happens to a kernel, for whoever lists, culls or logs. */
export type HubEvent =
  | { readonly kind: 'state'; readonly state: HubState }
  | { readonly kind: 'activity' }
  | { readonly kind: 'connections'; readonly connections: number }
  /** Something that the kernel sent is missing, or could not be made sense of. */
  | { readonly kind: 'notice'; readonly notice: ChannelNotice }
  /** It could not be started, or died. `error` is a KernelStartError, KernelDiedError or what the host threw. */
  | { readonly kind: 'failed'; readonly error: Error; readonly willRestart: boolean };

/** A request that a client has made of the kernel, and that is not answered yet. */
export interface OpenRequest {
  readonly session: string;
  readonly channel: JupyterMessage['channel'];
  readonly header: JupyterMessage['header'];
  /** Its msg_id towards the kernel. */
  readonly id: string;
}

/** How much there was, of entries that are gone. */
export interface Tally {
  messages: number;
  bytes: number;
}

/** What is left of the log of an earlier hub. */
export interface RestoredLog {
  /** In their order, without a gap but where an earlier log was restored. */
  readonly entries: readonly LogEntry[];
  /** No higher number was given. */
  readonly last: number;
  readonly gone: { readonly toAll: Tally; readonly to: ReadonlyMap<string, Tally> };
}

/** What an earlier hub of the same kernel had. */
export interface RestoredHub {
  readonly log: RestoredLog;
  /** Until when it is known that the kernel's output was read. */
  readonly until: Date;
  /** Whether the end of what was written could not be read: it was cut off, or damaged. */
  readonly isCut: boolean;
  /** Where each session's client stood. */
  readonly places: ReadonlyMap<string, number>;
  readonly requests: readonly OpenRequest[];
  /** Where the output of what runs begins. */
  readonly runs: Runs | null;
}

/** What runs: the number of its `busy`, and its msg_id, where that is known. */
export interface Runs {
  readonly seq: number;
  readonly parent: string | undefined;
}

/** What of a hub changes beside its log. */
export interface HubPlaces {
  readonly places: ReadonlyMap<string, number>;
  readonly requests: readonly OpenRequest[];
  readonly runs: Runs | null;
}

/** Keeps a hub's log beyond its process. Nothing here throws, or waits for a disk. */
export interface HubStore {
  readonly restored: RestoredHub | null;
  /** Called once, by the hub: where it can ask for the rest. */
  begin(look: () => HubPlaces): void;
  append(entry: LogEntry): void;
  asked(request: OpenRequest): void;
  /** A client has come to another place, or left. */
  moved(): void;
}

/** How a hub gets its kernel. The hub owns the host from then on. */
export type HubStart = (signal: AbortSignal) => Promise<KernelHost>;

/** One kernel and any number of clients. */
export interface Hub extends AsyncDisposable {
  /** The kernel's id, for good. */
  readonly id: string;
  readonly state: HubState;
  /** Why it is dead or could not be started; null while it is neither. */
  readonly failure: Error | null;
  /** Null until the kernel has said it. */
  readonly info: KernelInfo | null;
  /** As Jupyter Server counts it: jupyter-protocol.md §5.3. */
  readonly lastActivity: Date;
  readonly connections: number;
  /** The numbers of the first entry that is kept, and of the last. */
  readonly log: { readonly first: number; readonly last: number; readonly bytes: number };
  /** Resolves when the kernel is up. @throws what its start failed with */
  readonly ready: Promise<void>;
  /** Answers at once, whatever the kernel does. */
  attach(client: HubClientOptions): HubConnection;
  interrupt(): Promise<void>;
  /** A fresh process under the same id; the clients stay. Resolves when it answers. Starts one that is dead, too. */
  restart(signal?: AbortSignal): Promise<void>;
  /** Ends the kernel, and tells the clients. */
  close(): Promise<void>;
  /** Lets go of a kernel that may stay, and of the clients. One that is still coming up, or whose host cannot leave it, is ended. */
  leave(): Promise<void>;
}
