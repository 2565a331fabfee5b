/** Why a kernel did not start, or ended: a table of rules over what is known. */
export type { Cause, CauseDetail, CauseKind, Finding } from './cause.js';
export { diagnoseDeath, diagnoseStart } from './diagnose.js';
export type { Evidence } from './evidence.js';
export { describeExit } from './exit-rules.js';
export { oomKillCount } from './oom.js';
export { diskProbe, type Probe } from './probe.js';
export { saysAddressTaken } from './system-rules.js';
