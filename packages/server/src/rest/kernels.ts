import { type HubState, KernelkitError } from '@kernelkit/core';
import type { Hono } from 'hono';
import {
  modelOf,
  readTrustedStart,
  type TrustedStart,
  TrustedStartError,
  UnknownKernelError,
} from '../kernels/index.js';
import { UnknownSpecError } from '../specs/index.js';
import { answer, failure, noContent, unhandled } from './answers.js';
import { type Fields, fieldOf, kernelIdOf, readBody, textOf } from './body.js';
import type { Contract } from './contract.js';
import { afterOf, readLog } from './log.js';

const COMING_UP: ReadonlySet<HubState> = new Set(['starting', 'restarting', 'autorestarting']);

export function kernelRoutes(app: Hono, { kernels, baseUrl, maxBodyBytes, trustedStart }: Contract): void {
  app.get('/api/kernels', () => answer(200, kernels.list().map(modelOf)));
  app.post('/api/kernels', async ({ req }) => {
    const body = await readBody(req.raw, maxBodyBytes);
    const id = kernelIdOf(body, 'kernel_id');
    try {
      const asked = { id, name: textOf(body, 'name'), path: textOf(body, 'path'), env: body.env };
      const trusted = trustedOf(body, trustedStart);
      const model = modelOf(await kernels.create({ ...asked, trusted }));
      return answer(201, model, { Location: `${baseUrl}api/kernels/${model.id}` });
    } catch (error) {
      // the status is Jupyter Server's; what is wrong is said, which it does not
      if (error instanceof UnknownSpecError) return failure(500, error.message, 'kernel spec not found');
      throw error;
    }
  });
  app.get('/api/kernels/:id', ({ req }) => answer(200, kernels.model(req.param('id'))));
  app.delete('/api/kernels/:id', async ({ req }) => {
    await kernels.end(req.param('id'));
    return noContent();
  });
  app.post('/api/kernels/:id/interrupt', async ({ req }) => {
    const { hub } = kernels.get(req.param('id'));
    // nothing runs yet that could be interrupted, and a signal would end some kernels while they start
    if (COMING_UP.has(hub.state)) return noContent();
    try {
      await hub.interrupt();
    } catch (error) {
      // a dead one, or one that knows no interrupt: the client's affair, and no defect
      if (error instanceof KernelkitError) return unhandled(error);
      throw error;
    }
    return noContent();
  });
  app.post('/api/kernels/:id/restart', async ({ req }) => {
    const kernel = kernels.get(req.param('id'));
    try {
      await kernels.restart(kernel.id);
    } catch (error) {
      if (error instanceof UnknownKernelError) throw error;
      return unhandled(error, 'Exception restarting kernel');
    }
    return answer(200, modelOf(kernel));
  });
  // not Jupyter's: where a client that comes back reads on, or what it would read
  app.get('/api/kernels/:id/log', ({ req }) => {
    const { hub } = kernels.get(req.param('id'));
    const after = afterOf(req.query('after'));
    if (after === null) return failure(400, 'after must be the number of an entry of the log: 0, 1, 2, …');
    return answer(200, after === undefined ? hub.log : readLog(hub, after));
  });
  // not Jupyter's: what clients on this machine join it by (`jupyter console --existing`)
  app.get('/api/kernels/:id/connection', ({ req }) =>
    answer(200, { connection_file: kernels.get(req.param('id')).connectionFile }),
  );
  app.get('/api/kernels/:id/channels', ({ req }) => {
    kernels.get(req.param('id'));
    return failure(400, 'Can "Upgrade" only to "WebSocket".');
  });
}

/** @throws TrustedStartError */
function trustedOf(body: Fields, isTaken: boolean): TrustedStart | undefined {
  const given = fieldOf(body, 'kernelkit');
  if (given === undefined) return undefined;
  // another kernel than was asked for would be worse than none
  if (!isTaken)
    throw new TrustedStartError('start-refused', 'This gateway takes no start of a client’s own ("kernelkit")');
  return readTrustedStart(given);
}
