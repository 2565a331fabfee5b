import { readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { type ConnectionInfo, parseConnectionInfo } from '@kernelkit/protocol';
import { KernelkitError } from '../errors/index.js';
import { homeDirectory, type ProcessVariables, runtimeDirectories } from '../specs/index.js';

/** A connection file that is not there, or is none. */
export class ConnectionFileError extends KernelkitError {
  /** Where it was looked for. */
  readonly searched: readonly string[];

  constructor(
    kind: 'connection-file-missing' | 'connection-file-invalid',
    message: string,
    options: { searched?: readonly string[]; fix: string | null; cause?: unknown },
  ) {
    super(kind, message, options);
    this.searched = options.searched ?? [];
  }
}

/**
 * Reads the connection file of a running kernel.
 * @throws ConnectionFileError
 */
export async function readConnectionFile(file: string): Promise<ConnectionInfo> {
  const invalid = (why: string, cause?: unknown) =>
    new ConnectionFileError('connection-file-invalid', `${file} is no connection file of a running kernel: ${why}`, {
      fix: 'name the file that the kernel was started with',
      cause,
    });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ConnectionFileError('connection-file-missing', `${file} cannot be read: ${(error as Error).message}`, {
      searched: [file],
      fix: 'the file goes when its kernel ends: check that it still runs',
      cause: error,
    });
  }
  let info: ConnectionInfo;
  try {
    info = parseConnectionInfo(JSON.parse(text));
  } catch (error) {
    throw invalid((error as Error).message, error);
  }
  const { shell_port, iopub_port, stdin_port, control_port, hb_port } = info;
  if ([shell_port, iopub_port, stdin_port, control_port, hb_port].includes(0))
    throw invalid('the kernel has yet to choose its ports');
  return info;
}

/** Where connection files are looked for. */
export interface FindConnectionFileOptions {
  cwd?: string;
  env?: ProcessVariables;
  home?: string;
}

/**
 * The connection file that somebody means, as `jupyter console --existing` finds it: a path; a name, or a part of one, in Jupyter's runtime
 * directory; without any the newest that is there.
 * @throws ConnectionFileError
 */
export async function findConnectionFile(
  query: string | undefined,
  options: FindConnectionFileOptions = {},
): Promise<string> {
  const { cwd = process.cwd(), env = process.env } = options;
  const home = options.home ?? homeDirectory(process.platform, env);
  if (query !== undefined) {
    const path = resolve(cwd, query);
    if ((await stat(path).catch(() => null))?.isFile()) return path;
    if (isAbsolute(query)) throw missing(query, [path]);
  }
  const dirs = runtimeDirectories({ platform: process.platform, env, home });
  const found: { file: string; at: number }[] = [];
  for (const dir of dirs) {
    for (const name of await readdir(dir).catch(() => [])) {
      const isMeant = query === undefined || name === query || name.includes(query);
      if (!isMeant || !/\.json$/.test(name) || /^(?:jp|nb)server-|^jupyter_cookie/.test(name)) continue;
      const file = join(dir, name);
      const info = await stat(file).catch(() => null);
      if (info?.isFile()) found.push({ file, at: name === query ? Number.POSITIVE_INFINITY : info.mtimeMs });
    }
  }
  const [newest] = found.sort((a, b) => b.at - a.at);
  if (newest === undefined) throw missing(query, dirs);
  return newest.file;
}

function missing(query: string | undefined, searched: readonly string[]): ConnectionFileError {
  const what = query === undefined ? 'no connection file' : `no connection file ${JSON.stringify(query)}`;
  return new ConnectionFileError('connection-file-missing', `${what} was found in ${searched.join(', ')}`, {
    searched,
    fix: "name the file itself: a kernel's %connect_info shows it",
  });
}
