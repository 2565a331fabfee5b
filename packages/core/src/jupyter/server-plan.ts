import { shownUrl } from './secrets.js';
import { lastPart, type StartServerKernelOptions } from './server-kernel.js';
import type { ServerSettings } from './types.js';

/** One request to a server, as it may be shown. */
export interface PlannedRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Without a token. What only the server's answers tell stands in braces: `{kernel}`, `{session}`. */
  url: string;
  body: Record<string, unknown> | null;
}

/** What starting or joining a kernel would ask of its server. */
export interface PlannedExchange {
  /** In their order; a DELETE, the last, is for `close`. */
  requests: PlannedRequest[];
  /** The kernel's WebSocket. A token goes in a header where the platform can send one, and shows here in no case. */
  webSocket: string;
  /** Whether `close` ends the kernel, where it is not one that the path had already. */
  owned: boolean;
}

/**
 * What `startServerKernel`, or with an id `connectServerKernel`, would ask. Asks nobody anything.
 * @param kernelId null: it is to be started
 */
export function planExchange(
  settings: ServerSettings,
  kernelId: string | null,
  options: StartServerKernelOptions = {},
): PlannedExchange {
  const at = (path: string) => `${shownUrl(settings.baseUrl)}api/${path}`;
  const owned = options.owned ?? kernelId === null;
  const kernel = `kernels/${kernelId === null ? '{kernel}' : encodeURIComponent(kernelId)}`;
  const session = kernelId === null && options.withoutSession !== true ? 'sessions/{session}' : null;
  // Looked at before each try to open the WebSocket: a server lets one wait for a kernel that it does not have.
  const look: PlannedRequest = { method: 'GET', url: at(kernel), body: null };
  const begin = kernelId === null ? [...beginnings(options, at), look] : [look];
  const end: PlannedRequest = { method: 'DELETE', url: at(session ?? kernel), body: null };
  return {
    requests: owned ? [...begin, end] : begin,
    webSocket: `${at(kernel).replace(/^http/, 'ws')}/channels`,
    owned,
  };
}

function beginnings(
  { name, path, type = 'console', sessionName, withoutSession }: StartServerKernelOptions,
  at: (path: string) => string,
): PlannedRequest[] {
  const asked = name === undefined ? {} : { name };
  if (withoutSession) {
    return [{ method: 'POST', url: at('kernels'), body: { ...asked, ...(path !== undefined && { path }) } }];
  }
  const called = sessionName ?? lastPart(path ?? UNIQUE);
  // A name of its own tells whether the path had a session: server-kernel.ts.
  const body = { path: path ?? UNIQUE, type, name: path === undefined ? called : UNIQUE, kernel: asked };
  const rename: PlannedRequest = { method: 'PATCH', url: at('sessions/{session}'), body: { name: called } };
  return [{ method: 'POST', url: at('sessions'), body }, ...(path === undefined ? [] : [rename])];
}

const UNIQUE = 'kernelkit-{uuid}';
