import type { CatalogEntry } from '@kernelkit/core';

/** A kernelspec as Jupyter Server tells of it (services/kernelspecs/handlers.py, `kernelspec_model`). */
export interface KernelSpecModel {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly resources: Readonly<Record<string, string>>;
}

/** @param files the names of its resources that Jupyter lists  @param base with slashes at both ends */
export function specModel(name: string, entry: CatalogEntry, files: readonly string[], base: string): KernelSpecModel {
  const { spec, argv, displayName, language, environment, id, source } = entry;
  const place = environment && { kind: environment.kind, name: environment.name, prefix: environment.prefix };
  return {
    name,
    spec: {
      argv: spec?.argv ?? argv,
      env: spec?.env ?? {},
      display_name: displayName,
      language,
      interrupt_mode: spec?.interrupt_mode ?? 'signal',
      metadata: { ...spec?.metadata, kernelkit: { id, source, environment: place } },
      ...(spec?.kernel_protocol_version !== undefined && { kernel_protocol_version: spec.kernel_protocol_version }),
    },
    resources: Object.fromEntries(
      files.map((file) => [keyOf(file), `${base}kernelspecs/${encodeURIComponent(name)}/${encodeURIComponent(file)}`]),
    ),
  };
}

/** Jupyter lists `kernel.js` and `kernel.css` by their whole name, logos without what they end in. */
function keyOf(file: string): string {
  return file.startsWith('logo-') ? file.replace(/\.[^.]*$/, '') : file;
}

/** Whether a file of a kernelspec's directory is one that front ends are told of. */
export function isListed(file: string): boolean {
  return file === 'kernel.js' || file === 'kernel.css' || /^logo-.+\.[^.]+$/.test(file);
}
