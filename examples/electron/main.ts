/**
 * A main process as Electron has it: it opens a window, gives it a port, and ends its kernels when the window is closed. The window is a
 * forked process here, so that it runs without Electron; with it, the port is one of a `MessageChannelMain` whose other end goes to the page:
 *
 *   const { port1, port2 } = new MessageChannelMain();
 *   owner.serve({ postMessage: (m) => port1.postMessage(m), onMessage: (f) => port1.on('message', ({ data }) => f(data)).start() });
 *   window.webContents.postMessage('kernels', null, [port2]);
 */
import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { KernelOwner, type Request } from './kernels.js';

const owner = new KernelOwner();
// main.ts has a renderer.ts beside it, and what a bundler made of it a renderer.mjs
const page = new URL(`renderer${extname(import.meta.url)}`, import.meta.url);
const window = fork(page, process.argv.slice(2), { serialization: 'advanced' });

owner.serve({
  postMessage(message) {
    // a window that is gone asks for nothing any more
    if (window.connected) window.send(message as object, () => {});
  },
  onMessage(listener) {
    window.on('message', (message) => listener(message as Request));
  },
});
window.once('exit', async (code) => {
  await owner.close();
  process.exitCode = code ?? 1;
});
