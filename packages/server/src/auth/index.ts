/** Who may ask. */
export { type Entrance, type Guard, tokenGuard } from './guard.js';
export { isToken, newToken, tokenOf } from './token.js';
