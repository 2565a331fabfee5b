import type { Cause } from './cause.js';
import { type Evidence, type Rule, said } from './evidence.js';

/** What other runtimes say before they end. */
interface Saying {
  pattern: RegExp;
  cause(match: RegExpExecArray, evidence: Evidence): Cause;
}

const quotes = '[‘’\'"`“”]';

const SAYINGS: readonly Saying[] = [
  {
    // R, in whatever language it speaks: the function's name stays
    pattern: new RegExp(`there is no package called ${quotes}(\\w[\\w.]*)${quotes}`),
    cause: ([, name = '']) =>
      name === 'IRkernel'
        ? packageMissing('IRkernel', 'IRkernel is not installed in this R', 'in R: install.packages("IRkernel")')
        : moduleMissing(name, `the R package ${name} is not installed`, `in R: install.packages("${name}")`),
  },
  {
    pattern: /unable to load shared object '([^']+)':\s*\n?\s*(.*)/,
    cause: ([, library = '', why = '']) =>
      libraryFailed(library, `R cannot load ${library}: ${why.trim()}`, 'install the R package again'),
  },
  {
    pattern: /Package (IJulia) not found in current path/,
    cause: () =>
      packageMissing('IJulia', 'IJulia is not installed in this Julia', 'in Julia: using Pkg; Pkg.add("IJulia")'),
  },
  {
    pattern: /Unable to access jarfile (\S+)/,
    cause: ([, jar = '']) =>
      packageMissing(jar, `the kernel's program ${jar} is not there`, 'install the kernel again'),
  },
  {
    pattern: /Could not find or load main class (\S+)|ClassNotFoundException: (\S+)/,
    cause: ([, first, second]) => {
      const name = first ?? second ?? '';
      return packageMissing(name, `Java does not find the class ${name}`, 'install the kernel again');
    },
  },
  {
    pattern: /UnsupportedClassVersionError: (\S+)|compiled by a more recent version of the Java Runtime/,
    cause: ([, name]) => ({
      kind: 'import-failed',
      module: name ?? null,
      file: null,
      diagnosis: 'the kernel was built for a newer Java than the one that starts it',
      fix: 'install a newer Java, and put it first on PATH',
    }),
  },
  {
    pattern: /Cannot find (?:module|package) '([^']+)'|Module not found "([^"]+)"/,
    cause: ([, first, second]) => {
      const name = first ?? second ?? '';
      return moduleMissing(name, `the module ${name} is not there`, 'install the kernel again');
    },
  },
  {
    // a shell script in front of the kernel
    pattern: /(?:exec: )?([\w./+-]+): (?:command not found|not found)\s*$/m,
    cause: ([, name = '']) => ({
      kind: 'program-not-found',
      program: name,
      diagnosis: `the program ${name}, which it wanted to start, is not on PATH`,
      fix: `install ${name}, or put its directory on PATH`,
    }),
  },
];

export const runtimeRules: readonly Rule[] = SAYINGS.map(({ pattern, cause }) => (evidence) => {
  const match = pattern.exec(said(evidence));
  // a shell says so with these only; anybody may print the words
  const isShells = pattern.source.includes('not found\\s');
  if (match === null || (isShells && ![126, 127].includes(evidence.exit?.code ?? 0))) return null;
  return cause(match, evidence);
});

function packageMissing(name: string, diagnosis: string, fix: string): Cause {
  return { kind: 'kernel-package-missing', package: name, diagnosis, fix };
}

function moduleMissing(module: string, diagnosis: string, fix: string): Cause {
  return { kind: 'module-missing', module, diagnosis, fix };
}

function libraryFailed(library: string, diagnosis: string, fix: string): Cause {
  return { kind: 'library-failed', library, module: null, diagnosis, fix };
}
