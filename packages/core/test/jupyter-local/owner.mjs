/**
 * A program that owns what the tests kill it for: `node owner.mjs serve OPTIONS NAMES` starts a local Jupyter server and a kernel of each
 * kernelspec; `node owner.mjs install OPTIONS` makes a private environment. Prints a line of JSON when it is done with that, and stays.
 */
import { installPrivateServer, JupyterServer, startLocalServer } from '@kernelkit/core';

const [what, options, names = '[]'] = process.argv.slice(2);
if (what === 'install') {
  process.stdout.write(`${JSON.stringify(await installPrivateServer(JSON.parse(options)))}\n`);
} else {
  const server = await startLocalServer(JSON.parse(options));
  const api = new JupyterServer(server.settings);
  for (const name of JSON.parse(names)) await api.startKernel({ name });
  process.stdout.write(`${JSON.stringify({ pid: server.pid })}\n`);
}
setInterval(() => {}, 60_000);
