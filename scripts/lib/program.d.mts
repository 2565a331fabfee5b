export function bundleProgram(
  entry: string,
  outfile: string,
  options?: { readonly stub?: readonly string[] },
): Promise<void>;
