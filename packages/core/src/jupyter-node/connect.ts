import {
  type HubServerOptions,
  hubServer,
  JupyterServer,
  type PastedServer,
  ServerError,
  serverFromUrl,
  withSettings,
} from '../jupyter/index.js';
import { logIn } from './login.js';
import { type NodeNetworkOptions, nodeNetwork } from './network.js';
import { cookieNetwork } from './session.js';

export interface ConnectServerOptions extends NodeNetworkOptions {
  /** Instead of the URL's. */
  readonly token?: string;
  readonly password?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How a hub's server is waited for. `false`: it is not; one that does not run is an error. */
  readonly hub?: Pick<HubServerOptions, 'start' | 'timeoutMs' | 'onProgress'> | false;
  readonly signal?: AbortSignal;
}

/**
 * From what a user pastes to a server that lets one in: its certificate is trusted, a hub's server runs, the password was taken.
 * @throws ServerError, AbortedError
 */
export async function connectServer(pasted: string, options: ConnectServerOptions = {}): Promise<PastedServer> {
  const { token, headers } = options;
  // the URL before the certificates: it is what is wrong more often
  const url = serverFromUrl(pasted, { ...(token !== undefined && { token }), ...(headers && { headers }) });
  const network = await nodeNetwork(options);
  try {
    return await letIn(withSettings(url, { network }), options);
  } catch (error) {
    await network.close();
    throw error;
  }
}

async function letIn(
  settings: PastedServer,
  { password, hub = {}, signal }: ConnectServerOptions,
): Promise<PastedServer> {
  const by = signal === undefined ? {} : { signal };
  if (password !== undefined) settings = await logIn(settings, password, by);
  // Servers that let everybody in still want the proof that a token would be
  else if (settings.token === '') settings = withSettings(settings, { network: cookieNetwork(settings).network });
  if (settings.hub?.user === null && hub !== false)
    settings = await hubServer(settings, settings.hub, { ...hub, ...by });
  try {
    await new JupyterServer(settings).check(by);
  } catch (error) {
    if (settings.hub === null || hub === false || !mayBeStopped(error, settings.hub.server)) throw error;
    settings = await hubServer(settings, settings.hub, { ...hub, ...by });
    await new JupyterServer(settings).check(by);
  }
  return settings;
}

/** Where a server with a name does not run, the user's default one answers for it, and has never heard of it. */
function mayBeStopped(error: unknown, server: string): boolean {
  if (!(error instanceof ServerError)) return false;
  return error.kind === 'server-spawning' || (error.kind === 'server-not-jupyter' && server !== '');
}
