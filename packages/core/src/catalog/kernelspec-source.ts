import { dirname } from 'node:path';
import type { KernelSpec } from '@kernelkit/protocol';
import { quoted } from '../environments/index.js';
import { RemotePlaceError } from '../files/index.js';
import { type BrokenSpec, type FindSpecsOptions, findKernelSpecs, type InstalledSpec } from '../specs/index.js';
import { entryId } from './entry.js';
import { findProgram, type Program, type ProgramQuery } from './program.js';
import type { CatalogEntry, EntryProblem, KernelSource, SourceContext } from './types.js';

/** What of the search for kernelspecs a caller may set beyond the context. */
export type KernelspecSourceOptions = Pick<
  FindSpecsOptions,
  'prefixes' | 'userBases' | 'ipython' | 'roots' | 'realHome'
>;

/** The kernelspecs that are installed on this machine, shadowed and broken ones too. */
export function kernelspecSource(options: KernelspecSourceOptions = {}): KernelSource {
  return {
    name: 'kernelspecs',
    async find(context) {
      const { specs, broken, searched } = await findKernelSpecs({ ...options, ...context });
      const ids = new Map([...specs, ...broken].map((each) => [each.specFile, idOfSpec(each)]));
      const entries = [
        ...specs.map((installed) => entryOfSpec(installed, ids, context)),
        ...broken.map((each) => entryOfBroken(each, ids)),
      ];
      for (const entry of entries) entry.isJupyters = options.roots === undefined;
      return {
        entries,
        searched: searched.map(({ root, found, error, ms }) => ({
          path: root.path,
          kind: 'kernelspecs' as const,
          found,
          error: error?.message ?? null,
          ms: Math.round(ms * 10) / 10,
        })),
      };
    },
  };
}

export function idOfSpec({ name, realFile }: InstalledSpec | BrokenSpec): string {
  return entryId('kernelspec', name, realFile);
}

/** An installed spec as an entry. `ids`: those of the spec files that may shadow it. */
export function entryOfSpec(
  installed: InstalledSpec,
  ids: ReadonlyMap<string, string>,
  context: SourceContext,
): CatalogEntry {
  const { name, spec, specFile, resourceDir, root } = installed;
  const { problem, program, file } = checkSpec(installed, context);
  return {
    id: idOfSpec(installed),
    source: 'kernelspec',
    name,
    displayName: spec.display_name === '' ? name : spec.display_name,
    language: spec.language,
    argv: spec.argv,
    specFile,
    resourceDir,
    environment: null,
    startable: problem === null,
    problem,
    hidden: hiddenBy(installed.shadowedBy, ids),
    server: null,
    spec,
    prefix: root.prefix,
    program,
    file,
    runtime: runtimeOf(file ?? spec.argv[0] ?? ''),
    owner: null,
    matched: null,
    isJupyters: false,
  };
}

/** A kernel.json that cannot be used, as an entry that says so. */
export function entryOfBroken(broken: BrokenSpec, ids: ReadonlyMap<string, string>): CatalogEntry {
  const { name, specFile, root, error } = broken;
  return {
    id: idOfSpec(broken),
    source: 'kernelspec',
    name,
    displayName: name,
    language: '',
    argv: [],
    specFile,
    resourceDir: dirname(specFile),
    environment: null,
    startable: false,
    problem: { kind: error.kind, message: error.message, fix: error.fix },
    hidden: hiddenBy(broken.shadowedBy, ids),
    server: null,
    spec: null,
    prefix: root.prefix,
    program: null,
    file: null,
    runtime: null,
    owner: null,
    matched: null,
    isJupyters: false,
  };
}

function hiddenBy(file: string | null, ids: ReadonlyMap<string, string>): CatalogEntry['hidden'] {
  const by = file === null ? undefined : ids.get(file);
  return by === undefined ? null : { reason: 'shadowed', by };
}

/** Whether a spec could be started, as far as files say; the program where the owning prefix gives it; the file wherever it is. */
function checkSpec(
  { spec, specFile, resourceDir, root }: InstalledSpec,
  context: SourceContext,
): { problem: EntryProblem | null; program: string | null; file: string | null } {
  const cannot = (problem: EntryProblem) => ({ problem, program: null, file: null });
  if (spec.argv.length === 0) {
    const message = `The kernelspec ${specFile} has no argv: it does not say what to start`;
    return cannot({ kind: 'kernelspec-invalid', message, fix: 'Install the kernel again.' });
  }
  const provisioner = provisionerOf(spec.metadata);
  if (provisioner !== null && provisioner !== 'local-provisioner') {
    return cannot({
      kind: 'provisioner-not-supported',
      message: `The kernelspec ${specFile} wants to be started by the kernel provisioner "${provisioner}", a Python plug-in of Jupyter`,
      fix: 'Reach it through a Jupyter Server that has this provisioner: --server URL.',
    });
  }
  const program = programOf(spec, { ...context, prefix: root.prefix, resourceDir });
  if (program.file !== null) {
    return { problem: null, program: program.by === 'prefix' ? program.file : null, file: program.file };
  }
  return cannot({
    kind: 'program-not-found',
    message: `The kernelspec ${specFile} starts ${JSON.stringify(spec.argv[0])}, and there is no such program (looked for ${program.looked.join(', ')})`,
    fix: `Install the program, or install the kernel again so that its kernel.json names the right one. To be rid of it: ${toRemove(context, resourceDir)}`,
  });
}

/** The command that takes a directory away, as it is typed: most kernelspecs that name no program are left of an environment that is gone. */
function toRemove({ platform }: SourceContext, directory: string): string {
  return `${platform === 'win32' ? 'Remove-Item -Recurse' : 'rm -r'} ${quoted({ platform }, directory)}`;
}

/** A program on a file system that may not answer counts as there: starting it will show. */
function programOf(spec: KernelSpec, query: ProgramQuery): Program {
  try {
    return findProgram(spec, query);
  } catch (error) {
    if (error instanceof RemotePlaceError) return { file: spec.argv[0]!, by: 'file' };
    throw error;
  }
}

const RUNTIMES: readonly [RegExp, string][] = [
  [/^(?:python|pypy|ipython)[\d.]*w?$/, 'python'],
  [/^(?:R|Rscript|ir)$/i, 'r'],
  [/^(?:java|javaw|kotlin|scala|jshell)$/, 'java'],
  [/^(?:node|nodejs|ijskernel|tslab)$/, 'node'],
  [/^(?:julia)[\d.-]*$/, 'julia'],
  [/^(?:dotnet)$/, 'dotnet'],
];

/** What a program is, by its name: `python` for a kernel that runs PowerShell in Python. */
export function runtimeOf(program: string): string | null {
  const name = /([^\\/]*?)(?:\.exe)?$/i.exec(program)?.[1] ?? '';
  return RUNTIMES.find(([pattern]) => pattern.test(name))?.[1] ?? (name === '' ? null : name.toLowerCase());
}

/** `metadata.kernel_provisioner.provisioner_name` (jupyter_client, provisioning/factory.py); null when there is none. */
function provisionerOf(metadata: Record<string, unknown>): string | null {
  const stanza = metadata.kernel_provisioner;
  if (typeof stanza !== 'object' || stanza === null || !('provisioner_name' in stanza)) return null;
  return String(stanza.provisioner_name);
}
