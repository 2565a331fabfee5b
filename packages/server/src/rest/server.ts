import type { Hono } from 'hono';
import { version } from '../version.js';
import { answer, failure } from './answers.js';
import type { Contract } from './contract.js';
import { metricsText } from './metrics.js';
import { openApi } from './openapi.js';

/** The version of Jupyter Server whose contract this is: clients go by it. */
const CONTRACT_VERSION = '2.17.0';

export function serverRoutes(app: Hono, contract: Contract): void {
  const { kernels, counters, started, baseUrl } = contract;
  app.get('/api', () => answer(200, { version: CONTRACT_VERSION, kernelkit: version }));
  app.get('/healthz', () => answer(200, { status: 'ok' }));
  app.get('/api/status', () => {
    const running = kernels.list();
    const last = Math.max(+counters.lastRequest, ...running.map(({ hub }) => +hub.lastActivity));
    return answer(200, {
      connections: running.reduce((sum, { hub }) => sum + hub.connections, 0),
      kernels: running.length,
      last_activity: new Date(last).toISOString(),
      started: started.toISOString(),
    });
  });
  app.get('/api/me', ({ req }) => {
    const asked = permissionsOf(req.query('permissions'));
    if (asked === null) return failure(400, 'permissions must be a JSON object of lists of texts');
    return answer(200, { identity: IDENTITY, permissions: { ...asked, updatable_fields: [] } });
  });
  app.get('/api/spec.json', () => answer(200, openApi(baseUrl)));
  // JSON is YAML, too
  app.get(
    '/api/spec.yaml',
    () => new Response(JSON.stringify(openApi(baseUrl), null, 2), { headers: { 'Content-Type': 'text/x-yaml' } }),
  );
  app.get(
    '/metrics',
    () => new Response(metricsText(contract), { headers: { 'Content-Type': 'text/plain; version=0.0.4' } }),
  );
}

/** There is one user: whoever has the token. */
const IDENTITY = {
  username: 'kernelkit',
  name: 'Kernelkit',
  display_name: 'Kernelkit',
  initials: 'K',
  avatar_url: null,
  color: null,
};

/** That user may do everything; null where what is asked for cannot be read. */
function permissionsOf(text: string | undefined): Record<string, string[]> | null {
  if (text === undefined || text === '') return {};
  try {
    const asked: unknown = JSON.parse(text);
    if (typeof asked !== 'object' || asked === null || Array.isArray(asked)) return null;
    const isList = (actions: unknown) =>
      Array.isArray(actions) && actions.every((action) => typeof action === 'string');
    return Object.values(asked).every(isList) ? (asked as Record<string, string[]>) : null;
  } catch {
    return null;
  }
}
