/** `kernelkit …` as whoever called this would call it again. npm tells by `npm_command` that it was npx. */
export function own(command: string): string {
  return `${process.env.npm_command === 'exec' ? 'npx ' : ''}kernelkit ${command}`;
}
