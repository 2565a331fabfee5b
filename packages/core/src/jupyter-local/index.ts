/** A Jupyter server of our own on this machine: found, or installed apart; started for this process alone, and ended with it. */
export { JupyterServerMissingError, LocalServerError, PrivateServerError } from './errors.js';
export { type FindServerOptions, type FoundServer, findJupyterServer } from './find.js';
export { privateServerDir } from './private-place.js';
export { type InstallServerOptions, installPrivateServer } from './private-server.js';
export { ownDirectories } from './server-environment.js';
export type { LocalSpec } from './specs.js';
export { type LocalServer, type LocalServerOptions, startLocalServer } from './start-server.js';
