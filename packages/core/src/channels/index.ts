export { Dialect } from './dialect.js';
export { callOut, ListenerSet } from './listeners.js';
export { type Quirks, quirksOfArgv, quirksOfImplementation } from './quirks.js';
export type { ChannelNotice, Channels, ChannelsGone, ChannelsListener, KernelInfo } from './types.js';
