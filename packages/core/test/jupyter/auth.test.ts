import { readFile } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tempDir } from '../../../../testing/support/index.js';
import { JupyterServer, ServerError, serverFromUrl } from '../../src/jupyter/index.js';
import {
  type ConnectServerOptions,
  connectServer,
  logIn,
  nodeNetwork,
  proxyFor,
} from '../../src/jupyter-node/index.js';
import {
  type Certificates,
  describeServer,
  freePort,
  jupyterServer,
  makeCertificates,
  type RunningJupyter,
} from './support.js';

async function failure(work: Promise<unknown>): Promise<ServerError> {
  const error = await work.then(
    () => new Error('nothing failed'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ServerError)) throw error;
  return error;
}

/** A kernel's whole life: what takes credentials for reading, and for writing. */
async function lives(server: JupyterServer): Promise<void> {
  const { id } = await server.startKernel({ name: 'python3' });
  await server.interruptKernel(id);
  expect(await server.deleteKernel(id)).toBe(true);
}

/** Whether a kernel's WebSocket opens. */
async function opens(server: JupyterServer): Promise<boolean> {
  const { id } = await server.startKernel({ name: 'python3' });
  const { network, baseUrl, token, headers } = server.settings;
  const url = `${baseUrl.replace(/^http/, 'ws')}api/kernels/${id}/channels?session_id=s`;
  const authorization: Record<string, string> = token === '' ? {} : { Authorization: `token ${token}` };
  const socket = network.openWebSocket(url, ['v1.kernel.websocket.jupyter.org'], { ...authorization, ...headers });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.onopen = () => resolve(true);
      socket.onclose = () => resolve(false);
    });
  } finally {
    socket.close();
    await server.deleteKernel(id);
  }
}

describe('without a token', () => {
  describeServer(['jupyter-server', 'jupyter-server1', 'notebook6'], ({ name }) => {
    const version = name === 'jupyter-server' ? 'new' : name === 'jupyter-server1' ? 'old' : 'notebook6';

    test('a server that lets everybody in', async () => {
      await using running = await jupyterServer({ version, auth: 'none' });
      const server = new JupyterServer(await connectServer(running.url, { env: {} }));
      await lives(server);
      expect(await opens(server)).toBe(true);
    });

    test('a password, and a server that has forgotten who logged in', async () => {
      await using running = await jupyterServer({ version, auth: 'password', baseUrl: '/base/' });
      const settings = await connectServer(running.url, { env: {}, password: running.password });
      const server = new JupyterServer(settings);
      await lives(server);
      expect(await opens(server)).toBe(true);
      expect(inspect(settings, { depth: 9, showHidden: true })).not.toContain(running.password);

      const wrong = await failure(connectServer(running.url, { env: {}, password: 'not the password' }));
      expect(wrong.kind).toBe('server-unauthorized');
      expect(inspect(wrong, { depth: 9 })).not.toContain('not the password');
      expect(await failure(connectServer(running.url, { env: {} }))).toMatchObject({ kind: 'server-unauthorized' });

      await running.kill();
      await running.restart();
      await lives(server);
    });
  });

  describeServer('jupyter-server', () => {
    test('without the proof that a browser would send, a write is refused by name', async () => {
      await using running = await jupyterServer({ auth: 'none' });
      const network = await nodeNetwork({ env: {} });
      const server = new JupyterServer(serverFromUrl(running.url, { network }));
      expect(await failure(server.startKernel())).toMatchObject({ kind: 'server-xsrf', status: 403 });
    });
  });

  describeServer('kernel-gateway', () => {
    test('Kernel Gateway, with its token and without', async () => {
      await using running = await jupyterServer({ version: 'gateway' });
      const server = new JupyterServer(await connectServer(`${running.url}?token=${running.token}`, { env: {} }));
      await lives(server);
      expect(await opens(server)).toBe(true);
      expect(await failure(connectServer(running.url, { env: {} }))).toMatchObject({
        kind: 'server-unauthorized',
        status: 401,
      });
    });
  });
});

describeServer('jupyter-server', () => {
  describe('over TLS', () => {
    let running: RunningJupyter;
    beforeAll(async () => {
      running = await jupyterServer({ tls: true });
    });
    afterAll(() => running?.[Symbol.asyncDispose]());
    const reach = (options: ConnectServerOptions) =>
      connectServer(`${running.url}lab?token=${running.token}`, { env: {}, ...options });

    test('a certificate that nobody vouches for takes consent', async () => {
      const error = await failure(reach({}));
      expect(error).toMatchObject({ kind: 'server-tls', message: expect.stringContaining('signed by itself') });
      expect(error.fix).toContain('insecure');
      expect(inspect(error, { depth: 9 })).not.toContain(running.token);
      const server = new JupyterServer(await reach({ insecure: true }));
      expect(await opens(server)).toBe(true);
    });

    test('or to be known beforehand', async () => {
      const server = new JupyterServer(await reach({ ca: running.certificates!.servers['self-signed'].cert }));
      await lives(server);
      expect(await opens(server)).toBe(true);
    });

    test('http to its port', async () => {
      const plain = running.url.replace('https:', 'http:');
      const error = await failure(connectServer(`${plain}?token=${running.token}`, { env: {} }));
      expect(['server-unreachable', 'server-not-jupyter']).toContain(error.kind);
      expect(error.fix).toContain('https://');
    });
  });

  describe('certificates', () => {
    let dir: Awaited<ReturnType<typeof tempDir>>;
    let certificates: Certificates;
    beforeAll(async () => {
      dir = await tempDir();
      certificates = await makeCertificates(dir.join('tls'));
    });
    afterAll(() => dir?.[Symbol.asyncDispose]());

    /** A server that says the version of a Jupyter server to whoever shows a certificate, where it wants one. */
    async function withTls(
      name: keyof Certificates['servers'],
      wantsClient: boolean,
      work: (url: string) => Promise<void>,
    ): Promise<void> {
      const { cert, key } = certificates.servers[name];
      const options = {
        cert: await readFile(cert),
        key: await readFile(key),
        ...(wantsClient && { ca: await readFile(certificates.ca), requestCert: true }),
      };
      const server = createHttps(options, (_, response) => void response.end('{"version":"2.0.0"}'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        await work(`https://localhost:${(server.address() as AddressInfo).port}/`);
      } finally {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    }
    const versionAt = async (url: string, options: ConnectServerOptions = {}): Promise<string> => {
      await using network = await nodeNetwork({ env: {}, ...options });
      return await new JupyterServer(serverFromUrl(url, { network })).version();
    };

    test('of an authority of one’s own', async () => {
      await withTls('trusted', false, async (url) => {
        expect(await versionAt(url, { ca: certificates.ca })).toBe('2.0.0');
        const text = await readFile(certificates.ca, 'utf8');
        expect(await versionAt(url, { ca: [text] })).toBe('2.0.0');
        const error = await failure(versionAt(url));
        expect(error).toMatchObject({ kind: 'server-tls', message: expect.stringContaining('not known here') });
      });
    });

    test.each([
      ['expired', /expired/],
      ['other-host', /another host name/],
    ] as const)('%s', async (name, says) => {
      await withTls(name, false, async (url) => {
        const error = await failure(versionAt(url, { ca: certificates.ca }));
        expect(error).toMatchObject({ kind: 'server-tls', message: expect.stringMatching(says) });
        expect(error.fix).toBeTruthy();
      });
    });

    test('of the client', async () => {
      await withTls('trusted', true, async (url) => {
        const { cert, key } = certificates.client;
        expect(await versionAt(url, { ca: certificates.ca, cert, key })).toBe('2.0.0');
        const error = await failure(versionAt(url, { ca: certificates.ca }));
        // Node's server says nothing of it and hangs up, and of TLS 1.3 the client's half is done by then; others send an alert
        expect(['server-tls', 'server-unreachable']).toContain(error.kind);
        expect(error.fix).toContain('client certificate');
        expect(await failure(versionAt(url, { cert }))).toMatchObject({ kind: 'server-tls' });
        expect(await failure(versionAt(url, { ca: dir.join('none.pem') }))).toMatchObject({ kind: 'server-tls' });
      });
    });
  });

  test('through a proxy, which is asked for the name and never for this machine', async () => {
    await using running = await jupyterServer({ config: { ServerApp: { allow_remote_access: true } } });
    const asked: string[] = [];
    // what asks this proxy for anything gets to the server
    const proxy = createHttp((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const { pathname, search } = new URL(request.url!);
      const { host: _, ...headers } = request.headers;
      fetch(`http://127.0.0.1:${running.port}${pathname}${search}`, { headers: headers as Record<string, string> })
        .then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
        .catch(() => response.destroy());
    });
    proxy.on('connect', (request, socket) => {
      asked.push(`${request.method} ${request.url}`);
      const target = connect(running.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(target).pipe(socket);
      });
      for (const end of [socket, target]) end.on('error', () => {});
    });
    const port = await freePort();
    await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve));
    try {
      const env = { HTTP_PROXY: `http://127.0.0.1:${port}` };
      const settings = await connectServer(`http://jupyter.test/?token=${running.token}`, { env });
      expect(asked).toContain('GET http://jupyter.test/api');
      const local = new JupyterServer(await connectServer(`${running.url}?token=${running.token}`, { env }));
      const { id } = await local.startKernel({ name: 'python3' });
      const socket = settings.network.openWebSocket(`ws://jupyter.test/api/kernels/${id}/channels`, [], {
        Authorization: `token ${running.token}`,
      });
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onclose = ({ code }) => reject(new Error(`closed: ${code}`));
      });
      socket.close();
      expect(asked).toContain('CONNECT jupyter.test:80');
      expect(asked.filter((each) => each.includes('127.0.0.1'))).toEqual([]);
      expect(
        await failure(connectServer('http://jupyter.invalid/', { env: { ...env, NO_PROXY: '.invalid' } })),
      ).toMatchObject({
        kind: 'server-unreachable',
      });
    } finally {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    }
  });

  test('a login with nothing to log in at', async () => {
    const server = createHttp((_, response) => void response.writeHead(404).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const network = await nodeNetwork({ env: {} });
      const error = await failure(logIn(serverFromUrl(url, { network }), 'secret-word'));
      expect(error).toMatchObject({ kind: 'server-refused', message: expect.stringContaining('no form') });
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe('proxy variables', () => {
  const env = { http_proxy: 'http://p:3128', HTTPS_PROXY: 'q:3129', NO_PROXY: 'a.org, .b.org,10.0.0.0/8 c.org:8888' };
  test.each([
    ['http://h/', 'http://p:3128/'],
    ['https://h/', 'http://q:3129/'],
    ['ws://h/', 'http://p:3128/'],
    ['wss://h/', 'http://q:3129/'],
    ['https://a.org/', null],
    ['https://x.a.org/', null],
    ['https://xa.org/', 'http://q:3129/'],
    ['https://x.b.org/', null],
    ['http://10.1.2.3:8888/', null],
    ['http://11.1.2.3:8888/', 'http://p:3128/'],
    ['http://c.org:8888/', null],
    ['http://c.org/', 'http://p:3128/'],
    ['http://localhost:8888/', null],
    ['http://127.0.0.1/', null],
    ['http://[::1]:8888/', null],
  ])('%s', (url, proxy) => {
    expect(proxyFor(url, env)?.href ?? null).toBe(proxy);
  });

  test('none, all, and one that cannot be used', () => {
    expect(proxyFor('http://h/', {})).toBe(null);
    expect(proxyFor('http://h/', { ALL_PROXY: 'http://p:1' })?.host).toBe('p:1');
    expect(proxyFor('http://h/', { ...env, NO_PROXY: '*' })).toBe(null);
    expect(() => proxyFor('http://h/', { http_proxy: 'socks5://ann:s3cret@p:1' })).toThrow(/socks5/);
    expect(() => proxyFor('http://h/', { http_proxy: 'socks5://ann:s3cret@p:1' })).not.toThrow(/s3cret/);
  });
});
