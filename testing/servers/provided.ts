import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeProvided, type Provided } from '../support/provided.js';

/** The servers that testing/kernels.mjs provides. */
export type ServerName =
  | 'jupyter-server'
  | 'jupyter-server1'
  | 'notebook6'
  | 'kernel-gateway'
  | 'jupyterhub'
  | 'jupyterlab';

/** A real Jupyter server (one entry of testing/.cache/servers.json). */
export interface ProvidedServer extends Provided {
  readonly name: ServerName;
  readonly python: string | null;
  /** The hub's proxy, a program for node. */
  readonly proxy: string | null;
}

// the suite's own tests put another list in its place
const LIST = process.env.KERNELKIT_TEST_SERVERS ?? fileURLToPath(new URL('../.cache/servers.json', import.meta.url));
let known: ReadonlyMap<string, ProvidedServer> | undefined;

/** @throws Error when `npm run kernels` has never run */
function servers(): ReadonlyMap<string, ProvidedServer> {
  known ??= readServers();
  return known;
}

function readServers(): ReadonlyMap<string, ProvidedServer> {
  let text: string;
  try {
    text = readFileSync(LIST, 'utf8');
  } catch (cause) {
    throw new Error(`${LIST} is not there: run \`npm run kernels\` first`, { cause });
  }
  const list: { servers: Record<string, ProvidedServer> } = JSON.parse(text);
  return new Map(Object.entries(list.servers));
}

/** One server, whether it is available or not. */
export function provided(name: ServerName): ProvidedServer {
  const found = servers().get(name);
  if (found === undefined) throw new Error(`testing/kernels.mjs knows no server ${name}`);
  return found;
}

/** The interpreter of a server. Use it inside `describeServer(name, …)`. */
export function pythonOf(name: ServerName): string {
  const { python, reason } = provided(name);
  if (python === null) throw new Error(`${name} is missing: ${reason}`);
  return python;
}

/** A suite that needs these servers, once for each; skipped, listed or failing as in `describeKernel`. */
export function describeServer(
  names: ServerName | readonly ServerName[],
  body: (server: ProvidedServer) => void,
): void {
  for (const name of typeof names === 'string' ? [names] : names) {
    describeProvided('server', provided(name), [...servers().values()], body);
  }
}
