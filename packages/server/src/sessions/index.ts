/** Which path has which kernel. */
export { readSessionBody, type SessionBody } from './body.js';
export { SessionError } from './errors.js';
export { type SessionModel, type SessionRow, type SessionStore, Sessions } from './sessions.js';
