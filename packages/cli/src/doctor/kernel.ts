import { type CatalogEntry, type LaunchPlan, type PlanKernelOptions, planKernel } from '@kernelkit/core';
import { quoted } from '../report.js';
import type { Steps } from './steps.js';

/** What is known of a kernel before anything of it is run. */
export async function examineEntry(steps: Steps, entry: CatalogEntry, ms: number): Promise<void> {
  const { displayName, name, id, source, specFile, hidden, owner, matched } = entry;
  await steps.add('kernel', 'ok', `${displayName} (${name}, ${id})`, {
    ms,
    details: [
      specFile === null ? `made in memory (${source})` : specFile,
      ...(hidden === null ? [] : [`hidden in the list: ${hidden.reason} by ${hidden.by}`]),
    ],
  });
  if (owner === null) {
    await steps.add('environment', 'ok', 'it belongs to no environment: it is started as it is');
    return;
  }
  const { kind, prefix, version, kernelPackage, python } = owner;
  const installed = kernelPackage === null ? 'no kernel package' : `${kernelPackage.name} ${kernelPackage.version}`;
  const what = [kind, version === null ? null : `Python ${version}`, installed]
    .filter((part) => part !== null)
    .join(', ');
  await steps.add('environment', 'ok', `${owner.name}: ${what}`, {
    details: [prefix, ...(python === null ? [] : [python]), ...(matched === null ? [] : [`known by: ${matched}`])],
  });
}

/** How it would be started: its activation, with its time and source, and the command line. */
export async function examinePlan(
  steps: Steps,
  entry: CatalogEntry,
  options: PlanKernelOptions,
): Promise<LaunchPlan | null> {
  const plan = await planKernel(entry, options);
  const { activation, argv, cwd, transport, problem } = plan;
  if (activation !== null) {
    const { scripts, notes, fallbacks, cached, ms } = activation;
    const way = fallbacks.find(({ failure }) => failure === null)?.method;
    const source = cached
      ? 'from the cache'
      : way !== undefined
        ? `by its ${way}`
        : scripts.length > 0
          ? 'computed, and its scripts run'
          : 'computed from its files';
    const count = Object.keys(activation.variables).length;
    await steps.add(
      'activation',
      activation.problem !== null ? 'failed' : fallbacks.length + notes.length > 0 ? 'warning' : 'ok',
      `${count} variables, ${source}`,
      {
        ms,
        details: [
          ...scripts.map((script) => `ran ${script}`),
          ...notes.map(({ message }) => message),
          ...fallbacks.map(
            ({ method, because, failure }) =>
              `tried its ${method}, since ${because}${failure === null ? '' : `: ${failure}`}`,
          ),
          ...(activation.problem === null ? [] : [activation.problem.message]),
        ],
        fix: activation.problem?.fix ?? null,
      },
    );
  }
  const line = argv.length === 0 ? 'there is nothing to start' : argv.map(quoted).join(' ');
  if (problem !== null) {
    await steps.add('plan', 'failed', problem.message, { fix: problem.fix, details: [line] });
    return null;
  }
  await steps.add('plan', 'ok', line, { details: [`in ${cwd}, over ${transport}, interrupted by ${plan.interrupt}`] });
  return plan;
}
