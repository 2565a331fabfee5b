import type { KernelSpec } from '@kernelkit/protocol';
import type { Environment } from '../environments/index.js';
import { decodeRoot, mergeRoots } from '../specs/index.js';
import { entryId } from './entry.js';
import { entryOfBroken, entryOfSpec, idOfSpec } from './kernelspec-source.js';
import type { CatalogEntry, EntryEnvironment, EntryProblem, SourceContext } from './types.js';

/** What `ipykernel install` would write, for an interpreter that nobody registered. */
const LAUNCHER = ['-m', 'ipykernel_launcher', '-f', '{connection_file}'];

/** The contract's `environment` of an entry. */
export function entryEnvironment(environment: Environment): EntryEnvironment {
  const { kind, name, prefix, python, version, kernelPackage } = environment;
  return { kind, name, prefix, python, version, kernelPackage };
}

/** The kernelspecs that lie in an environment, of whatever language, as entries that it owns. */
export function specsOfEnvironment(environment: Environment, context: SourceContext): CatalogEntry[] {
  const roots = environment.specs.map(({ path, root }) =>
    decodeRoot(root, { path, prefix: environment.prefix, origin: 'environment' }),
  );
  const { specs, broken } = mergeRoots(roots);
  const ids = new Map([...specs, ...broken].map((each) => [each.specFile, idOfSpec(each)]));
  const entries = [
    ...specs.map((installed) => entryOfSpec(installed, ids, context)),
    ...broken.map((each) => entryOfBroken(each, ids)),
  ];
  return entries.map((entry) => ({ ...entry, ...ownedBy(environment, 'owned') }));
}

/** An entry's fields that say whose it is. */
export function ownedBy(
  environment: Environment,
  matched: CatalogEntry['matched'],
): Pick<CatalogEntry, 'environment' | 'owner' | 'matched'> {
  return { environment: entryEnvironment(environment), owner: environment, matched };
}

/**
 * An environment's interpreter as a kernel of its own, its spec made in memory. Where it could not be started the entry says
 * why, and which command would help. An environment without Python is one only where it has no other kernel: null then.
 */
export function interpreterEntry(environment: Environment, hasKernels: boolean): CatalogEntry | null {
  const { python, prefix, real, name, version, variables } = environment;
  if (python === null && hasKernels && environment.problem === null) return null;
  const problem = problemOf(environment);
  const argv = python === null ? [] : [python, ...LAUNCHER];
  const label = version === null ? 'Python' : `Python ${version}`;
  const spec: KernelSpec = {
    argv,
    display_name: displayName(environment, label),
    language: 'python',
    interrupt_mode: 'signal',
    env: {},
    // known of ipykernel: a front end may offer its debugger
    metadata: { debugger: true },
    extra: {},
  };
  return {
    // where a prefix holds several Pythons, the program tells them apart
    id: entryId('environment', environment.kind === 'system' ? (python ?? '') : '', real),
    source: 'environment',
    // what Jupyter calls the Python that it runs in itself
    name: python === null ? name : 'python3',
    displayName: python === null ? name : spec.display_name,
    language: python === null ? '' : 'python',
    argv,
    specFile: null,
    resourceDir: null,
    ...ownedBy(environment, null),
    startable: problem === null,
    problem,
    hidden: null,
    server: null,
    spec: python === null ? null : spec,
    prefix,
    program: python,
    file: python,
    runtime: python === null ? null : 'python',
    isJupyters: false,
    // an editor that hands over activated variables answers for what is importable under them
    ...(variables !== null && problem?.kind === 'ipykernel-missing' && { startable: true, problem: null }),
  };
}

/** `demo (Python 3.11.2)`; a name that says no more than the version gives way to the kind. */
function displayName({ name, kind, version }: Environment, label: string): string {
  if (/^python[\d.]*$/.test(name)) return label;
  return name === version ? `${label} (${kind})` : `${name} (${label})`;
}

/** Why an environment's own Python would not start as a kernel. */
export function problemOf(environment: Environment): EntryProblem | null {
  const { problem, python, prefix, kernelPackage, install } = environment;
  if (problem !== null) return problem;
  if (python === null) {
    return {
      kind: 'python-missing',
      message: `The environment ${prefix} has neither Python nor a kernelspec`,
      fix: install,
    };
  }
  return kernelPackage?.name === 'ipykernel' ? null : ipykernelMissing(environment);
}

export function ipykernelMissing({ python, prefix, install }: Environment): EntryProblem {
  return {
    kind: 'ipykernel-missing',
    message: `ipykernel is not installed for ${python ?? prefix}`,
    fix: install,
  };
}
