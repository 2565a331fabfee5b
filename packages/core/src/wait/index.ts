/** Waiting, with an end: what every stage needs, and what knows of none. */
export { untilAborted } from './abort.js';
export { announced } from './announced.js';
export { CleanUp } from './clean-up.js';
export { Deadline } from './deadline.js';
export { QuietTimer, settlesWithin } from './quiet.js';
