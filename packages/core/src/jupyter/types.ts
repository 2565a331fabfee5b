/** The platform's own ways to the network, as browsers have them; a program may bring its own (a proxy, certificates, a handler in the same process). */
export interface Network {
  fetch: (input: string, init?: RequestInit) => Promise<Response>;
  /** Headers are for those that can send them (Node); a browser's WebSocket cannot, and takes the token from the URL. */
  openWebSocket: (
    url: string,
    protocols: readonly string[],
    headers: Readonly<Record<string, string>>,
  ) => WebSocketLike;
}

/** What is used of a WebSocket. `binaryType` is set to `arraybuffer`. */
export interface WebSocketLike {
  readonly readyState: number;
  readonly protocol: string;
  readonly bufferedAmount: number;
  binaryType: string;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: unknown) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string; wasClean?: boolean }) => void) | null;
  onerror: ((event: unknown) => void) | null;
}

/** How a server is reached. Made from what a user pastes by `serverFromUrl`; nothing in it is printed. */
export interface ServerSettings {
  /** With the base path and a slash at its end: `https://hub.example.org/user/ann/`. */
  readonly baseUrl: string;
  /** Empty: none. */
  readonly token: string;
  /** Sent with every request, and with the WebSocket's where that can. */
  readonly headers: Readonly<Record<string, string>>;
  readonly network: Network;
}

/** A kernel as a server tells of it (`GET /api/kernels`). */
export interface KernelModel {
  id: string;
  name: string;
  last_activity: string | null;
  execution_state: string | null;
  connections: number | null;
  reason?: string;
  /** What a gateway of ours adds. */
  kernelkit?: Readonly<Record<string, unknown>>;
}

/** A session as a server tells of it (`GET /api/sessions`). */
export interface SessionModel {
  id: string;
  path: string;
  name: string;
  type: string;
  kernel: KernelModel | null;
}

/** `GET /api/kernelspecs`. */
export interface KernelSpecsModel {
  default: string;
  kernelspecs: Record<string, { name: string; spec: Record<string, unknown>; resources: Record<string, string> }>;
}
