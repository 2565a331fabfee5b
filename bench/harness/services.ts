import { KernelAPI, KernelConnection, ServerConnection } from '@jupyterlab/services';
import type { ServerProcess } from './server.js';

/** A kernel behind a server by JupyterLab's own client, as it comes; and one code to run on it. */
export async function connectServices(
  { url, token }: Pick<ServerProcess, 'url' | 'token'>,
  kernelId: string,
  code: string,
): Promise<{ execute(): Promise<void> } & AsyncDisposable> {
  const serverSettings = ServerConnection.makeSettings({ baseUrl: url, wsUrl: url.replace(/^http/, 'ws'), token });
  const model = await KernelAPI.getKernelModel(kernelId, serverSettings);
  if (model === undefined) throw new Error(`the server has no kernel ${kernelId}`);
  // It says on the console that it opens a WebSocket.
  const { debug } = console;
  console.debug = () => {};
  const kernel = new KernelConnection({ model, serverSettings });
  console.debug = debug;
  await kernel.info;
  return {
    async execute() {
      const { content } = await kernel.requestExecute({ code }).done;
      if (content.status !== 'ok') throw new Error(`the execution ended with ${content.status}`);
    },
    [Symbol.asyncDispose]: async () => kernel.dispose(),
  };
}
