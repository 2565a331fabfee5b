/** What argv's placeholders stand for (jupyter_client, KernelManager.format_kernel_cmd). */
export interface ArgvNames {
  connection_file: string;
  prefix: string | null;
  resource_dir: string | null;
  cwd: string;
  kernel_id: string;
}

/**
 * Fills `{name}` in every element of argv; what is not known stays as it is, `$VAR` is not expanded, and a leading `~` or
 * `~/` is the home directory, as in jupyter_client. `{kernel_id}` is ours: Jupyter leaves it as it is, and specs that
 * have it (vscode-jupyter#14172) mean the id.
 * @param home what `~` stands for; null leaves it
 */
export function fillArgv(argv: readonly string[], names: Partial<ArgvNames>, home: string | null): string[] {
  const known = new Map(Object.entries(names));
  return argv.map((element) => {
    const filled = element.replace(/\{([A-Za-z0-9_]+)\}/g, (whole, name: string) => known.get(name) ?? whole);
    if (home === null) return filled;
    return filled === '~' || filled.startsWith('~/') ? home + filled.slice(1) : filled;
  });
}

/**
 * Fills `$NAME`, `${NAME}` and `$$` in a value of a kernelspec's `env`, as Python's `string.Template.safe_substitute`
 * does: names are ASCII identifiers, and what is not known or not a placeholder stays as it is.
 * @param fold how `variables` spells a name: Windows compares them without case
 */
export function substituteVariables(
  value: string,
  variables: Readonly<Record<string, string | undefined>>,
  fold: (name: string) => string = (name) => name,
): string {
  return value.replace(
    /\$(?:(\$)|([_a-zA-Z][_a-zA-Z0-9]*)|\{([_a-zA-Z][_a-zA-Z0-9]*)\})/g,
    (whole, escaped, named, braced) => {
      if (escaped !== undefined) return '$';
      const name = fold(named ?? braced);
      return Object.hasOwn(variables, name) ? (variables[name] ?? whole) : whole;
    },
  );
}
