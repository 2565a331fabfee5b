/** Clients of kernels: the WebSocket, and the socket of programs in this process. */
export { ChannelsClient } from './client.js';
export { EVENTS_PATH, EventFeed } from './feed.js';
export { type InProcessSocket, type InProcessSocketClass, socketClass } from './in-process.js';
export { type Received, readIn } from './incoming.js';
export { notice, writeOut } from './outgoing.js';
export { type ChannelsQuery, readQuery } from './query.js';
export { type ChannelsHost, kernelIdIn } from './route.js';
export type { Encoding, Wire } from './wire.js';
