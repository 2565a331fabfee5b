export { Dialect } from './dialect.js';
export { callOut, ListenerSet } from './listeners.js';
export { NOTHING_SAID } from './nothing-said.js';
export { type Quirks, quirksOfArgv, quirksOfImplementation } from './quirks.js';
export type { ChannelNotice, Channels, ChannelsGone, ChannelsListener, KernelInfo } from './types.js';
