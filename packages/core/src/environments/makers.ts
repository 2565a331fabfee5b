import { compareVersions } from './prefix.js';
import type { Environment } from './types.js';

/**
 * The Pythons that an environment of one's own can be made with, the best first: the newest of the installations, then those that only
 * a manager or another environment has. None of an application's (pipx, uv tools).
 *
 * @param oldest the first version that will do
 */
export function environmentMakers(environments: readonly Environment[], oldest: string): Environment[] {
  const order = ({ kind }: Environment): number =>
    kind === 'system' || kind === 'pyenv' || kind === 'homebrew' || kind === 'python.org' ? 0 : 1;
  return environments
    .filter(({ python, problem, version, nearness }) => {
      const isOld = version !== null && compareVersions(version, oldest) < 0;
      return python !== null && problem === null && !isOld && nearness !== 'tool';
    })
    .sort((a, b) => order(a) - order(b) || compareVersions(b.version ?? '0', a.version ?? '0'));
}
