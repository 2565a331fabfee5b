/** Proxies between a client and a server: one that breaks, and one that shares out. */
export { FaultyProxy } from './faulty.js';
export { HttpProxy, type HttpRoute } from './http.js';
