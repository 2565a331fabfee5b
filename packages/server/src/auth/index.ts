/** Who may ask. */
export { type BrowserSession, Browsers } from './browser.js';
export { type Door, type DoorOptions, door } from './door.js';
export { type Entrance, type Guard, tokenGuard } from './guard.js';
export { hostGuard, hostName, isLoopback } from './host.js';
export { type OriginRules, originGuard, withOrigin } from './origin.js';
export { isToken, newToken, tokenOf } from './token.js';
