import type { CatalogEntry } from '@kernelkit/core';
import { UsageError } from '../errors.js';
import { isServerEntry } from '../servers/entries.js';
import { InstallKernelError } from './errors.js';
import type { Ground } from './ground.js';
import type { Language } from './languages.js';
import { inEnvironment } from './python.js';
import type { Plan } from './remedy.js';

/**
 * What would make a kernel startable that was named.
 * @param language what is wanted in its environment, where that was said
 * @throws UsageError, InstallKernelError
 */
export async function forEntry(ground: Ground, entry: CatalogEntry, language: Language | null): Promise<Plan> {
  const { displayName, owner, problem, startable, source } = entry;
  if (isServerEntry(entry) || source === 'running')
    throw new UsageError(`${displayName} is no kernel of this machine's that anything could be installed for`);
  if (language === 'xeus' || language === 'python') {
    if (owner === null)
      throw new UsageError(`${displayName} is no Python environment`, 'name an environment, or only --language');
    return inEnvironment(ground, owner, language === 'xeus' ? 'xeus-python' : 'ipykernel');
  }
  if (language !== null)
    throw new UsageError(`a kernel for ${language} goes into no environment`, `leave ${displayName} out`);
  if (startable) return { kind: 'there', entry };
  const { id } = entry;
  const isIt = (other: CatalogEntry) => other.id === id && other.startable;
  if (problem?.kind === 'irkernel-missing' && problem.fix !== null)
    return { kind: 'remedy', remedy: { commands: [problem.fix], notes: [], makes: null, gives: isIt } };
  if ((problem?.kind === 'ipykernel-missing' || problem?.kind === 'python-missing') && owner !== null)
    return inEnvironment(ground, owner, 'ipykernel');
  throw new InstallKernelError('not-installable', problem?.message ?? `${displayName} cannot be started`, {
    fix: problem?.fix ?? null,
  });
}
