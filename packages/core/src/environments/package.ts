import { FileFaultError, type Files, RemotePlaceError } from '../files/index.js';
import { managedBy } from './inspect.js';
import { installCommand } from './install.js';
import { hasPip } from './kernel-package.js';
import { Parsers } from './parsers.js';
import { minorOf, Prefix } from './prefix.js';
import { sitesOf } from './sites.js';
import type { Environment } from './types.js';
import { type Look, Memory, type Where } from './where.js';

/**
 * The version of a package that an environment's Python would import, from files: conda's records, and the metadata in its
 * directories of packages. Null: it is not there, or not in a place that answers.
 *
 * @param name of the package, with `_`: `jupyter_server`
 */
export function packageVersion(
  environment: Pick<Environment, 'prefix' | 'python' | 'version'>,
  name: string,
  look: { files: Files; where: Where },
): string | null {
  const prefix = prefixOf(environment, look);
  const pattern = name.replaceAll('_', '[-_.]');
  const installed = new RegExp(`^${pattern}-(\\d[^-]*)(?:-.*)?\\.(?:dist-info|egg-info)$`, 'i');
  const record = new RegExp(`^${pattern}-(\\d[^-]*)-[^-]+\\.json$`, 'i');
  const versionIn = (names: readonly string[], form: RegExp): string | undefined => {
    for (const each of names) {
      const version = form.exec(each)?.[1];
      if (version !== undefined) return version;
    }
    return undefined;
  };
  return passedOver(() => {
    const byConda = versionIn(prefix.condaMeta ?? [], record);
    if (byConda !== undefined) return byConda;
    for (const { path } of sitesOf(prefix, environment.version)) {
      const found = passedOver(() => versionIn(look.files.names(path) ?? [], installed) ?? null, null);
      if (found !== null) return found;
    }
    return null;
  }, null);
}

/** The command that would install a package in an environment, as its manager wants it: as `Environment.install` is for ipykernel. */
export function commandToInstall(environment: Environment, name: string, look: { files: Files; where: Where }): string {
  const prefix = prefixOf(environment, look);
  const { version, ...identity } = environment;
  const pip = passedOver(() => hasPip(prefix, version), true);
  const owner = passedOver(() => managedBy(prefix, version), null);
  return installCommand(prefix, identity, pip, owner, name);
}

/**
 * Who says that pip must not install in an environment (PEP 668): Debian, or somebody else; null: nobody, or it cannot be seen. What
 * `commandToInstall` gives for one is no command that changes it, but for Debian's own, which is an administrator's to type.
 */
export function externalManager(
  environment: Pick<Environment, 'prefix' | 'python' | 'version'>,
  look: { files: Files; where: Where },
): 'debian' | 'other' | null {
  const prefix = prefixOf(environment, look);
  return passedOver(() => managedBy(prefix, environment.version), null);
}

/** Whether `python -m venv` would work: Debian has what it needs in a package of its own. */
export function hasEnsurepip(
  environment: Pick<Environment, 'prefix' | 'python' | 'version'>,
  look: { files: Files; where: Where },
): boolean {
  const prefix = prefixOf(environment, look);
  const minor = minorOf(environment.version);
  const libraries = prefix.libraries.filter((library) => library.minor === minor).map(({ name }) => ['lib', name]);
  const places = prefix.isWindows ? [['Lib']] : libraries;
  return passedOver(() => places.some((place) => prefix.stat(...place, 'ensurepip') !== null), false);
}

function prefixOf(
  { prefix, python }: Pick<Environment, 'prefix' | 'python'>,
  { files, where }: { files: Files; where: Where },
): Prefix {
  const look: Look = { files, where, memory: new Memory(), parsers: new Parsers(), projects: [] };
  return new Prefix(look, prefix, python ?? undefined);
}

/** A place that cannot be read is one that Python finds nothing in, either. */
function passedOver<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof FileFaultError || error instanceof RemotePlaceError) return otherwise;
    throw error;
  }
}
