import { FileFaultError, type Files } from '../files/index.js';
import type { Prefix } from './prefix.js';
import { sitesOf } from './sites.js';
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
function packageInSite(look: Look, site: string): KernelPackage | null {
  return look.memory.once(look.files, `kernel package ${site}`, () => {
    const names = namesIn(look.files, site);
    const direct = packageAmong(look, site, names);
    return direct?.name === 'ipykernel' ? direct : (byPthFiles(look, site, names) ?? direct);
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
    else if (name === 'ipykernel.egg-link') return linked(look, dir) ?? xeus;
    else if (name === 'ipykernel.egg-info') return unversioned(look, look.where.path.join(dir, name)) ?? xeus;
  }
  return xeus;
}

/** `pip install -e` of old: the first line names the source directory. */
function linked(look: Look, site: string): KernelPackage | null {
  const text = textOrNull(look.files, look.where.path.join(site, 'ipykernel.egg-link'));
  const source = text?.split('\n')[0]?.trim();
  return source ? unversioned(look, look.where.path.join(source, 'ipykernel.egg-info')) : null;
}

/** Metadata in a directory without a version in its name: a source tree's own. */
function unversioned(look: Look, dir: string): KernelPackage | null {
  const { join } = look.where.path;
  const text = textOrNull(look.files, join(dir, 'PKG-INFO')) ?? textOrNull(look.files, dir);
  const version = /^Version:\s*(\S+)/m.exec(text ?? '')?.[1];
  return version === undefined ? null : { name: 'ipykernel', version };
}

/** Lines of .pth files that name directories (site.addpackage); lines that import are code, and are not run. */
function byPthFiles(look: Look, site: string, names: readonly string[]): KernelPackage | null {
  let xeus: KernelPackage | null = null;
  for (const name of names) {
    if (!name.endsWith('.pth') || NO_DIRECTORIES.has(name)) continue;
    const lines = (textOrNull(look.files, look.where.path.join(site, name)) ?? '').split(/\r?\n/);
    for (const line of lines) {
      if (line.trim() === '' || line.startsWith('#') || /^import[ \t]/.test(line)) continue;
      const dir = look.where.path.resolve(site, line.trimEnd());
      const found = packageAmong(look, dir, namesIn(look.files, dir));
      if (found?.name === 'ipykernel') return found;
      xeus ??= found;
    }
  }
  return xeus;
}

/** A site directory that is missing, or unreadable, is one that Python passes over, too. */
function namesIn(files: Files, dir: string): readonly string[] {
  try {
    return files.names(dir) ?? [];
  } catch (error) {
    if (error instanceof FileFaultError) return [];
    throw error;
  }
}

function textOrNull(files: Files, file: string): string | null {
  try {
    return files.text(file, 256 * 1024);
  } catch (error) {
    if (error instanceof FileFaultError) return null;
    throw error;
  }
}
