import { resolve } from 'node:path';
import type { GatewayOptions, ListenOptions } from '@kernelkit/server';
import { currentDirectory, directory } from '../directory.js';
import { UsageError } from '../errors.js';
import { secretOf } from '../secrets.js';
import type { Settings } from './settings.js';
import { whole } from './values.js';

const ms = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);

/** The settings as the gateway takes them. @throws UsageError */
export async function gatewayOptions(settings: Settings): Promise<GatewayOptions> {
  const { rootDir, allowOrigin, allowOriginPat, allowCredentials, allowHost, allowEnv, autoRestart, baseUrl } =
    settings;
  return {
    ...{ baseUrl, autoRestart, allowCredentials },
    rootDir: rootDir === undefined ? currentDirectory() : await directory(rootDir, '--root-dir'),
    ...defined({
      allowOriginPattern: allowOriginPat === undefined ? undefined : new RegExp(whole(allowOriginPat)),
      ...{ allowOrigins: allowOrigin, allowedHosts: allowHost, allowedEnv: allowEnv },
      ...{ defaultKernel: settings.defaultKernel, maxKernels: settings.maxKernels, maxBodyBytes: settings.maxBody },
      startTimeout: ms(settings.startTimeout),
    }),
    cull: {
      ...{ busy: settings.cullBusy, connected: settings.cullConnected },
      ...defined({ idleTimeout: settings.cullIdleTimeout, interval: settings.cullInterval }),
    },
    hub: defined({ keepBytes: settings.logKeep, maxBytes: settings.logMax }),
    webSockets: defined({
      ...{ maxFrameBytes: settings.maxFrame },
      ...{ pingInterval: ms(settings.pingInterval), pingTimeout: ms(settings.pingTimeout) },
    }),
    connections: defined({
      ...{ maxConnections: settings.maxConnections, maxUrlLength: settings.maxUrl },
      ...{ maxWebSockets: settings.maxWebsockets, maxWebSocketsPerKernel: settings.maxWebsocketsPerKernel },
      ...{ headersTimeout: ms(settings.headersTimeout), requestTimeout: ms(settings.requestTimeout) },
      idleTimeout: ms(settings.idleTimeout),
    }),
  };
}

/** @throws UsageError for what cannot be given together */
export function listenOptions({ host, port, socket, certfile, keyfile }: Settings): ListenOptions {
  if ((certfile === undefined) !== (keyfile === undefined))
    throw new UsageError('--certfile and --keyfile go together');
  if (socket !== undefined) {
    if (certfile !== undefined) throw new UsageError('--certfile is for a port, and --socket has none');
    return { socketPath: resolve(socket) };
  }
  if (certfile === undefined || keyfile === undefined) return { host, port };
  const passphrase = secretOf('KERNELKIT_SERVE_KEY_PASSPHRASE');
  return { host, port, tls: { cert: certfile, key: keyfile, ...(passphrase !== null && { passphrase }) } };
}

type Defined<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Without what is undefined: options that are not there have their defaults. */
function defined<T extends object>(options: T): Defined<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<T>;
}
