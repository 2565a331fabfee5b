import { FileFaultError, RemotePlaceError } from '../files/index.js';
import { encodeRoot, readRoot } from '../specs/index.js';
import { isBaseThere } from './base.js';
import { installCommand, quoted } from './install.js';
import { hasPip, kernelPackageOf } from './kernel-package.js';
import { locators } from './locators.js';
import { minorOf, Prefix } from './prefix.js';
import type { Candidate, Environment, EnvironmentProblem, Identity } from './types.js';
import { versionOf } from './version.js';
import type { Look } from './where.js';

/**
 * What a candidate is, from its files; null when it is no environment.
 *
 * @throws FileFaultError where a file that decides is damaged or may not be read; RemotePlaceError
 */
export function inspect(candidate: Candidate, look: Look): Environment | null {
  const prefix = new Prefix(look, candidate.prefix, candidate.python);
  if (prefix.stat()?.type !== 'directory') return null;
  const identity = identify(prefix, candidate);
  if (identity === null) return null;
  const { python } = prefix;
  // `versionOf` asks conda's records first, for what is no conda environment they are not there
  const version = versionOf(prefix, identity.version ?? candidate.version ?? null);
  const problem = problemOf(prefix, candidate, identity, version);
  const kernelPackage = python === null || problem !== null ? null : kernelPackageOf(prefix, version);
  const install =
    kernelPackage?.name === 'ipykernel'
      ? ''
      : installCommand(prefix, identity, hasPip(prefix, version), managedBy(prefix, version));
  return {
    kind: candidate.kind ?? identity.kind,
    name: candidate.name ?? identity.name ?? nameOf(prefix),
    prefix: prefix.path,
    real: prefix.real,
    python,
    version,
    kernelPackage,
    install,
    manager: identity.manager ?? null,
    project: identity.project ?? null,
    nearness: identity.nearness ?? candidate.place.nearness,
    distance: candidate.place.distance ?? 0,
    problem,
    specs: specsOf(prefix),
    aliases: [],
    variables: candidate.variables ?? null,
  };
}

/** The first locator that recognises it; the order is that of {@link locators}. */
function identify(prefix: Prefix, candidate: Candidate): Identity | null {
  for (const locator of locators) {
    const identity = locator.identify?.(prefix, candidate) ?? null;
    if (identity !== null) return identity;
  }
  if (prefix.danglingPython !== null) return { kind: 'unknown' };
  return null;
}

/** The prompt that the environment was made with, else its directory's name. */
function nameOf(prefix: Prefix): string {
  return prefix.cfg?.prompt ?? prefix.look.where.path.basename(prefix.path);
}

/** Where an environment's kernelspecs are: `sys.prefix` + `share/jupyter/kernels`. Homebrew puts them beside the kegs. */
function specsOf(prefix: Prefix): Environment['specs'] {
  const { files, where } = prefix.look;
  const paths = [prefix.join('share', 'jupyter', 'kernels')];
  const brew = /^(.*)\/Cellar\/python@[^/]+\//.exec(`${prefix.real}/`)?.[1];
  if (brew !== undefined) paths.push(where.path.join(brew, 'share', 'jupyter', 'kernels'));
  return paths.flatMap((path) => {
    try {
      const read = readRoot(files, { path, prefix: prefix.path, origin: 'environment' });
      return read.read.length === 0 && read.searched.error === null ? [] : [{ path, root: encodeRoot(read) }];
    } catch (error) {
      // a link to a file system that does not answer: the environment is here all the same
      if (error instanceof RemotePlaceError && prefix.look.withoutRemote) return [];
      throw error;
    }
  });
}

function problemOf(
  prefix: Prefix,
  candidate: Candidate,
  identity: Identity,
  version: string | null,
): EnvironmentProblem | null {
  const { look, python } = prefix;
  const again = makeAgain(prefix, identity, version);
  if (candidate.python !== undefined && !isThere(look, candidate.python)) {
    const message = `its interpreter ${candidate.python} is not there`;
    return { kind: 'interpreter-missing', message, fix: again };
  }
  if (python === null) {
    const dangling = prefix.danglingPython;
    if (dangling !== null) {
      const target = look.files.readLink(dangling);
      const message = `its interpreter ${dangling} is a link to ${target}, which leads to nothing`;
      return { kind: 'interpreter-missing', message, fix: again };
    }
    if (prefix.condaMeta !== null) return null;
    return { kind: 'interpreter-missing', message: `${prefix.path} has no interpreter`, fix: again };
  }
  const { cfg } = prefix;
  if (cfg !== null && !isBaseThere(look, cfg)) {
    const message = `the Python that it was made with is gone: ${cfg.home}`;
    return { kind: 'interpreter-missing', message, fix: again };
  }
  return null;
}

/** A program that cannot be looked at is there: the Store's aliases on Windows are such. */
function isThere({ files }: Look, program: string): boolean {
  try {
    return files.stat(program) !== null;
  } catch (error) {
    if (error instanceof FileFaultError) return true;
    throw error;
  }
}

/** How it is put right. Only what is a virtual environment is cleared: the same command would empty an installation. */
function makeAgain(prefix: Prefix, { kind, name, project, nearness }: Identity, version: string | null): string | null {
  const minor = minorOf(version);
  const { where } = prefix.look;
  const quote = (word: string) => quoted(where, word);
  const path = quote(prefix.path);
  const leaf = quote(where.path.basename(prefix.path));
  if (kind === 'pyenv') return `install it again: pyenv install --force ${quote(name ?? '')}`;
  if (kind === 'conda' || kind === 'mamba')
    return `install it again: ${kind} install -p ${path} --force-reinstall python`;
  if (kind === 'pipx') return `make it again: pipx reinstall ${leaf}`;
  if (kind === 'uv' && nearness === 'tool') return `make it again: uv tool upgrade --reinstall ${leaf}`;
  if (prefix.cfg === null && kind !== 'virtualenv') return null;
  if (kind === 'uv') return `make it again: uv venv --clear${minor === null ? '' : ` --python ${minor}`} ${path}`;
  if (kind === 'poetry' && project) return `make it again: cd ${quote(project)} && poetry install`;
  if (kind === 'pipenv' && project) return `make it again: cd ${quote(project)} && pipenv install`;
  return `make it again: python${minor ?? '3'} -m venv --clear ${path}`;
}

/** PEP 668: a file beside the standard library says that pip must not install here. A virtual environment is never meant. */
export function managedBy(prefix: Prefix, version: string | null): 'debian' | 'other' | null {
  const minor = minorOf(version);
  const { files } = prefix.look;
  if (prefix.cfg !== null || prefix.condaMeta !== null) return null;
  const libraries = prefix.libraries.filter((library) => library.minor === minor).map(({ name }) => ['lib', name]);
  const marks = prefix.isWindows ? [['Lib']] : libraries;
  if (!marks.some((mark) => files.stat(prefix.join(...mark, 'EXTERNALLY-MANAGED')) !== null)) return null;
  return prefix.path === '/usr' && files.stat('/etc/debian_version') !== null ? 'debian' : 'other';
}
