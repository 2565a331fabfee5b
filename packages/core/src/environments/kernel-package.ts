import { FileFaultError, RemotePlaceError } from '../files/index.js';
import type { Prefix } from './prefix.js';
import { type Site, sitesOf } from './sites.js';
import type { KernelPackage } from './types.js';
import type { Look } from './where.js';

/** Metadata of the two packages that make a Python an executable kernel, as pip, conda and setuptools name it. */
const METADATA = /^(ipykernel|xeus[-_]python)-(\d[^-]*)(?:-.*)?\.(?:dist-info|egg-info)$/i;

/** .pth files that come with every environment and name no directory. */
const NO_DIRECTORIES = new Set(['distutils-precedence.pth', '_virtualenv.pth', 'matplotlib.pth', 'a1_coverage.pth']);

/**
 * ipykernel, else xeus-python, as far as an import would find it: by conda's records, by installed metadata in the
 * directories of {@link sitesOf}, and in what their .pth files and egg links name (editable installs).
 * Null where neither is there.
 */
export function kernelPackageOf(prefix: Prefix, version: string | null): KernelPackage | null {
  const byConda = condaPackage(prefix.condaMeta ?? []);
  if (byConda?.name === 'ipykernel') return byConda;
  let xeus = byConda;
  for (const site of sitesOf(prefix, version)) {
    const found = packageInSite(prefix.look, site);
    if (found?.name === 'ipykernel') return found;
    xeus ??= found;
  }
  return xeus;
}

/** `ipykernel-6.29.5-pyh3099207_0.json` among conda's records. */
function condaPackage(records: readonly string[]): KernelPackage | null {
  let xeus: KernelPackage | null = null;
  for (const record of records) {
    const match = /^(ipykernel|xeus-python)-(\d[^-]*)-[^-]+\.json$/.exec(record);
    if (match?.[1] === 'ipykernel') return { name: 'ipykernel', version: match[2]! };
    if (match) xeus = { name: 'xeus-python', version: match[2]! };
  }
  return xeus;
}

/** One site directory: a system's is shared by many environments, and is read once. */
function packageInSite(look: Look, { path, isNamed }: Site): KernelPackage | null {
  return look.memory.once(look.files, `kernel package ${isNamed} ${path}`, () => {
    const names = namesIn(look, path);
    const direct = packageAmong(look, path, names);
    if (direct?.name === 'ipykernel' || isNamed) return direct;
    return byPthFiles(look, path, names) ?? direct;
  });
}

function packageAmong(look: Look, dir: string, names: readonly string[]): KernelPackage | null {
  let xeus: KernelPackage | null = null;
  for (const name of names) {
    // most names are neither, and there are thousands of them
    if (!/^[ix]/i.test(name)) continue;
    const match = METADATA.exec(name);
    if (match?.[1]?.toLowerCase() === 'ipykernel') return { name: 'ipykernel', version: match[2]! };
    if (match) xeus = { name: 'xeus-python', version: match[2]! };
    else if (name === 'ipykernel.egg-link' || name === 'ipykernel.egg-info') {
      const found = name.endsWith('link') ? linked(look, dir) : unversioned(look, look.where.path.join(dir, name));
      if (found !== null) return found;
    }
  }
  return xeus;
}

/** `pip install -e` of old: the first line names the source directory. */
function linked(look: Look, site: string): KernelPackage | null {
  const text = textOrNull(look, look.where.path.join(site, 'ipykernel.egg-link'));
  const source = text?.split('\n')[0]?.trim();
  return source ? unversioned(look, look.where.path.join(source, 'ipykernel.egg-info')) : null;
}

/** Metadata in a directory without a version in its name: a source tree's own. */
function unversioned(look: Look, dir: string): KernelPackage | null {
  const { join } = look.where.path;
  const text = textOrNull(look, join(dir, 'PKG-INFO')) ?? textOrNull(look, dir);
  const version = /^Version:\s*(\S+)/m.exec(text ?? '')?.[1];
  return version === undefined ? null : { name: 'ipykernel', version };
}

/** Lines of .pth files that name directories (site.addpackage); lines that import are code, and are not run. */
function byPthFiles(look: Look, site: string, names: readonly string[]): KernelPackage | null {
  let xeus: KernelPackage | null = null;
  for (const name of names) {
    if (!name.endsWith('.pth') || NO_DIRECTORIES.has(name)) continue;
    const lines = (textOrNull(look, look.where.path.join(site, name)) ?? '').split(/\r?\n/);
    for (const line of lines) {
      if (line.trim() === '' || line.startsWith('#') || /^import[ \t]/.test(line)) continue;
      const dir = look.where.path.resolve(site, line.trimEnd());
      const found = packageAmong(look, dir, namesIn(look, dir));
      if (found?.name === 'ipykernel') return found;
      xeus ??= found;
    }
  }
  return xeus;
}

/** A site directory that is missing, or unreadable, is one that Python passes over, too. */
function namesIn(look: Look, dir: string): readonly string[] {
  try {
    return look.files.names(dir) ?? [];
  } catch (error) {
    if (isPassedOver(error, look)) return [];
    throw error;
  }
}

function textOrNull(look: Look, file: string): string | null {
  try {
    return look.files.text(file, 256 * 1024);
  } catch (error) {
    if (isPassedOver(error, look)) return null;
    throw error;
  }
}

function isPassedOver(error: unknown, look: Look): boolean {
  return error instanceof FileFaultError || (error instanceof RemotePlaceError && look.withoutRemote === true);
}

/** Whether `python -m pip` would find pip. */
export function hasPip(prefix: Prefix, version: string | null): boolean {
  if (prefix.cfg === null) return true;
  const { look } = prefix;
  return sitesOf(prefix, version).some(({ path }) => {
    try {
      return look.files.stat(look.where.path.join(path, 'pip')) !== null;
    } catch (error) {
      if (isPassedOver(error, look)) return false;
      throw error;
    }
  });
}
