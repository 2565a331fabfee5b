import { dirname, isAbsolute } from 'node:path';
import { binaryFormat, foreignTo } from './binary-format.js';
import type { Cause } from './cause.js';
import type { Evidence, Rule } from './evidence.js';
import { programFile } from './probe.js';

/** The system did not start it: why, by its code and by what lies at the program's place. */
export const spawnRules: readonly Rule[] = [
  directoryGone,
  programMissing,
  interpreterMissing,
  notExecutable,
  foreignProgram,
  limits,
  refused,
];

function directoryGone({ spawn, cwd, probe }: Evidence): Cause | null {
  if (spawn === null || probe.kind(cwd) === 'directory') return null;
  return {
    kind: 'directory-gone',
    directory: cwd,
    diagnosis: `its working directory ${cwd} is not there`,
    fix: 'name another directory for the kernel to work in',
  };
}

function programMissing(evidence: Evidence): Cause | null {
  const { spawn, argv, prefix, probe } = evidence;
  const file = programFile(evidence, probe);
  if (spawn?.code !== 'ENOENT' || probe.kind(file) !== null) return null;
  // gone with its folder; or the link to the Python that it was made with leads nowhere now
  if (prefix !== null && isAbsolute(file) && (probe.kind(prefix) === null || probe.isLink(file)))
    return environmentGone(prefix);
  const bare = !/[\\/]/.test(argv[0] ?? '');
  return {
    kind: 'program-not-found',
    program: argv[0] ?? '',
    diagnosis: bare
      ? `there is no program ${JSON.stringify(argv[0])} on the PATH that it is started with`
      : `there is no program ${file}`,
    fix: "install the program that the kernelspec's argv names, or install the kernel again",
  };
}

function environmentGone(prefix: string): Cause {
  return {
    kind: 'environment-gone',
    prefix,
    diagnosis: `its environment ${prefix} is not there any more, or the Python that it was made with is not`,
    fix: 'make the environment again, or choose another kernel',
  };
}

/** "No such file" of a file that is there: what its first line, or its header, wants to be run by is not. */
function interpreterMissing(evidence: Evidence): Cause | null {
  const { spawn, probe, prefix } = evidence;
  const file = programFile(evidence, probe);
  if (spawn?.code !== 'ENOENT' || probe.kind(file) !== 'file') return null;
  const format = binaryFormat(probe.head(file) ?? Buffer.alloc(0));
  if (format.format === 'elf' && format.interpreter !== null && probe.kind(format.interpreter) === null) {
    const musl = /musl/.test(format.interpreter);
    return {
      kind: 'library-failed',
      library: format.interpreter,
      module: null,
      diagnosis: `${file} was built for ${musl ? 'a system with musl (Alpine)' : 'another C library'}: its loader ${format.interpreter} is not there`,
      fix: 'install the program from the packages of this system',
    };
  }
  if (format.format !== 'script' || probe.kind(format.interpreter) !== null) return null;
  if (prefix !== null && format.interpreter.startsWith(prefix) && probe.kind(prefix) === null)
    return environmentGone(prefix);
  return {
    kind: 'program-not-found',
    program: format.interpreter,
    diagnosis: `${file} is run by ${format.interpreter}, which is not there: its environment was moved or deleted`,
    fix: 'make the environment again where it is now, or install the kernel again',
  };
}

function notExecutable(evidence: Evidence): Cause | null {
  const { spawn, probe } = evidence;
  const file = programFile(evidence, probe);
  if (spawn?.code !== 'EACCES' && spawn?.code !== 'EPERM') return null;
  const because = (reason: 'permission' | 'mount' | 'directory', diagnosis: string, fix: string): Cause => ({
    kind: 'not-executable',
    program: file,
    reason,
    diagnosis,
    fix,
  });
  if (probe.kind(file) === 'directory')
    return because('directory', `${file} is a directory`, "name a program in the kernelspec's argv");
  if (probe.kind(file) === 'file' && !probe.hasMode(file))
    return because('permission', `${file} may not be executed: its mode has no x`, `chmod +x ${file}`);
  if (probe.noexec(file))
    return because(
      'mount',
      `${file} lies on a file system that was mounted so that nothing may be executed from it (noexec)`,
      'move the environment to another file system, or mount it without noexec',
    );
  const fix = `check the rights to ${file} and to the directories above it, such as ${dirname(file)}`;
  return because('permission', `${file} may not be executed by this user`, fix);
}

/**
 * What the header says. Looked at after an early end, too: where the system does not know a format, execvp(3) hands the file to /bin/sh,
 * which then complains of its content.
 */
function foreignProgram(evidence: Evidence): Cause | null {
  const { spawn, exit, probe, platform } = evidence;
  const file = programFile(evidence, probe);
  const format = binaryFormat(probe.head(file) ?? Buffer.alloc(0));
  const built = probe.kind(file) === 'file' ? foreignTo(format, platform, process.arch) : null;
  if (built !== null) {
    return {
      kind: 'wrong-architecture',
      program: file,
      built,
      here: process.arch,
      diagnosis: `${file} was built for ${built}, and this is ${process.arch}`,
      fix: 'install the program for this machine',
    };
  }
  const isEmpty = format.format === 'empty' && probe.kind(file) === 'file';
  const isHanded = format.format === 'unknown' && [2, 126, 127].includes(exit?.code ?? 0);
  if (spawn?.code !== 'ENOEXEC' && !isHanded && !(exit !== null && isEmpty)) return null;
  return {
    kind: 'not-executable',
    program: file,
    reason: 'format',
    diagnosis: isEmpty ? `${file} is empty` : `${file} is no program that this system can run`,
    fix: 'install it again',
  };
}

const LIMITS: Readonly<Record<string, readonly [limit: 'open files' | 'processes', fix: string]>> = {
  EMFILE: ['open files', 'close what is open, or raise the limit (ulimit -n)'],
  ENFILE: ['open files', 'close what is open: the whole system has no file left'],
  EAGAIN: ['processes', 'end what runs, or raise the limit (ulimit -u, or pids.max of the container)'],
};

function limits({ spawn }: Evidence): Cause | null {
  if (spawn?.code === 'ENOMEM') {
    const fix = 'close other programs, or allow more memory';
    return { kind: 'out-of-memory', certain: true, diagnosis: 'there is no memory to start a process with', fix };
  }
  if (spawn?.code === 'E2BIG') {
    return {
      kind: 'limit-reached',
      limit: 'size of arguments and environment',
      diagnosis: 'its environment and its arguments are larger than the system takes',
      fix: 'look for a variable that has grown (kernelkit explain shows those that differ)',
    };
  }
  const limit = LIMITS[spawn?.code ?? ''];
  if (limit === undefined) return null;
  return { kind: 'limit-reached', limit: limit[0], diagnosis: `the limit of ${limit[0]} is reached`, fix: limit[1] };
}

function refused(evidence: Evidence): Cause | null {
  const { spawn, probe } = evidence;
  if (spawn === null) return null;
  const diagnosis = `the system did not start ${programFile(evidence, probe)}: ${spawn.code}`;
  return { kind: 'spawn-failed', code: spawn.code, diagnosis, fix: null };
}
