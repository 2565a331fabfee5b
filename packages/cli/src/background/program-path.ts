let path: string | null = null;

/** Told by the command's own first file: nothing else knows where that lies once everything is bundled. */
export function setProgramPath(file: string): void {
  path = file;
}

/** The file that Node runs as `kernelkit`; null: this is not the command. */
export function programPath(): string | null {
  return path;
}
