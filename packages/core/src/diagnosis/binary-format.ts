/** What a program's first bytes say of it. */
export type BinaryFormat =
  | { format: 'elf'; arch: string; interpreter: string | null }
  | { format: 'mach-o'; arch: string }
  | { format: 'pe'; arch: string }
  | { format: 'script'; interpreter: string }
  | { format: 'text' }
  | { format: 'empty' }
  | { format: 'unknown' };

/** e_machine (elf(5)), in Node's words where it has one. */
const ELF_MACHINES: Readonly<Record<number, string>> = {
  2: 'sparc',
  3: 'ia32',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  43: 'sparc64',
  50: 'ia64',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};

/** The Machine of a COFF header. */
const PE_MACHINES: Readonly<Record<number, string>> = { 332: 'ia32', 34404: 'x64', 43620: 'arm64', 452: 'arm' };

/** Mach-O's cputype. */
const MACH_MACHINES: Readonly<Record<number, string>> = { 16777223: 'x64', 16777228: 'arm64', 7: 'ia32', 12: 'arm' };

const PT_INTERP = 3;

/** Reads the header of a program: what it was built for, and what has to be there for it to be started. */
export function binaryFormat(head: Buffer): BinaryFormat {
  if (head.length === 0) return { format: 'empty' };
  if (head.subarray(0, 4).toString('latin1') === '\x7fELF') return elf(head);
  if (head.subarray(0, 2).toString('latin1') === 'MZ') {
    const at = head.length >= 64 ? head.readUInt32LE(60) : head.length;
    const machine = at + 6 <= head.length ? head.readUInt16LE(at + 4) : -1;
    return { format: 'pe', arch: PE_MACHINES[machine] ?? 'unknown' };
  }
  const magic = head.length >= 8 ? head.readUInt32BE(0) : 0;
  if (magic === 0xcffaedfe || magic === 0xcefaedfe)
    return { format: 'mach-o', arch: MACH_MACHINES[head.readUInt32LE(4)] ?? 'unknown' };
  // a universal binary; Java's classes begin so, too, with a version where the count of architectures is here
  if (magic === 0xcafebabe && head.readUInt32BE(4) < 20) return { format: 'mach-o', arch: 'universal' };
  const line = /^#!\s*(\S+)/.exec(head.subarray(0, 512).toString('utf8'));
  if (line !== null) return { format: 'script', interpreter: line[1]! };
  return { format: head.subarray(0, 512).includes(0) ? 'unknown' : 'text' };
}

function elf(head: Buffer): BinaryFormat {
  if (head.length < 20) return { format: 'unknown' };
  const is64 = head[4] === 2;
  const isLittle = head[5] === 1;
  const read = (at: number, bytes: 2 | 4): number => {
    if (at + bytes > head.length) return 0;
    if (bytes === 2) return isLittle ? head.readUInt16LE(at) : head.readUInt16BE(at);
    return isLittle ? head.readUInt32LE(at) : head.readUInt32BE(at);
  };
  const machine = read(18, 2);
  const table = read(is64 ? 32 : 28, 4);
  const size = read(is64 ? 54 : 42, 2);
  const count = read(is64 ? 56 : 44, 2);
  let interpreter: string | null = null;
  for (let at = table; at < table + size * count && at + size <= head.length && size > 0; at += size) {
    if (read(at, 4) !== PT_INTERP) continue;
    const begin = read(at + (is64 ? 8 : 4), 4);
    const end = head.indexOf(0, begin);
    if (begin > 0 && end > begin) interpreter = head.subarray(begin, end).toString('utf8');
  }
  return { format: 'elf', arch: ELF_MACHINES[machine] ?? `machine ${machine}`, interpreter };
}

/** Whether this machine cannot run it: the system that it was built for, or null where it may. */
export function foreignTo(format: BinaryFormat, platform: NodeJS.Platform, arch: string): string | null {
  const native = platform === 'win32' ? 'pe' : platform === 'darwin' ? 'mach-o' : 'elf';
  const systems = { elf: 'Linux', pe: 'Windows', 'mach-o': 'macOS' } as const;
  if (format.format !== 'elf' && format.format !== 'pe' && format.format !== 'mach-o') return null;
  if (format.format !== native) return `${systems[format.format]} ${format.arch}`;
  const runs: Readonly<Record<string, readonly string[]>> = { x64: ['x64', 'ia32'], arm64: ['arm64', 'arm'] };
  // macOS and Windows translate x64 for arm64
  const translated = platform !== 'linux' && arch === 'arm64' && ['x64', 'ia32'].includes(format.arch);
  if (translated || ['universal', 'unknown'].includes(format.arch)) return null;
  return (runs[arch] ?? [arch]).includes(format.arch) ? null : format.arch;
}
