/** The same requests to a real jupyter_server and to the gateway; where they differ, why. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeServer, jupyterServer, type RunningJupyter } from '../../../testing/servers/index.js';
import { type TestGateway, testGateway } from './support.js';

interface Answer {
  status: number;
  shape: unknown;
  headers: Record<string, string | null>;
}

const NOBODY = '00000000-0000-4000-8000-000000000000';

/** Requests in their order: `K` stands for the kernel, `S` for the session that was made last. */
const REQUESTS: {
  method: string;
  path: string;
  body?: string;
  ours?: { status?: number; shape?: unknown; why: string };
}[] = [
  { method: 'GET', path: 'api', ours: { shape: { version: 'string', kernelkit: 'string' }, why: 'says whose it is' } },
  { method: 'GET', path: 'api/kernels' },
  { method: 'POST', path: 'api/kernels', body: '{"name":"python3"}' },
  { method: 'GET', path: 'api/kernels' },
  { method: 'GET', path: 'api/kernels/K' },
  { method: 'POST', path: 'api/kernels/K/interrupt' },
  { method: 'POST', path: 'api/kernels/K/restart' },
  { method: 'GET', path: `api/kernels/${NOBODY}` },
  { method: 'POST', path: `api/kernels/${NOBODY}/interrupt` },
  {
    ...{ method: 'POST', path: `api/kernels/${NOBODY}/restart` },
    ours: { status: 404, shape: FAILURE(), why: 'an unknown id is no failure of the server' },
  },
  { method: 'DELETE', path: `api/kernels/${NOBODY}` },
  { method: 'PUT', path: 'api/kernels', ours: { shape: FAILURE(), why: 'no traceback for what is no defect' } },
  {
    method: 'POST',
    path: 'api/kernels',
    body: '{',
    ours: { shape: FAILURE(), why: 'no traceback for what is no defect' },
  },
  {
    ...{ method: 'POST', path: 'api/kernels', body: '{"name":"no-such"}' },
    ours: { shape: { message: 'string', reason: 'string' }, why: 'it is said what is wrong' },
  },
  { method: 'GET', path: 'api/kernelspecs/python3', ours: { why: 'metadata and resources are their own' } },
  { method: 'GET', path: 'api/kernelspecs/no-such' },
  { method: 'GET', path: 'api/sessions' },
  {
    method: 'POST',
    path: 'api/sessions',
    body: '{"path":"a.ipynb","type":"notebook","name":"a","kernel":{"name":"python3"}}',
  },
  {
    method: 'POST',
    path: 'api/sessions',
    body: '{"path":"a.ipynb","type":"notebook","name":"a","kernel":{"name":"python3"}}',
  },
  { method: 'GET', path: 'api/sessions/S' },
  { method: 'PATCH', path: 'api/sessions/S', body: '{"path":"b.ipynb","name":"b"}' },
  { method: 'PATCH', path: 'api/sessions/S', body: '{"type":"console"}' },
  { method: 'PATCH', path: 'api/sessions/S', body: `{"kernel":{"id":"${NOBODY}"}}` },
  { method: 'PATCH', path: 'api/sessions/S', body: '{"kernel":{"name":"python3"}}' },
  { method: 'POST', path: 'api/sessions', body: '{"type":"notebook"}' },
  { method: 'POST', path: 'api/sessions', body: '{"path":"c.ipynb"}' },
  {
    method: 'POST',
    path: 'api/sessions',
    body: '{"path":"d.ipynb","type":"notebook","name":"","kernel":{"name":"no-such"}}',
  },
  {
    method: 'POST',
    path: 'api/sessions',
    body: '{"notebook":{"path":"e.ipynb","name":"e"},"kernel":{"name":"python3"}}',
    ours: { why: 'the name that the notebook gives counts; Jupyter forgets it' },
  },
  { method: 'GET', path: `api/sessions/${NOBODY}` },
  { method: 'DELETE', path: `api/sessions/${NOBODY}` },
  { method: 'DELETE', path: 'api/sessions/S' },
  { method: 'GET', path: 'api/status' },
  {
    method: 'GET',
    path: 'api/me?permissions={"kernels":["execute"]}',
    ours: { why: 'nothing of the user can be updated: updatable_fields is empty' },
  },
  { method: 'GET', path: 'api/me?permissions=[1]' },
  { method: 'DELETE', path: 'api/kernels/K' },
  { method: 'GET', path: 'api/kernels/K' },
];

function FAILURE() {
  return { message: 'string', reason: 'null' };
}

/** What a value is made of; lists by their first element. */
function shapeOf(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

async function run(base: string, token: string): Promise<Answer[]> {
  const ids = { K: '', S: '' };
  const answers: Answer[] = [];
  for (const { method, path, body } of REQUESTS) {
    const at = path.replace(/\/K\b/, `/${ids.K}`).replace(/\/S\b/, `/${ids.S}`);
    const response = await fetch(`${base}${at}`, {
      ...{ method, redirect: 'manual', headers: { Authorization: `token ${token}` } },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const value = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text === '' ? '' : 'text';
    if (method === 'POST' && path === 'api/kernels' && response.status === 201) ids.K = value.id;
    if (method === 'POST' && path === 'api/sessions' && response.status === 201) ids.S ||= value.id;
    const location = response.headers.get('location');
    answers.push({
      status: response.status,
      shape: typeof value === 'string' ? value : shapeOf(value),
      headers: {
        'content-type': response.headers.get('content-type')?.split(';')[0] ?? null,
        'x-content-type-options': response.headers.get('x-content-type-options'),
        'content-security-policy': response.headers.get('content-security-policy')?.replace(/\s+/g, ' ') ?? null,
        location: location?.replace(/[\da-f-]{36}/, 'ID') ?? null,
      },
    });
  }
  return answers;
}

describeServer('jupyter-server', () => {
  let jupyter: RunningJupyter;
  let served: TestGateway;
  let theirs: Answer[];
  let ours: Answer[];

  beforeAll(async () => {
    jupyter = await jupyterServer({ baseUrl: '/base/' });
    served = await testGateway({ baseUrl: '/base' });
    theirs = await run(jupyter.url, jupyter.token);
    ours = await run((await served.listen()).url, served.gateway.token);
  }, 120_000);
  afterAll(async () => {
    await served?.[Symbol.asyncDispose]();
    await jupyter?.[Symbol.asyncDispose]();
  });

  test.each(
    REQUESTS.map(
      (request, at) => [`${at} ${request.method} ${request.path} ${request.body ?? ''}`, request, at] as const,
    ),
  )('%s', (_title, request, at) => {
    const expected = theirs[at]!;
    const { status = expected.status, shape, why } = request.ours ?? {};
    expect(ours[at]!.status).toBe(status);
    if (shape !== undefined) expect(ours[at]!.shape).toEqual(shape);
    else if (why === undefined) expect(ours[at]!.shape).toEqual(expected.shape);
    const { 'content-type': type, ...headers } = expected.headers;
    expect(ours[at]!.headers).toMatchObject(headers);
    // a 204 has no content to have a type; tornado gives it one
    if (status !== 204 && type === 'application/json') expect(ours[at]!.headers['content-type']).toBe(type);
  });
});
