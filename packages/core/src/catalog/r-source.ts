import { program as asTyped } from '../environments/index.js';
import { FileFaultError, type Files, RemotePlaceError } from '../files/index.js';
import { expandHome, pathFlavour } from '../specs/index.js';
import { millisecondsSince, runtimeEntry } from './entry.js';
import { findOnPath } from './executable.js';
import type { CatalogEntry, KernelSource, SearchedPlace, SourceContext } from './types.js';

/** R with IRkernel in one of its libraries, which needs no kernelspec. From files: R is not started. */
export function rSource(): KernelSource {
  return {
    name: 'r',
    find(context) {
      const begin = performance.now();
      const program = findOnPath(context, 'R');
      if (program === null) return { entries: [], searched: [] };
      const place = (error: string | null): SearchedPlace => {
        return { path: program, kind: 'runtimes', found: error === null ? 1 : 0, error, ms: millisecondsSince(begin) };
      };
      try {
        const version = librariesOf(program, context)
          .map((dir) => irkernelIn(context.files, dir))
          .find((found) => found !== null);
        return { entries: [entryOfR(program, version ?? null, context)], searched: [place(null)] };
      } catch (error) {
        if (!(error instanceof RemotePlaceError)) throw error;
        // whether IRkernel is there cannot be seen from here, and "missing" would be a guess
        return { entries: [], searched: [place(error.message)] };
      }
    },
  };
}

/**
 * `-e` asks nobody: R then takes no mirror by itself, and no library that the user may write to (install.packages, "Details"). Single quotes,
 * since every shell takes them as they are between double ones.
 */
const INSTALL = [
  "if ('@CRAN@' %in% getOption('repos')) chooseCRANmirror(ind = 1)",
  'lib <- .libPaths()[1]',
  "if (file.access(lib, 2) != 0) dir.create(lib <- Sys.getenv('R_LIBS_USER'), FALSE, TRUE)",
  "install.packages('IRkernel', lib)",
].join('; ');

function entryOfR(program: string, irkernel: string | null, { files }: SourceContext): CatalogEntry {
  const spec = {
    // what IRkernel::installspec() writes
    argv: [program, '--slave', '-e', 'IRkernel::main()', '--args', '{connection_file}'],
    display_name: 'R',
    language: 'R',
    interrupt_mode: 'signal' as const,
    env: {},
    metadata: {},
    extra: {},
  };
  const problem =
    irkernel !== null
      ? null
      : {
          kind: 'irkernel-missing',
          message: `IRkernel is in no library of ${program}`,
          fix: `${asTyped(files, program)} -e "${INSTALL}"`,
        };
  return { ...runtimeEntry('ir', files.real(program), spec, problem), runtime: 'r' };
}

/** Where R looks for packages (`.libPaths()`): the variables that name libraries, then the usual places. */
function librariesOf(program: string, { platform, env, home, files }: SourceContext): string[] {
  const { delimiter, join, dirname } = pathFlavour(platform);
  const named = ['R_LIBS', 'R_LIBS_USER', 'R_LIBS_SITE']
    .flatMap((name) => (env[name] ?? '').split(delimiter))
    // `%v` and `%p` stand for R's version and platform
    .filter((dir) => dir !== '' && !dir.includes('%'))
    .map((dir) => expandHome(platform, dir, home));
  const users = subdirectories(files, join(home, 'R')).flatMap((dir) => subdirectories(files, dir));
  const root = dirname(dirname(files.real(program)));
  const own = [env.R_HOME, root, join(root, 'lib', 'R'), join(root, 'lib64', 'R')].flatMap((dir) =>
    dir ? join(dir, 'library') : [],
  );
  const site = [
    '/usr/local/lib/R/site-library',
    '/usr/lib/R/site-library',
    '/usr/lib/R/library',
    '/usr/share/R/library',
  ];
  return [...new Set([...named, ...users, ...own, ...(platform === 'win32' ? [] : site)])];
}

function subdirectories(files: Files, dir: string): string[] {
  try {
    const entries = [...(files.list(dir) ?? [])];
    return entries.filter(([, type]) => type !== 'file').map(([name]) => pathFlavour(files.platform).join(dir, name));
  } catch (error) {
    if (error instanceof FileFaultError) return [];
    throw error;
  }
}

function irkernelIn(files: Files, library: string): string | null {
  try {
    const text = files.text(pathFlavour(files.platform).join(library, 'IRkernel', 'DESCRIPTION'));
    return /^Version:\s*(\S+)/m.exec(text ?? '')?.[1] ?? null;
  } catch (error) {
    if (error instanceof FileFaultError) return null;
    throw error;
  }
}
