import type { Hono } from 'hono';
import { readSessionBody } from '../sessions/index.js';
import { UnknownSpecError } from '../specs/index.js';
import { answer, noContent } from './answers.js';
import { readBody } from './body.js';
import type { Contract } from './contract.js';

export function sessionRoutes(app: Hono, { sessions, baseUrl, maxBodyBytes }: Contract): void {
  app.get('/api/sessions', () => answer(200, sessions.list()));
  app.post('/api/sessions', async ({ req }) => {
    const body = readSessionBody(await readBody(req.raw, maxBodyBytes));
    try {
      const session = await sessions.create(body);
      return answer(201, session, { Location: `${baseUrl}api/sessions/${session.id}` });
    } catch (error) {
      if (error instanceof UnknownSpecError) return noSuchKernel(error);
      throw error;
    }
  });
  app.get('/api/sessions/:id', ({ req }) => answer(200, sessions.get(req.param('id'))));
  app.patch('/api/sessions/:id', async ({ req }) => {
    const body = readSessionBody(await readBody(req.raw, maxBodyBytes));
    try {
      return answer(200, await sessions.update(req.param('id'), body));
    } catch (error) {
      if (error instanceof UnknownSpecError) return noSuchKernel(error);
      throw error;
    }
  });
  app.delete('/api/sessions/:id', async ({ req }) => {
    await sessions.end(req.param('id'));
    return noContent();
  });
}

/** JupyterLab shows the short one as a title. */
function noSuchKernel({ spec, fix }: UnknownSpecError): Response {
  const message = `No kernel ${JSON.stringify(spec)} is installed here. ${fix ?? ''}`.trim();
  return answer(501, { message, short_message: `${spec} not found` });
}
