import { fileURLToPath } from 'node:url';
import { setProgramPath } from './background/program-path.js';
import { kernelkit } from './program.js';
import { shownText, takeSecrets } from './secrets.js';

takeSecrets();
setProgramPath(fileURLToPath(import.meta.url));

/** What nothing below caught: short, since Node would print a line of bundled code as long as the file. */
function defect(error: unknown): void {
  const verbose = process.argv.includes('--verbose');
  const text =
    error instanceof Error ? ((verbose ? error.stack : undefined) ?? `${error.name}: ${error.message}`) : String(error);
  process.stderr.write(
    `kernelkit: a defect in kernelkit: ${shownText(text)}\n${verbose ? '' : '  --verbose shows where it happened\n'}`,
  );
  // Core's exit hook ends the kernels and removes their run directories.
  process.exit(70);
}

process.on('uncaughtException', defect);
process.on('unhandledRejection', defect);

// Exits by itself: whatever a library still holds open (a keep-alive, a worker) must not keep the user waiting.
kernelkit(process.argv.slice(2)).then((status) => process.exit(status), defect);
