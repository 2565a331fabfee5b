import { dirname } from 'node:path';
import { type BrokenSpec, type FindSpecsOptions, findKernelSpecs, type InstalledSpec } from '../specs/index.js';
import { entryId } from './entry.js';
import { findProgram } from './program.js';
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
      const entries = await Promise.all([
        ...specs.map((installed) => entryOfSpec(installed, ids, context)),
        ...broken.map((each) => entryOfBroken(each, ids)),
      ]);
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

function idOfSpec({ name, realFile }: InstalledSpec | BrokenSpec): string {
  return entryId('kernelspec', name, realFile);
}

/** An installed spec as an entry. `ids`: those of the spec files that may shadow it. */
export async function entryOfSpec(
  installed: InstalledSpec,
  ids: ReadonlyMap<string, string>,
  context: SourceContext,
): Promise<CatalogEntry> {
  const { name, spec, specFile, resourceDir, root } = installed;
  const { problem, program } = await checkSpec(installed, context);
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
  };
}

/** A kernel.json that cannot be used, as an entry that says so. */
function entryOfBroken(broken: BrokenSpec, ids: ReadonlyMap<string, string>): CatalogEntry {
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
  };
}

function hiddenBy(file: string | null, ids: ReadonlyMap<string, string>): CatalogEntry['hidden'] {
  const by = file === null ? undefined : ids.get(file);
  return by === undefined ? null : { reason: 'shadowed', by };
}

/** Whether a spec could be started, as far as files say, and the program where the owning prefix gives it. */
async function checkSpec(
  { spec, specFile, resourceDir, root }: InstalledSpec,
  context: SourceContext,
): Promise<{ problem: EntryProblem | null; program: string | null }> {
  if (spec.argv.length === 0) {
    const message = `The kernelspec ${specFile} has no argv: it does not say what to start`;
    return { problem: { kind: 'kernelspec-invalid', message, fix: 'Install the kernel again.' }, program: null };
  }
  const provisioner = provisionerOf(spec.metadata);
  if (provisioner !== null && provisioner !== 'local-provisioner') {
    return {
      problem: {
        kind: 'provisioner-not-supported',
        message: `The kernelspec ${specFile} wants to be started by the kernel provisioner "${provisioner}", a Python plug-in of Jupyter`,
        fix: 'Reach it through a Jupyter Server that has this provisioner: --server URL.',
      },
      program: null,
    };
  }
  const program = await findProgram(spec, { ...context, prefix: root.prefix, resourceDir });
  if (program.file !== null) return { problem: null, program: program.by === 'prefix' ? program.file : null };
  return {
    problem: {
      kind: 'program-not-found',
      message: `The kernelspec ${specFile} starts ${JSON.stringify(spec.argv[0])}, and there is no such program (looked for ${program.looked.join(', ')})`,
      fix: 'Install the program, or install the kernel again so that its kernel.json names the right one.',
    },
    program: null,
  };
}

/** `metadata.kernel_provisioner.provisioner_name` (jupyter_client, provisioning/factory.py); null when there is none. */
function provisionerOf(metadata: Record<string, unknown>): string | null {
  const stanza = metadata.kernel_provisioner;
  if (typeof stanza !== 'object' || stanza === null || !('provisioner_name' in stanza)) return null;
  return String(stanza.provisioner_name);
}
