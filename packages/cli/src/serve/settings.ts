import {
  bytes,
  count,
  list,
  logFormat,
  origins,
  pattern,
  plain,
  port,
  seconds,
  secondsOrNone,
  yesOrNo,
} from './values.js';

/** What `kernelkit serve` can be told. */
export interface Settings {
  host: string;
  port: number;
  socket?: string;
  baseUrl: string;
  certfile?: string;
  keyfile?: string;
  token?: string;
  tokenFile?: string;
  allowOrigin?: string[];
  allowOriginPat?: string;
  allowCredentials: boolean;
  allowHost?: string[];
  rootDir?: string;
  defaultKernel?: string;
  allowEnv?: string[];
  startTimeout?: number;
  autoRestart: boolean;
  maxKernels?: number;
  /** A directory, or yes: the usual one. */
  keep?: string;
  cullIdleTimeout?: number;
  cullInterval?: number;
  cullBusy: boolean;
  cullConnected: boolean;
  logKeep?: number;
  logMax?: number;
  maxBody?: number;
  maxFrame?: number;
  maxConnections?: number;
  maxWebsockets?: number;
  maxWebsocketsPerKernel?: number;
  maxUrl?: number;
  headersTimeout?: number;
  requestTimeout?: number;
  idleTimeout?: number;
  pingInterval?: number;
  pingTimeout?: number;
  logFormat: 'text' | 'json';
}

type Name = keyof Settings;

/** One of them: a flag of that name (`maxBody`: `--max-body`), and a variable (`KERNELKIT_SERVE_MAX_BODY`). */
export interface Setting<T> {
  /** What stands behind the flag; none: it is yes or no. */
  readonly value?: string;
  readonly text: string;
  readonly parse: (text: string) => T;
  /** Where it is not told; the help shows it. */
  readonly fallback?: T;
  /** How the help shows what is done without. */
  readonly shown?: string;
}

const several = '; may be given several times';

export const SETTINGS: { readonly [K in Name]-?: Setting<NonNullable<Settings[K]>> } = {
  host: { value: '<host>', text: 'the address', parse: plain, fallback: '127.0.0.1' },
  port: { value: '<port>', text: 'the port; 0: any that is free', parse: port, fallback: 8888 },
  socket: { value: '<path>', text: 'a Unix socket instead, for you alone; it asks for no token', parse: plain },
  baseUrl: { value: '<path>', text: 'what all paths begin with', parse: plain, fallback: '/' },
  certfile: { value: '<file>', text: 'https, with this certificate (PEM)', parse: plain },
  keyfile: { value: '<file>', text: 'its key (passphrase: KERNELKIT_SERVE_KEY_PASSPHRASE)', parse: plain },

  token: { value: '<token>', text: "what clients have to bring, '' for nothing; ps shows it to all", parse: String },
  tokenFile: { value: '<file>', text: 'a file with it', parse: plain },
  allowOrigin: { value: '<origin>', text: `another site whose pages may ask; * for all${several}`, parse: origins },
  allowOriginPat: { value: '<regex>', text: 'more of them: what all of it fits', parse: pattern },
  allowCredentials: { text: "their pages may use a browser's login, but for *", parse: yesOrNo, fallback: false },
  allowHost: { value: '<name>', text: `a name that it may be asked for by, beside localhost${several}`, parse: list },

  rootDir: { value: '<dir>', text: 'where the paths of sessions begin', parse: plain, shown: 'here' },
  defaultKernel: { value: '<name>', text: 'for clients that name none', parse: plain, shown: 'python3' },
  allowEnv: { value: '<name>', text: `a variable that clients may set, beside KERNEL_*${several}`, parse: list },
  startTimeout: { value: '<s>', text: 'seconds that one may take to answer', parse: seconds, shown: '60' },
  autoRestart: { text: 'leave one that dies dead', parse: yesOrNo, fallback: true },
  maxKernels: { value: '<n>', text: 'kernels at once', parse: count, shown: 'no limit' },
  keep: {
    ...{ value: '[dir]', text: 'they run on when the gateway ends, for the next one', parse: plain },
    shown: 'not; without <dir>: in your state directory',
  },
  logKeep: { value: '<bytes>', text: "of one's messages, for clients that come back", parse: bytes, shown: '16M' },
  logMax: { value: '<bytes>', text: 'of them, while a client is slow', parse: bytes, shown: '512M' },

  cullIdleTimeout: { value: '<s>', text: 'after so many seconds', parse: secondsOrNone, shown: '0, never' },
  cullInterval: { value: '<s>', text: 'seconds between two looks', parse: seconds, shown: '300' },
  cullBusy: { text: 'also those that are busy', parse: yesOrNo, fallback: false },
  cullConnected: { text: 'also those that somebody is connected to', parse: yesOrNo, fallback: false },

  maxBody: { value: '<bytes>', text: 'of a request', parse: bytes, shown: '1M' },
  maxFrame: { value: '<bytes>', text: 'of a WebSocket message', parse: bytes, shown: '256M' },
  maxUrl: { value: '<n>', text: 'characters of a URL', parse: count, shown: '8192' },
  maxConnections: { value: '<n>', text: 'connections at once', parse: count, shown: '4096' },
  maxWebsockets: { value: '<n>', text: 'WebSockets at once', parse: count, shown: '2048' },
  maxWebsocketsPerKernel: { value: '<n>', text: 'to one kernel', parse: count, shown: '256' },
  headersTimeout: { value: '<s>', text: "seconds for a request's headers", parse: seconds, shown: '15' },
  requestTimeout: { value: '<s>', text: 'seconds for all of it', parse: seconds, shown: '60' },
  idleTimeout: { value: '<s>', text: 'seconds in which nothing moves', parse: seconds, shown: '300' },
  pingInterval: { value: '<s>', text: 'seconds between pings of a WebSocket', parse: seconds, shown: '30' },
  pingTimeout: { value: '<s>', text: 'seconds until a silent one is closed', parse: seconds, shown: '90' },

  logFormat: { value: '<format>', text: 'text, or json: an object a line', parse: logFormat, fallback: 'text' },
};

/** Headings of the help, and what stands below them. */
export const GROUPS: readonly (readonly [string, readonly Name[]])[] = [
  ['Where it listens:', ['host', 'port', 'socket', 'baseUrl', 'certfile', 'keyfile']],
  ['Who may ask:', ['token', 'tokenFile', 'allowOrigin', 'allowOriginPat', 'allowCredentials', 'allowHost']],
  [
    'Kernels:',
    ['rootDir', 'defaultKernel', 'allowEnv', 'startTimeout', 'autoRestart', 'maxKernels', 'keep', 'logKeep', 'logMax'],
  ],
  ['Kernels that nobody uses are ended:', ['cullIdleTimeout', 'cullInterval', 'cullBusy', 'cullConnected']],
  [
    'Limits:',
    [
      ...(['maxBody', 'maxFrame', 'maxUrl', 'maxConnections', 'maxWebsockets', 'maxWebsocketsPerKernel'] as const),
      ...(['headersTimeout', 'requestTimeout', 'idleTimeout', 'pingInterval', 'pingTimeout'] as const),
    ],
  ],
  ['What it tells, on standard error:', ['logFormat']],
];

/** `maxBody` → `max-body` */
export const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export const PREFIX = 'KERNELKIT_SERVE_';

/** `maxBody` → `KERNELKIT_SERVE_MAX_BODY` */
export const variableOf = (name: string): string => `${PREFIX}${flagOf(name).replaceAll('-', '_').toUpperCase()}`;
