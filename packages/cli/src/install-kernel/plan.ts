import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogEntry } from '@kernelkit/core';
import { UsageError } from '../errors.js';
import { quoted } from '../report.js';
import { isServerEntry } from '../servers/entries.js';
import { InstallKernelError, NoEnvironmentError } from './errors.js';
import type { Ground } from './ground.js';
import type { Language } from './languages.js';
import { own } from './own.js';
import { commandToMake, PLACE } from './own-environment.js';
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

/** An environment was named by its path, and is not there: what makes one. Of what is no path, the error as it is. */
export function noEntry(ground: Ground, query: string, error: unknown): unknown {
  if (query !== PLACE && !/[\\/]|^\.\.?$/.test(query)) return error;
  const path = ground.where.path.resolve(ground.cwd, query);
  if (!existsSync(path))
    return new NoEnvironmentError(`there is nothing at ${query}`, commandToMake(ground, query, 'ipykernel'), error);
  const inside = join(query, PLACE);
  const fix = existsSync(join(path, PLACE, 'pyvenv.cfg'))
    ? own(`install-kernel ${quoted(inside)}`)
    : commandToMake(ground, inside, 'ipykernel');
  return new NoEnvironmentError(`${query} is no environment, and no kernel`, fix, error);
}
