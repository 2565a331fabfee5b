/** What Node adds to the way to a Jupyter server: proxies, certificates, passwords. */
export { type ConnectServerOptions, connectServer } from './connect.js';
export { logIn } from './login.js';
export { type NodeNetwork, type NodeNetworkOptions, nodeNetwork } from './network.js';
export { type ProxyVariables, proxyFor } from './proxies.js';
export { cookieNetwork } from './session.js';
export { serverSource } from './source.js';
export type { Pem, TrustOptions } from './trust.js';
