import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Site } from '../browser/index.js';

const types: Record<string, string> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.js': 'text/javascript',
};

/** Serves a folder's files on loopback. */
export async function serveFolder(folder: string): Promise<Site> {
  const server = createServer(async (request, response) => {
    // a URL keeps no `..` that leads out
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    try {
      const body = await readFile(join(folder, decodeURI(pathname)));
      response
        .writeHead(200, { 'Content-Type': `${types[extname(pathname)] ?? 'text/plain'}; charset=utf-8` })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
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
