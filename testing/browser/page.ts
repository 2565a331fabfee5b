import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Pages on an origin of their own. */
export interface Site extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
}

/** Serves one page on loopback, which runs `code`, a module. */
export async function serveProgram(code: string): Promise<Site> {
  const server = createServer((request, response) => {
    const [type, body] =
      request.url === '/program.js'
        ? ['text/javascript', code]
        : [
            'text/html',
            '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/program.js"></script>',
          ];
    response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8` }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @param program of `describeTool('browser', …)` */
export async function startBrowser(program: string): Promise<Browser> {
  // as testbed.md §6 has it: no sandbox, which root has none of, and nothing that asks the network by itself
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  return chromium.launch({
    executablePath: program,
    args: [...args, '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
  });
}

export interface OpenPage {
  readonly page: Page;
  /** What went wrong in it and nobody caught. */
  readonly errors: string[];
  /** What it wrote to its console. */
  readonly said: string[];
}

/**
 * A page that has loaded its program. Whatever it asks the user for is answered with "me".
 * @param fragment of its address, which the program may read
 */
export async function openPage(browser: Browser, { origin }: Site, fragment = ''): Promise<OpenPage> {
  const page = await browser.newPage();
  const errors: string[] = [];
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('dialog', (dialog) => void dialog.accept('me'));
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(`${origin}/#${fragment}`, { waitUntil: 'load' });
  return { page, errors, said };
}
