import type { Cause } from './cause.js';
import { type Evidence, type Rule, said } from './evidence.js';
import { ntStatus } from './nt-status.js';

/** What the system refused it, which a traceback must not hide: a full disk ends in one, too. */
export const refusedRules: readonly Rule[] = [diskFull, addressTaken, addressNotBindable, openFiles, noThread];

/** The rest of what the system has to do with. Permissions come last: a module may be missing because of one. */
export const systemRules: readonly Rule[] = [loader, outOfMemory, fileDenied];

/** Whether it is one of memory, for a kernel that died at work: what else it had said by then has not ended it. */
export const memoryRule: Rule = outOfMemory;

/** Only what comes at the end: a warning long before has not ended anything. */
const END_BYTES = 4096;

function ending(evidence: Evidence): string {
  return said(evidence).slice(-END_BYTES);
}

function diskFull(evidence: Evidence): Cause | null {
  const match = /(?:No space left on device|Disk quota exceeded|ENOSPC|EDQUOT)(?:[^\n]*?'([^'\n]+)')?/.exec(
    ending(evidence),
  );
  if (match === null) return null;
  const path = match[1] ?? null;
  return {
    kind: 'disk-full',
    path,
    diagnosis: path === null ? 'there is no space left on the disk' : `there is no space left for ${path}`,
    fix: 'free some space, in the home and in the directory for temporary files',
  };
}

/** The last that is named; code in a traceback has patterns of them (`tcp://%s:%i`). */
const ADDRESS = /.*\b(tcp:\/\/[\w.[\]:-]+:\d+|ipc:\/\/[^\s')]+|\d+\.\d+\.\d+\.\d+:\d+)/s;

function addressTaken(evidence: Evidence): Cause | null {
  if (!saysAddressTaken(ending(evidence))) return null;
  const address = ADDRESS.exec(ending(evidence))?.[1] ?? null;
  return {
    kind: 'address-taken',
    address,
    diagnosis: `${address ?? 'one of its addresses'} is in use already`,
    fix: 'try again: other ports are chosen; or use a kernel that takes Unix sockets',
  };
}

const TAKEN = /address already in use|EADDRINUSE|Os \{ code: (?:98|48|10048)\b/i;

/** Whether a kernel's words say that one of its addresses is taken. */
export function saysAddressTaken(text: string): boolean {
  return TAKEN.test(text);
}

function addressNotBindable(evidence: Evidence): Cause | null {
  const text = ending(evidence);
  if (
    !/Cannot assign requested address|Can't assign requested address|EADDRNOTAVAIL|File name too long|is longer than \d+ characters/.test(
      text,
    )
  )
    return null;
  const address = ADDRESS.exec(text)?.[1] ?? null;
  const isPath = /too long|is longer than/.test(text);
  return {
    kind: 'address-not-bindable',
    address,
    diagnosis: isPath
      ? 'the path of its sockets is too long for it'
      : `${address ?? 'the address that it shall listen on'} is none of this machine's`,
    fix: isPath ? 'set TMPDIR to a shorter directory, or use tcp' : 'check that the loopback interface is up',
  };
}

/** The loader's own words, before anything of the program has run. */
const LOADERS: readonly RegExp[] = [
  /error while loading shared libraries: ([^:\s]+): (.*)/,
  /Error loading shared library ([^:\s]+): (.*)/,
  /Error relocating ([^:\s]+): (.*)/,
  /Library not loaded: (\S+)\s*\n(?:[^\n]*\n)?\s*Reason: (.*)/,
  /([^\s:]+\.so[\w.]*): (version `[\w.]+' not found.*)/,
];

function loader(evidence: Evidence): Cause | null {
  const text = ending(evidence);
  for (const pattern of LOADERS) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const [, library = '', why = ''] = match;
    return {
      kind: 'library-failed',
      library,
      module: null,
      diagnosis: `the library ${library} cannot be loaded: ${why.trim()}`,
      fix: /cannot open|No such file|not found/i.test(why)
        ? `install what has ${library}; if it lies in an environment, that has to be activated`
        : 'install the program for this system',
    };
  }
  const status = ntStatus(evidence.exit?.code ?? 0);
  if (evidence.platform !== 'win32' || status === null || !/DLL_|IMAGE_FORMAT|ENTRYPOINT|ORDINAL/.test(status.name))
    return null;
  return {
    kind: 'library-failed',
    library: null,
    module: null,
    diagnosis: `${status.meaning} (${status.name})`,
    fix: 'install the program again; in a conda environment it has to be activated',
  };
}

const NO_MEMORY =
  /\bMemoryError\b|std::bad_alloc|Cannot allocate memory|OutOfMemoryError|Could not reserve enough space|cannot allocate vector|heap out of memory|insufficient memory for the Java Runtime|failed to map memory|pthread_create failed.*EAGAIN|memory exhausted/i;

function outOfMemory(evidence: Evidence): Cause | null {
  const { exit, oomKills, platform } = evidence;
  const isKilled = exit?.signal === 'SIGKILL' || exit?.code === 137;
  const isTold = NO_MEMORY.test(ending(evidence));
  const isStatus = platform === 'win32' && ntStatus(exit?.code ?? 0)?.name === 'STATUS_NO_MEMORY';
  if (!isKilled && !isTold && !isStatus) return null;
  const certain = isTold || isStatus || oomKills > 0;
  const fix = 'allow it more memory (the limit of the container, ulimit -v), or have it do with less';
  if (isTold || isStatus) return { kind: 'out-of-memory', certain, diagnosis: 'it ran out of memory', fix };
  return {
    kind: 'out-of-memory',
    certain,
    diagnosis: certain
      ? 'the system ended it because memory ran out (SIGKILL)'
      : 'it was ended by SIGKILL, which is most often the system ending what took too much memory',
    fix,
  };
}

function openFiles(evidence: Evidence): Cause | null {
  if (!/Too many open files|EMFILE/.test(ending(evidence))) return null;
  const fix = 'raise the limit (ulimit -n)';
  return { kind: 'limit-reached', limit: 'open files', diagnosis: 'it reached the limit of open files', fix };
}

function noThread(evidence: Evidence): Cause | null {
  if (!/can't start new thread|fork: (?:retry: )?Resource temporarily unavailable/.test(ending(evidence))) return null;
  return {
    kind: 'limit-reached',
    limit: 'processes',
    diagnosis: 'it could start no thread or process: the limit of processes, or of memory, is reached',
    fix: 'raise the limit (ulimit -u, ulimit -v, pids.max of the container)',
  };
}

function fileDenied(evidence: Evidence): Cause | null {
  const match =
    /(?:Read-only file system|Permission denied|Operation not permitted)(?:: '?([^'\n]+?)'?$)?/m.exec(
      ending(evidence),
    ) ?? /(?:EROFS|EACCES|EPERM)[^\n]*'([^'\n]+)'/.exec(ending(evidence));
  if (match === null) return null;
  const path = match[1] ?? null;
  return {
    kind: 'file-denied',
    path,
    diagnosis: path === null ? 'it may not read or write a file that it needs' : `it may not read or write ${path}`,
    fix:
      path === null
        ? 'see its standard error for which'
        : `check the rights to ${path}, and that its disk can be written`,
  };
}
