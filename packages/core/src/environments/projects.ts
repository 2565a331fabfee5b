import { createHash } from 'node:crypto';
import { installInProject } from './install.js';
import type { Environment } from './types.js';
import { samePath, type Where } from './where.js';

/** A folder in or around the working directory that some tool may have made an environment for. */
export interface Project {
  /** With links resolved, which is what the tools' digests are made of. */
  folder: string;
  /** Folders between it and the working directory. */
  distance: number;
}

/**
 * poetry's name for a project's environments, without the version of Python
 * (poetry/utils/env/env_manager.py, `generate_env_name`): the name in pieces that a shell takes, and a digest of the folder.
 *
 * @param folder with links resolved; on Windows in lower case, as Python's normcase has it
 */
export function poetryName(name: string, folder: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[ $`!*@"\\\r\n\t]/g, '_')
    .slice(0, 42);
  return `${plain}-${digest(folder)}-py`;
}

/** The first characters of the SHA-256 of a path, as poetry, pipenv and hatch use it. */
export function digest(path: string): string {
  return createHash('sha256').update(path).digest('base64url').slice(0, 8);
}

/**
 * Ties an environment that a tool keeps in a place of its own to the project that it was made for, so that it counts as
 * the workspace's. poetry and hatch leave nothing but a digest of the folder's path; pipenv notes the folder itself.
 */
export function tieToProject(environment: Environment, projects: readonly Project[], where: Where): Environment {
  if (environment.nearness === 'workspace') return environment;
  const found = projects.find(({ folder }) => belongsTo(environment, folder, where));
  if (found === undefined) return environment;
  const { kind, install } = environment;
  const byProject = install === '' ? null : installInProject(kind, found.folder, where);
  return {
    ...environment,
    project: found.folder,
    nearness: 'workspace',
    distance: found.distance,
    install: byProject ?? install,
  };
}

function belongsTo({ kind, prefix, project }: Environment, folder: string, where: Where): boolean {
  const { path } = where;
  // poetry's digest is that of Python's normcase
  const folded = where.platform === 'win32' ? folder.toLowerCase() : folder;
  if (kind === 'poetry') return /-([\w-]{8})-py[\d.]+$/.exec(path.basename(prefix))?.[1] === digest(folded);
  if (kind === 'hatch') return path.basename(path.dirname(prefix)) === digest(folder);
  return project !== null && samePath(where, path.resolve(project), path.resolve(folder));
}
