/** The REST API. */
export { answer, failure } from './answers.js';
export { pathBelow, restHandler } from './app.js';
export type { Contract } from './contract.js';
export { Counters } from './metrics.js';
