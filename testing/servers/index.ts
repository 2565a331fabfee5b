/** Real Jupyter servers for the tests. */
export { type Certificates, makeCertificates, type ServerCertificate } from './certificates.js';
export { jupyterHub, type RunningHub } from './hub.js';
export { type JupyterServerOptions, jupyterServer, type RunningJupyter, writeKernelspecs } from './jupyter.js';
export { describeServer, type ProvidedServer, provided, pythonOf, type ServerName } from './provided.js';
export { freePort, type Running, startProgram } from './running.js';
