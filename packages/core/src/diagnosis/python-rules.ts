import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Cause } from './cause.js';
import { type Evidence, lastWords, type Rule, said } from './evidence.js';
import { lastTraceback } from './python-traceback.js';

/** What Python says before it ends, from the most telling to the least. */
export const pythonRules: readonly Rule[] = [
  noStandardLibrary,
  noKernelModule,
  win32api,
  binaryLibrary,
  shadowedModule,
  moduleMissing,
  brokenPackage,
];

/** Modules that are run by another name than their package's. */
const PACKAGES: Readonly<Record<string, string>> = { ipykernel_launcher: 'ipykernel', xpython: 'xeus-python' };

function installOf(name: string, { argv, install, prefix }: Evidence): string {
  // what the environment's own manager wants, for the package that it was worked out for
  if (install !== null && prefix !== null) return install.replace(/\bipykernel\b(?!.*\bipykernel\b)/, name);
  return `${pythonOf(argv)} -m pip install ${name}`;
}

/** The interpreter, where a shell or a wrapper stands before it. */
function pythonOf(argv: readonly string[]): string {
  return argv.find((word) => /(?:^|[\\/])python[\d.]*(?:\.exe)?$/.test(word)) ?? argv[0] ?? 'python';
}

/** Its interpreter starts and finds no library: the Python that its environment was made with has gone, or moved. */
function noStandardLibrary(evidence: Evidence): Cause | null {
  if (!/No module named '?encodings'?|Could not find platform independent libraries/.test(evidence.stderr)) return null;
  if (!/Fatal Python error|init_fs_encoding|encodings/.test(evidence.stderr)) return null;
  const prefix = evidence.prefix ?? dirname(dirname(evidence.argv[0] ?? ''));
  return {
    kind: 'environment-gone',
    prefix,
    diagnosis: `${pythonOf(evidence.argv)} does not find its standard library: the Python that its environment was made with has gone or was moved, or PYTHONHOME names another`,
    fix: `make the environment ${prefix} again`,
  };
}

/** `python -m MODULE`, and MODULE is not there. */
function noKernelModule(evidence: Evidence): Cause | null {
  const at = evidence.argv.indexOf('-m');
  const asked = at === -1 ? undefined : evidence.argv[at + 1];
  const missing = missingModule(evidence.stderr);
  if (missing === null) return null;
  const root = missing.split('.')[0]!;
  const isAsked = asked !== undefined && asked.split('.')[0] === root;
  if (!isAsked && !(root in PACKAGES) && root !== 'ipykernel') return null;
  // a package that is there, without the module that was asked for
  const name = PACKAGES[root] ?? root;
  return {
    kind: 'kernel-package-missing',
    package: name,
    diagnosis: `${name} is not installed for ${pythonOf(evidence.argv)}`,
    fix: installOf(name, evidence),
  };
}

function missingModule(text: string): string | null {
  return /No module named '?([\w.]+)'?/.exec(lastWords(text))?.[1] ?? null;
}

function win32api(evidence: Evidence): Cause | null {
  if (!/No module named '?win32api|DLL load failed[^\n]*win32api/.test(evidence.stderr)) return null;
  return {
    kind: 'library-failed',
    library: 'win32api',
    module: 'win32api',
    diagnosis: 'the module win32api (pywin32) cannot be loaded',
    fix: `install it again: ${evidence.argv[0]} -m pip install --force-reinstall pywin32`,
  };
}

/** What the loader says through Python's ImportError. */
const LOADER: readonly RegExp[] = [
  /DLL load failed(?: while importing (?<module>\w+))?: (?<why>.*)/,
  /(?<library>[^\s:]+\.(?:so|dylib)[\w.]*): (?<why>cannot open shared object file.*|failed to map segment.*|undefined symbol.*|invalid ELF header.*|wrong ELF class.*|file too short.*|ELF load command.*)/,
  /(?<library>[^\s:]+\.(?:so|dylib)[\w.]*): (?<why>version `?[\w.]+'? not found.*)/,
  /dlopen\((?<library>[^,)]+)[^)]*\): (?<why>.*)/,
  /Error loading shared library (?<library>[^\s:]+): (?<why>.*)/,
];

function binaryLibrary(evidence: Evidence): Cause | null {
  const traceback = lastTraceback(evidence.stderr);
  if (traceback === null || !/^(ImportError|OSError)$/.test(traceback.type)) return null;
  for (const pattern of LOADER) {
    const match = pattern.exec(traceback.message);
    if (match === null) continue;
    const { library = null, why = '' } = match.groups ?? {};
    const module = match.groups?.module ?? importedModule(traceback.frames.at(-1)?.code ?? '');
    const what = module === null ? 'a library' : `the module ${module}`;
    const isForeign = /incompatible architecture|wrong ELF class|invalid ELF header|not a valid Win32/.test(why);
    const isSystem = /version `?GLIBC/.test(why);
    return {
      kind: 'library-failed',
      library,
      module,
      diagnosis: `${what} cannot be loaded: ${library === null ? '' : `${basename(library)}: `}${why.trim()}`,
      fix: /failed to map segment/.test(why)
        ? 'move the environment to a file system that is not mounted noexec'
        : isForeign
          ? 'install the package again for this architecture'
          : isSystem
            ? 'the package was built for a newer system: install an older version of it'
            : `install the package${library === null ? '' : `, or what has ${basename(library)},`} again; in a conda environment it has to be activated`,
    };
  }
  return null;
}

function importedModule(code: string): string | null {
  return /^(?:from|import)\s+([\w.]+)/.exec(code)?.[1] ?? null;
}

/**
 * A file of the user's with the name of a module: it lies in the working directory (or beside a script), and the traceback goes through
 * it, or the error names it. Which names are modules need not be known: the line above it imports that name.
 */
function shadowedModule(evidence: Evidence): Cause | null {
  const { cwd, probe } = evidence;
  const traceback = lastTraceback(evidence.stderr);
  const words = lastWords(evidence.stderr);
  const named = [
    .../(?:from|renaming) '[^']*' \(([^)]+)\)|\(([^()]+\.pyc?)\)|renaming '([^']+)'/g[Symbol.matchAll](words),
  ]
    .flatMap((match) => match.slice(1))
    .filter((file) => file !== undefined);
  const files = [...named, ...(traceback?.frames ?? []).map(({ file }) => file).reverse()];
  for (const file of files) {
    const module = moduleIn(cwd, file);
    if (module === null || isKernelItself(module, evidence)) continue;
    const isImported = named.includes(file) || traceback?.frames.some(({ code }) => imports(code, module));
    if (isImported) return shadowed(module, resolve(file));
  }
  // a module that is not what the others think, with a file of its name in the way
  const blamed = BLAMED.map((pattern) => pattern.exec(words)?.[1]?.split('.')[0]).find((name) => name !== undefined);
  if (blamed === undefined || isKernelItself(blamed, evidence)) return null;
  const file = [join(cwd, `${blamed}.py`), join(cwd, blamed, '__init__.py')].find(
    (each) => probe.kind(each) === 'file',
  );
  return file === undefined ? null : shadowed(blamed, file);
}

const BLAMED: readonly RegExp[] = [
  /No module named '([\w.]+)'; '[\w.]+' is not a package/,
  /No module named '(\w+)\.[\w.]+'/,
  /module '([\w.]+)' has no attribute/,
  /cannot import name '.*?' from '([\w.]+)'/,
];

/** The module that a file directly in `cwd` would be: `random.py`, `random/__init__.py`. */
function moduleIn(cwd: string, file: string): string | null {
  const path = resolve(cwd, file);
  if (dirname(path) === resolve(cwd) && extname(path) === '.py') return basename(path, '.py');
  const isPackage = basename(path) === '__init__.py' && dirname(dirname(path)) === resolve(cwd);
  return isPackage ? basename(dirname(path)) : null;
}

function isKernelItself(module: string, { argv }: Evidence): boolean {
  return argv.some((word) => basename(word, '.py') === module || word.split('.')[0] === module);
}

function imports(code: string, module: string): boolean {
  return new RegExp(`^(?:from|import)\\s+(?:[\\w., ]+,\\s*)?${module}\\b`).test(code);
}

function shadowed(module: string, file: string): Cause {
  return {
    kind: 'module-shadowed',
    module,
    file,
    diagnosis: `${file} is taken for the module ${module}`,
    fix: `rename ${file}, or work in another directory`,
  };
}

function moduleMissing(evidence: Evidence): Cause | null {
  const missing = missingModule(evidence.stderr);
  if (missing === null) return null;
  const root = missing.split('.')[0]!;
  // the package is there, and of another version than the one who imports it wants
  if (missing !== root && lastTraceback(evidence.stderr)?.frames.some(({ file }) => file.includes(`/${root}/`)))
    return null;
  return {
    kind: 'module-missing',
    module: missing,
    diagnosis: `the module ${missing} is not installed for ${pythonOf(evidence.argv)}`,
    fix: installOf(root, evidence),
  };
}

/** What old or broken packages end with, by what they say, with what to do. */
const KNOWN: readonly [pattern: RegExp, fix: string][] = [
  [/Couldn't find Class NSProcessInfo/, 'pip install --upgrade ipython'],
  [/'Namespace' object has no attribute '_flags'/, 'pip install --upgrade "traitlets>=5.1.1"'],
  [/'zmq\.backend|zmq[\\/]backend[\\/]cython/, 'pip install --force-reinstall pyzmq'],
];

/** A package that cannot be imported although it is there. Only where the error comes while something is imported. */
function brokenPackage(evidence: Evidence): Cause | null {
  const traceback = lastTraceback(said(evidence));
  if (traceback === null) return null;
  const { type, message, frames } = traceback;
  const python = pythonOf(evidence.argv);
  const known = KNOWN.find(([pattern]) => pattern.test(message));
  const isOldLoop = type === 'NotImplementedError' && frames.some(({ file }) => /asyncio[\\/]events\.py$/.test(file));
  const isImport =
    type === 'ImportError' || type === 'ModuleNotFoundError' || /partially initialized module/.test(message);
  const isWhileImporting = frames.some(({ code }) => importedModule(code) !== null);
  const where = frames.at(-1)?.file ?? null;
  const isOfPackage = where !== null && /(site|dist)-packages/.test(where);
  const isInLibrary = isWhileImporting && (isOfPackage || type === 'SyntaxError');
  if (known === undefined && !isOldLoop && !isImport && !isInLibrary) return null;
  const module =
    /cannot import name '.*?' from (?:partially initialized module )?'([\w.]+)'/.exec(message)?.[1] ??
    /(?:partially initialized )?module '([\w.]+)' has no attribute/.exec(message)?.[1] ??
    /No module named '([\w.]+)'/.exec(message)?.[1] ??
    packageOf(where);
  const root = module?.split('.')[0] ?? null;
  const file = /\(([^()]+\.py)\)/.exec(message)?.[1] ?? where;
  return {
    kind: 'import-failed',
    module,
    file,
    diagnosis: `${module === null ? 'a package' : `the package ${root}`} is installed, but is broken or does not fit the others: ${type}: ${message.split('\n')[0]}`,
    fix: isOldLoop
      ? `${python} -m pip install --upgrade ipykernel tornado`
      : known !== undefined
        ? `${python} -m ${known[1]}`
        : `${python} -m pip install --upgrade ${root ?? 'ipykernel'}`,
  };
}

/** The package that a file in site-packages belongs to. */
function packageOf(file: string | null): string | null {
  return /(?:site|dist)-packages[\\/]([\w]+)/.exec(file ?? '')?.[1] ?? null;
}
