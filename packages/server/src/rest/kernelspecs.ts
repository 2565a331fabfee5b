import type { Hono } from 'hono';
import { answer, failure } from './answers.js';
import type { Contract } from './contract.js';

export function kernelspecRoutes(app: Hono, { specs }: Contract): void {
  app.get('/api/kernelspecs', async () => answer(200, await specs.list()));
  app.get('/api/kernelspecs/:name', async ({ req }) => answer(200, await specs.model(req.param('name'))));
  app.get('/kernelspecs/:name/:file{.+}', async ({ req }) => {
    const file = await specs.resource(req.param('name'), req.param('file'));
    if (file === null) return failure(404, `There is no such file: ${req.param('file')}`);
    return new Response(file.bytes, {
      headers: { 'Content-Type': file.type, 'Content-Length': String(file.bytes.byteLength) },
    });
  });
}
