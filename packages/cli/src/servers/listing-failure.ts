import { JupyterServer, ServerError, type ServerSettings, shownUrl } from '@kernelkit/core';

/** What a server fails with whose listing failed, as the typed error that a listing has only the text of. */
export async function listingFailure(settings: ServerSettings, text: string, signal: AbortSignal): Promise<Error> {
  const server = new JupyterServer(settings);
  try {
    await Promise.all([server.kernelspecs({ signal }), server.kernels({ signal })]);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ServerError) return error;
    throw error;
  }
  return new ServerError('server-refused', text, { url: shownUrl(settings.baseUrl), fix: null });
}
