import { readFileSync, writeFileSync } from 'node:fs';

/** What scripts/test.mjs reads when the run is over. */
export interface Summary {
  passed: number;
  failed: number;
  skipped: number;
}

/** scripts/test.mjs names the file in KERNELKIT_TEST_SUMMARY; a run by hand writes none. */
function summaryFile(): string | undefined {
  return process.env.KERNELKIT_TEST_SUMMARY || undefined;
}

export function writeSummary(summary: Summary): void {
  const file = summaryFile();
  if (file !== undefined) writeFileSync(file, JSON.stringify(summary));
}

/** The leak check comes after the last test was counted: it counts as one more failure. */
export function addFailure(): void {
  const file = summaryFile();
  if (file === undefined) return;
  const summary: Summary = JSON.parse(readFileSync(file, 'utf8'));
  writeSummary({ ...summary, failed: summary.failed + 1 });
}
