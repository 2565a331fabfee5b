/** Python environments: where they are kept, how each kind is recognised, and what is in it — from files. */
export { cacheFile, EnvironmentCache } from './cache.js';
export {
  type EnvironmentFinding,
  type FindEnvironmentsOptions,
  findEnvironments,
} from './find.js';
export { identityOf } from './identity.js';
export { inspect } from './inspect.js';
export { newEnvironment, program, quoted } from './install.js';
export { isFault, itemsOf } from './items.js';
export { locators } from './locators.js';
export { environmentMakers } from './makers.js';
export { commandToInstall, externalManager, hasEnsurepip, packageVersion } from './package.js';
export { ParserNeeded, Parsers } from './parsers.js';
export { compareVersions, minorOf } from './prefix.js';
export type { Project } from './projects.js';
export {
  BELOW,
  type Candidate,
  ENVIRONMENT_KINDS,
  type Environment,
  type EnvironmentKind,
  type EnvironmentProblem,
  type Fault,
  type Item,
  type KernelPackage,
  type Nearness,
  type Place,
} from './types.js';
export { given, inHome, isWithin, type Look, localAppData, Memory, type Where, whereOf, xdgData } from './where.js';
