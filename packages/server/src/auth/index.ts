/** Who may ask. */
export { type Entrance, type Guard, tokenGuard } from './guard.js';
export { hostGuard, hostName, isLoopback } from './host.js';
export { type OriginRules, originGuard, withOrigin } from './origin.js';
export { isToken, newToken, tokenOf } from './token.js';
