/** A notebook web app: a page of its own, and behind it a gateway with this machine's kernels. Prints the address to open. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createGateway } from '@kernelkit/server';
import { build } from 'esbuild';

const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const { outputFiles } = await build({ entryPoints: [beside('page.ts')], bundle: true, write: false, format: 'esm' });
const files: Record<string, [string, string]> = {
  '/': ['text/html', await readFile(beside('page.html'), 'utf8')],
  '/page.js': ['text/javascript', outputFiles[0]!.text],
};
const site = createServer(({ url = '/' }, response) => {
  const [type, text] = files[url] ?? [null, 'Not found'];
  response.writeHead(type === null ? 404 : 200, { 'Content-Type': `${type ?? 'text/plain'}; charset=utf-8` }).end(text);
});
await new Promise<void>((resolve) => site.listen(Number(process.env.PORT ?? 0), '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;

// only this page may ask from a browser, and only with the token, which no request for the page carries: it is behind the #
const gateway = createGateway({ allowOrigins: [origin] });
const { url } = await gateway.listen({ port: 0 });
console.log(`${origin}/#${url}?token=${gateway.token}`);
