/** `@kernelkit/core/client` where it is for: in a page, on another origin than the Jupyter server's. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bundleForBrowser,
  EVERYTHING,
  openPage,
  type Site,
  serveProgram,
  startBrowser,
} from '../../../../testing/browser/index.js';
import { describeServer, freePort, jupyterServer, type RunningJupyter } from '../../../../testing/servers/index.js';
import { describeTool } from '../../../../testing/support/index.js';
import type { Programs } from './browser-program.js';

const DOCS = fileURLToPath(new URL('../../../../docs/servers.md', import.meta.url));
const here = dirname(fileURLToPath(import.meta.url));
/** Issue 6: kB of the bundle of protocol and server client, gzipped. */
const MARK = 40_000;

describe('the bundle', () => {
  test('holds nothing of Node, and is small', async () => {
    const { code, gzipped } = await bundleForBrowser(EVERYTHING, here);
    expect(code).not.toMatch(/\brequire\(|\bprocess\.|\bBuffer\b|from"node:/);
    expect(gzipped).toBeLessThanOrEqual(MARK);
  });

  test('what is Node’s cannot be in it', async () => {
    await expect(bundleForBrowser("export * from '@kernelkit/core';", here)).rejects.toThrow(/node:/);
  });
});

describeServer('jupyter-server', () => {
  describeTool('browser', (program) => {
    let site: Site;
    let browser: Browser;
    let page: Page;
    let errors: string[];

    beforeAll(async () => {
      const { code } = await bundleForBrowser(
        // said here: the package declares that importing its modules does nothing
        "import { programs } from './browser-program.js';\nObject.assign(globalThis, { programs });",
        here,
      );
      site = await serveProgram(code);
      browser = await startBrowser(program);
      ({ page, errors } = await openPage(browser, site));
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await site?.[Symbol.asyncDispose]();
      expect(errors).toEqual([]);
    });

    async function inPage<T extends keyof Programs>(name: T, ...args: Parameters<Programs[T]>) {
      // as text: what vitest makes of a function does not run outside it
      const result = await page.evaluate(`programs.${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`);
      return result as Awaited<ReturnType<Programs[T]>>;
    }

    const withToken = ({ url, token }: RunningJupyter, as = token): string => `${url}lab?token=${as}`;

    function serverFor(origin: string | null, more: Record<string, unknown> = {}): Promise<RunningJupyter> {
      return jupyterServer({
        config: {
          ...(origin !== null && { ServerApp: { allow_origin: origin } }),
          ZMQChannelsWebsocketConnection: { limit_rate: false, ...more },
        },
      });
    }

    test.each([
      ['v1', {}, 'v1.kernel.websocket.jupyter.org'],
      ['the legacy encoding', { kernel_ws_protocol: '' }, ''],
    ])('lists, starts, executes, interrupts and ends, over %s', async (_, more, protocol) => {
      await using server = await serverFor(site.origin, more);
      const seen = await inPage('whole', withToken(server));
      expect(seen.version).toMatch(/^2\./);
      expect(seen.specs).toContain('python3');
      expect(seen).toMatchObject({ before: 0, running: [true], after: 0, interrupted: 'KeyboardInterrupt' });
      expect(seen.shown).toMatchObject({
        status: 'ok',
        events: [
          { output_type: 'stream', name: 'stdout', text: 'hello\n' },
          { output_type: 'execute_result', data: { 'text/plain': '42' } },
        ],
      });
      expect(seen.failed?.ename).toBe('ZeroDivisionError');
      expect(seen.asked).toMatchObject([{ output_type: 'stream', text: '<who? me>\n' }]);
      expect(JSON.stringify(seen.joined.events)).toContain('fdfeff');
      expect(new Set(seen.protocols)).toEqual(new Set([protocol]));
      expect(await inPage('buffers', withToken(server))).toEqual({ small: [3, 2, 1], large: 1_000_000 });
    });

    test('what the server’s errors do not say to a page is found out', async () => {
      await using server = await serverFor(site.origin);
      const WRONG = 'wrong-token-0123456789';
      const failure = await inPage('listing', withToken(server, WRONG));
      expect(failure.kind).toBe('server-unauthorized');
      expect(failure.fix).toContain('jupyter server list');
      expect(JSON.stringify(failure)).not.toContain(WRONG);
      const refused = await inPage('refused', withToken(server));
      expect(refused).toMatchObject({ kind: 'server-refused', fix: expect.stringContaining('tornado_settings') });
      expect(await inPage('culled', withToken(server))).toMatchObject({
        ...{ first: true, connecting: 'kernel-removed', kernel: null, again: false },
      });
    });

    test('as the documentation has it, the server’s errors are read', async () => {
      const headers = { 'Access-Control-Allow-Origin': site.origin };
      await using server = await jupyterServer({
        config: { ServerApp: { allow_origin: site.origin, tornado_settings: { headers } } },
      });
      const failure = await inPage('listing', withToken(server, 'wrong-token-0123456789'));
      expect(failure).toMatchObject({ kind: 'server-unauthorized', message: expect.stringContaining('(403)') });
      const refused = await inPage('refused', withToken(server));
      expect(refused.message).toMatch(/500|no-such-spec/);
      expect(refused.message).not.toContain('may not read');
    });

    test('without allow_origin: what to do', async () => {
      await using server = await serverFor(null);
      const option = `--ServerApp.allow_origin=${site.origin}`;
      for (const name of ['listing', 'starting'] as const) {
        const failure = await inPage(name, withToken(server));
        expect(failure).toMatchObject({ kind: 'server-refused', fix: expect.stringContaining(option) });
        expect(failure.message).toContain(`not for pages of ${site.origin}`);
        expect(JSON.stringify(failure)).not.toContain(server.token);
      }
      const { kind, message, causeFix } = await inPage('connecting', withToken(server), 'some-id');
      expect(kind).toBe('websocket-failed');
      expect(message).toContain(`allow_origin=${site.origin}`);
      expect(causeFix).toContain(option);
      expect(message).not.toContain(server.token);
    });

    test('the program of docs/servers.md', async () => {
      // the first one is for Node
      const documented =
        [...(await readFile(DOCS, 'utf8')).matchAll(/```ts\n(import [^`]*)```/g)]
          .map(([, block = '']) => block)
          .find((block) => block.includes('@kernelkit/core/client')) ?? '';
      const source = documented.replace("'http://localhost:8888/lab?token=…'", 'location.hash.slice(1)');
      expect(source).toContain('serverFromUrl(location.hash.slice(1))');
      const { code } = await bundleForBrowser(`${source}\nObject.assign(globalThis, { isDone: true });`, here);
      await using own = await serveProgram(code);
      await using server = await serverFor(own.origin);
      const opened = await openPage(browser, own, withToken(server));
      await opened.page.waitForFunction('globalThis.isDone');
      await expect.poll(() => opened.said.at(-1)).toBe('ok');
      expect(opened.said[0]).toContain('python3');
      expect(opened.errors).toEqual([]);
      await opened.page.close();
    });

    test('nothing answers: that is not the origin’s fault', async () => {
      const failure = await inPage('listing', `http://127.0.0.1:${await freePort()}/?token=abc`);
      expect(failure.kind).toBe('server-unreachable');
      expect(failure.message).not.toContain('allow_origin');
    });
  });
});
