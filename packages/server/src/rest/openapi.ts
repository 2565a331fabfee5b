import { version } from '../version.js';

type Operation = Readonly<Record<string, unknown>>;

/** The description of the REST API, as `/api/spec.json` gives it. */
export function openApi(baseUrl: string): Record<string, unknown> {
  return {
    openapi: '3.0.3',
    info: { title: 'Kernelkit gateway', version, description: 'The kernels of Jupyter Server’s REST API.' },
    servers: [{ url: baseUrl }],
    security: [{ header: [] }, { query: [] }],
    paths: PATHS,
    components: {
      securitySchemes: {
        header: { type: 'apiKey', in: 'header', name: 'Authorization' },
        query: { type: 'apiKey', in: 'query', name: 'token' },
      },
      schemas: SCHEMAS,
    },
  };
}

const text = { type: 'string' };
const whole = { type: 'integer' };
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const list = (name: string) => ({ type: 'array', items: ref(name) });
const json = (schema: unknown) => ({ content: { 'application/json': { schema } } });

function does(summary: string, statuses: Record<number, unknown>, more: Operation = {}): Operation {
  const responses = Object.entries(statuses).map(([status, schema]) => {
    const description = Number(status) < 400 ? summary : 'It could not be done.';
    return [status, schema === null ? { description } : { description, ...json(schema) }];
  });
  return { summary, responses: Object.fromEntries(responses), ...more };
}

const takes = (properties: Record<string, unknown>, required: string[] = []) => ({
  requestBody: json({ type: 'object', properties, ...(required.length > 0 && { required }) }),
});
const named = (...names: string[]) => ({
  parameters: names.map((name) => ({ name, in: 'path', required: true, schema: text })),
});
const failed = ref('Failure');
const sessionFields = {
  ...{ path: text, name: text, type: text },
  kernel: { type: 'object', properties: { id: text, name: text } },
};

const PATHS = {
  '/api': { get: does('The version.', { 200: { type: 'object', properties: { version: text } } }, { security: [] }) },
  '/healthz': { get: does('Whether it runs.', { 200: { type: 'object' } }, { security: [] }) },
  '/api/status': { get: does('How many kernels and connections there are.', { 200: ref('Status') }) },
  '/api/me': { get: does('Who asks, and what that one may do.', { 200: { type: 'object' }, 400: failed }) },
  '/metrics': { get: does('Figures in the text format of Prometheus.', { 200: null }) },
  '/api/kernelspecs': { get: does('The kernels that can be started.', { 200: ref('KernelSpecs') }) },
  '/api/kernelspecs/{name}': { get: does('One of them.', { 200: ref('KernelSpec'), 404: failed }, named('name')) },
  '/kernelspecs/{name}/{file}': { get: does('A file of one.', { 200: null, 404: failed }, named('name', 'file')) },
  '/api/kernels': {
    get: does('The kernels that run.', { 200: list('Kernel') }),
    post: does(
      'Starts a kernel.',
      { 201: ref('Kernel'), 400: failed, 403: failed, 500: failed },
      takes({ name: text, path: text, kernel_id: text, env: { type: 'object', additionalProperties: text } }),
    ),
  },
  '/api/kernels/{id}': {
    ...named('id'),
    get: does('One kernel.', { 200: ref('Kernel'), 404: failed }),
    delete: does('Ends it.', { 204: null, 404: failed }),
  },
  '/api/kernels/{id}/interrupt': { ...named('id'), post: does('Interrupts it.', { 204: null, 404: failed }) },
  '/api/kernels/{id}/restart': {
    ...named('id'),
    post: does('Replaces it by a fresh one.', { 200: ref('Kernel'), 404: failed, 500: failed }),
  },
  '/api/kernels/{id}/log': {
    ...named('id'),
    get: does(
      'What is kept of its messages: how much, and with `after` the messages themselves.',
      { 200: ref('Log'), 400: failed, 404: failed },
      { parameters: [{ name: 'after', in: 'query', schema: whole }] },
    ),
  },
  '/api/kernels/{id}/connection': {
    ...named('id'),
    get: does('What clients on the same machine join it by.', { 200: ref('Connection'), 404: failed }),
  },
  '/api/sessions': {
    get: does('The sessions.', { 200: list('Session') }),
    post: does(
      'The session of a path: the one that is there, or a new one.',
      { 201: ref('Session'), 400: failed, 403: failed, 501: failed },
      takes(sessionFields, ['path', 'type']),
    ),
  },
  '/api/sessions/{id}': {
    ...named('id'),
    get: does('One session.', { 200: ref('Session'), 404: failed }),
    patch: does(
      'Renames it, or changes its kernel.',
      { 200: ref('Session'), 400: failed, 404: failed, 501: failed },
      takes(sessionFields),
    ),
    delete: does('Ends it, and its kernel.', { 204: null, 404: failed, 410: failed }),
  },
};

const object = (properties: Record<string, unknown>, ...required: string[]) => ({
  type: 'object',
  properties,
  required,
});
const time = { type: 'string', format: 'date-time' };

const SCHEMAS = {
  Failure: object({ message: text, reason: { ...text, nullable: true }, traceback: text }, 'message'),
  Kernel: object(
    {
      id: text,
      name: text,
      last_activity: time,
      execution_state: text,
      connections: whole,
      reason: text,
      traceback: text,
    },
    ...['id', 'name', 'last_activity', 'execution_state', 'connections'],
  ),
  Session: object(
    { id: text, path: text, name: text, type: text, kernel: ref('Kernel') },
    'id',
    'path',
    'type',
    'kernel',
  ),
  KernelSpec: object(
    { name: text, spec: { type: 'object' }, resources: { type: 'object' } },
    'name',
    'spec',
    'resources',
  ),
  KernelSpecs: object(
    { default: text, kernelspecs: { type: 'object', additionalProperties: ref('KernelSpec') } },
    ...['default', 'kernelspecs'],
  ),
  Status: object({ connections: whole, kernels: whole, last_activity: time, started: time }),
  Connection: object({ connection_file: { ...text, nullable: true } }, 'connection_file'),
  Log: object(
    { first: whole, last: whole, bytes: whole, entries: { type: 'array', items: { type: 'object' } }, next: whole },
    ...['first', 'last', 'bytes'],
  ),
};
