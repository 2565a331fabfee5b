import { createServer as createHttp, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AbortedError } from '../../src/errors/index.js';
import { JupyterServer, ServerError, type ServerErrorKind, serverFromUrl } from '../../src/jupyter/index.js';
import { connectServer, type NodeNetwork, nodeNetwork } from '../../src/jupyter-node/index.js';
import { describeServer, freePort, type JupyterServerOptions, jupyterServer, type RunningJupyter } from './support.js';

const SECRET = 's3cret-token-0123456789';
let network: NodeNetwork;
beforeAll(async () => {
  network = await nodeNetwork({ env: {} });
});
afterAll(() => network.close());

function clientOf(url: string, token = SECRET): JupyterServer {
  return new JupyterServer(serverFromUrl(url, { network, token }));
}

async function failure(work: Promise<unknown>): Promise<ServerError> {
  const error = await work.then(
    () => new Error('nothing failed'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ServerError)) throw error;
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  return error;
}

/** Something on a port of its own for as long as `work` takes. */
async function withServer(server: Server, work: (url: string) => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    await new Promise((resolve) => {
      server.close(resolve);
      if ('closeAllConnections' in server) (server as ReturnType<typeof createHttp>).closeAllConnections();
    });
  }
}

const json = (body: unknown, status = 200): RequestListener => {
  return (_, response) =>
    void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
};
const html = (body: string, status = 200): RequestListener => {
  return (_, response) => void response.writeHead(status, { 'Content-Type': 'text/html' }).end(body);
};

describe('what goes wrong', () => {
  test.each<[what: string, listener: RequestListener, kind: ServerErrorKind, says: RegExp]>([
    ['a web page', html('<h1>It works!</h1>'), 'server-not-jupyter', /web page/],
    ['a web server without such a page', html('<h1>404</h1>', 404), 'server-not-jupyter', /nothing there/],
    ['JSON of another kind', json({ name: 'no kernels' }), 'server-not-jupyter', /no version/],
    ['text', (_, response) => void response.end('hello'), 'server-not-jupyter', /not JSON/],
    [
      'a page to log in at',
      html('<form><input type="password" name="password"></form>'),
      'server-login-page',
      /log in/,
    ],
    [
      'a redirect to a login',
      (_, response) => void response.writeHead(302, { Location: '/login?next=%2Fapi' }).end(),
      'server-login-page',
      /log in/,
    ],
    [
      'a redirect to elsewhere',
      (_, response) => void response.writeHead(301, { Location: `https://elsewhere.test/api?token=${SECRET}` }).end(),
      'server-refused',
      /sends one on to https:\/\/elsewhere\.test\/api/,
    ],
    ['401', json({ message: 'Unauthorized' }, 401), 'server-unauthorized', /wrong or has expired/],
    ['403', json({ message: 'Forbidden' }, 403), 'server-unauthorized', /wrong or has expired/],
    ['_xsrf', json({ message: "'_xsrf' argument missing from POST" }, 403), 'server-xsrf', /no other site/],
    ['500', json({ message: `no room, said ${SECRET}` }, 500), 'server-refused', /500, no room/],
    ['507 without words', (_, response) => void response.writeHead(507).end(), 'server-refused', /507/],
    ['502', html('<h1>Bad gateway</h1>', 502), 'server-unreachable', /proxy in front of it says 502/],
    ['a hub', json({ message: 'ann is not running' }, 424), 'server-spawning', /hub/],
    [
      'a hub on its way',
      (_, response) => void response.writeHead(503, { 'X-JupyterHub-Version': '6' }).end(),
      'server-spawning',
      /hub/,
    ],
    [
      'a hub that shows its page',
      (_, response) => void response.writeHead(302, { Location: '/hub/user/ann/api' }).end(),
      'server-spawning',
      /hub/,
    ],
    ['version 0', json({ version: '0.3.0' }), 'server-too-old', /0\.3\.0 is too old/],
    [
      'a connection that breaks before the answer',
      (request) => void request.socket.destroy(),
      'server-unreachable',
      /broke the connection/,
    ],
    [
      'a connection that breaks in the answer',
      (request, response) => {
        response.writeHead(200, { 'Content-Length': 1000 });
        response.write('{"ver', () => request.socket.destroy());
      },
      'server-unreachable',
      /broke the connection/,
    ],
  ])('%s', async (_, listener, kind, says) => {
    await withServer(createHttp(listener), async (url) => {
      const error = await failure(clientOf(url).version());
      expect(error).toMatchObject({ kind, message: expect.stringMatching(says), url: `${url}api` });
      if (kind !== 'server-refused') expect(error.fix).toBeTruthy();
    });
  });

  test('nobody listens', async () => {
    const error = await failure(clientOf(`http://127.0.0.1:${await freePort()}/`).version());
    expect(error).toMatchObject({ kind: 'server-unreachable', message: expect.stringContaining('nothing listens') });
  });

  test('a host that does not exist', async () => {
    const error = await failure(clientOf('http://nowhere.invalid/').version({ timeoutMs: 20_000 }));
    expect(error).toMatchObject({ kind: 'server-unreachable', message: expect.stringContaining('host name') });
  });

  test('what is there does not speak HTTP', async () => {
    const other = createTcp(
      (socket) =>
        void socket
          .on('error', () => {})
          .resume()
          .end('SSH-2.0-OpenSSH_9.9\r\n'),
    );
    await withServer(other, async (url) => {
      expect(await failure(clientOf(url).version())).toMatchObject({ kind: 'server-not-jupyter' });
    });
  });

  test('http where https was said', async () => {
    await withServer(createHttp(json({ version: '2.0.0' })), async (url) => {
      const error = await failure(clientOf(url.replace('http:', 'https:')).version());
      expect(error).toMatchObject({ kind: 'server-tls', fix: expect.stringContaining('http://') });
    });
  });

  test('no answer in time, and a caller who goes', async () => {
    await withServer(createHttp(), async (url) => {
      expect(await failure(clientOf(url).version({ timeoutMs: 100 }))).toMatchObject({ kind: 'server-timeout' });
      const controller = new AbortController();
      const asked = clientOf(url).kernels({ signal: controller.signal });
      controller.abort(new Error('enough'));
      await expect(asked).rejects.toThrow(AbortedError);
      await expect(clientOf(url).kernels({ signal: controller.signal })).rejects.toThrow(AbortedError);
    });
  });

  test('an answer that stops in its middle', async () => {
    const stalls = createHttp((_, response) => void response.writeHead(200).write('{"ver'));
    await withServer(stalls, async (url) => {
      expect(await failure(clientOf(url).version({ timeoutMs: 200 }))).toMatchObject({ kind: 'server-timeout' });
    });
  });

  test('a notebook server of 2015', async () => {
    const old: RequestListener = (request, response) => {
      const answers: Record<string, unknown> = {
        '/api': { version: '4.0.6' },
        '/api/kernelspecs': { kernelspecs: {} },
      };
      const body = answers[request.url ?? ''];
      response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body ?? { message: 'none' }));
    };
    await withServer(createHttp(old), async (url) => {
      expect(await failure(clientOf(url).check())).toMatchObject({ kind: 'server-too-old' });
    });
  });

  test('odd models are left out with a notice, and what is no list is an error', async () => {
    const good = { id: 'a', name: 'python3', last_activity: 3, execution_state: 'idle' };
    await withServer(createHttp(json([good, { id: 5 }, null, 'x'])), async (url) => {
      const notices: string[] = [];
      const settings = serverFromUrl(url, { network });
      const server = new JupyterServer(settings, { onNotice: ({ message }) => notices.push(message) });
      expect(await server.kernels()).toEqual([
        { id: 'a', name: 'python3', last_activity: null, execution_state: 'idle', connections: null },
      ]);
      expect(notices).toHaveLength(3);
      expect(await failure(server.kernelspecs())).toMatchObject({ kind: 'server-answer-invalid' });
      expect(await failure(server.kernel('a'))).toMatchObject({ kind: 'server-answer-invalid' });
    });
  });
});

/** The whole interface, on a real server. */
function works(version: NonNullable<JupyterServerOptions['version']>): void {
  let running: RunningJupyter;
  let server: JupyterServer;
  beforeAll(async () => {
    running = await jupyterServer({ version, baseUrl: '/base/' });
    server = new JupyterServer(serverFromUrl(`${running.url}lab?token=${running.token}`, { network }));
  });
  afterAll(() => running?.[Symbol.asyncDispose]());

  test('kernelspecs, and who one is', async () => {
    expect(await server.check()).toMatch(/^\d+\.\d+/);
    const { kernelspecs } = await server.kernelspecs();
    expect(kernelspecs.python3).toMatchObject({ name: 'python3', spec: { language: 'python' } });
    const me = await server.me();
    if (version === 'new') expect(me?.username).toBeTruthy();
    else expect(me).toBe(null);
  });

  test('a kernel: started, interrupted, restarted, deleted', async () => {
    const kernel = await server.startKernel({ name: 'python3' });
    expect((await server.kernels()).map(({ id }) => id)).toEqual([kernel.id]);
    expect(await server.kernel(kernel.id)).toMatchObject({ id: kernel.id, name: 'python3' });
    await server.interruptKernel(kernel.id);
    expect((await server.restartKernel(kernel.id)).id).toBe(kernel.id);
    expect(await server.deleteKernel(kernel.id)).toBe(true);
    expect(await server.deleteKernel(kernel.id)).toBe(false);
    expect(await server.kernel(kernel.id)).toBe(null);
    expect(await failure(server.interruptKernel(kernel.id))).toMatchObject({ kind: 'server-refused', status: 404 });
    const unknown = await failure(server.startKernel({ name: 'no-such-kernel' }));
    expect(unknown.kind).toBe('server-refused');
  });

  test('a session: created, found by its path, moved, deleted', async () => {
    const session = await server.createSession({
      path: 'a.ipynb',
      type: 'notebook',
      name: 'a.ipynb',
      kernel: { name: 'python3' },
    });
    expect(session).toMatchObject({ path: 'a.ipynb', type: 'notebook', kernel: { name: 'python3' } });
    const again = await server.createSession({ path: 'a.ipynb', type: 'notebook', kernel: { name: 'python3' } });
    expect(again.id).toBe(session.id);
    expect((await server.sessions()).map(({ id }) => id)).toEqual([session.id]);
    expect(await server.patchSession(session.id, { path: 'b.ipynb' })).toMatchObject({ path: 'b.ipynb' });
    expect(await server.session(session.id)).toMatchObject({ kernel: { id: session.kernel!.id } });
    expect(await server.deleteSession(session.id)).toBe(true);
    expect(await server.deleteSession(session.id)).toBe(false);
    expect(await server.session(session.id)).toBe(null);
    expect(await server.kernel(session.kernel!.id)).toBe(null);
  });

  test('a wrong token, none, a wrong path', async () => {
    const wrong = await failure(clientOf(running.url).check());
    expect(wrong).toMatchObject({
      kind: 'server-unauthorized',
      message: expect.stringContaining('wrong or has expired'),
    });
    expect(wrong.fix).toContain('jupyter server list');
    const none = await failure(clientOf(running.url, '').check());
    expect(none).toMatchObject({ kind: 'server-unauthorized', message: expect.stringContaining('none was given') });
    const elsewhere = await failure(clientOf(`http://127.0.0.1:${running.port}/`, running.token).check());
    expect(elsewhere).toMatchObject({ kind: 'server-not-jupyter', fix: `Use ${running.url}` });
  });

  test('connectServer takes the URL as Jupyter prints it', async () => {
    const settings = await connectServer(`${running.url}lab/tree/x.ipynb?token=${running.token}`, { env: {} });
    expect(settings).toMatchObject({ baseUrl: running.url, path: 'x.ipynb' });
  });
}

describe('the REST interface', () => {
  describeServer('jupyter-server', () => works('new'));
  describeServer('jupyter-server1', () => works('old'));
  describeServer('notebook6', () => works('notebook6'));
});
