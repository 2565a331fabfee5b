/** A real browser: what its own page may do by the login's cookie, and a page of another port of the same host may not. */
import { expect, test } from 'vitest';
import { serveProgram, startBrowser } from '../../../testing/browser/index.js';
import { describeKernel, describeTool } from '../../../testing/support/index.js';
import { testGateway } from './support.js';

/** In the page: what became of each attempt. */
interface Attempts {
  read: number | string;
  start: number | string;
  startWithXsrf: number | string;
  socket: string;
}

describeTool('browser', (program) => {
  describeKernel('ipykernel', () => {
    test('a page of the gateway reads, starts and connects; another site’s page does nothing of that', async () => {
      await using served = await testGateway();
      const { url } = await served.listen();
      const { hub } = await served.gateway.kernels.create({});
      await using other = await serveProgram('');
      const browser = await startBrowser(program);
      try {
        const page = await browser.newPage();
        await page.goto(`${url}?token=${served.gateway.token}`);
        expect(page.url()).toBe(url);
        expect(await page.textContent('body')).toContain('Kernelkit gateway');
        const attempt = (): Promise<Attempts> =>
          page.evaluate(
            async ({ base, id }) => {
              const xsrf = /_xsrf=([^;]+)/.exec(document.cookie)?.[1] ?? '';
              const ask = (method: string, headers = {}) =>
                fetch(`${base}api/kernels`, { method, headers, credentials: 'include' }).then(
                  ({ status }) => status,
                  () => 'unreadable',
                );
              const socket = new WebSocket(`${base.replace('http', 'ws')}api/kernels/${id}/channels`);
              const opened = new Promise<string>((resolve) => {
                socket.onopen = () => resolve('open');
                socket.onerror = () => resolve('refused');
              });
              return {
                read: await ask('GET'),
                start: await ask('POST'),
                startWithXsrf: await ask('POST', { 'X-XSRFToken': xsrf }),
                socket: await opened,
              };
            },
            { base: url, id: hub.id },
          );
        expect(await attempt()).toEqual({ read: 200, start: 403, startWithXsrf: 201, socket: 'open' });
        // the login itself no script can read
        expect(await page.evaluate(() => document.cookie)).toMatch(/^_xsrf=[0-9a-f]{64}$/);

        // of the same host, so that the browser sends the cookie, and the script reads `_xsrf`
        await page.goto(other.origin);
        expect(await page.evaluate(() => document.cookie)).toContain('_xsrf=');
        expect(await attempt()).toEqual({
          ...{ read: 'unreadable', start: 'unreadable', startWithXsrf: 'unreadable', socket: 'refused' },
        });
        // nor by what needs no answer
        await page.evaluate(async (base) => {
          const image = new Image();
          image.src = `${base}logout`;
          await new Promise((resolve) => {
            image.onerror = resolve;
          });
          await fetch(`${base}api/kernels`, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}' });
        }, url);
        expect(served.gateway.kernels.started).toBe(2);

        await page.goto(url);
        expect(await page.textContent('body')).toContain('Kernelkit gateway');
        await page.goto(`${url}logout`);
        expect(await page.textContent('body')).toContain('You are logged out.');
        await page.goto(url);
        expect(await page.textContent('body')).toContain('Forbidden');
      } finally {
        await browser.close();
      }
    });
  });
});
