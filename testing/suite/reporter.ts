import type { Reporter, TestModule } from 'vitest/node';
import { writeSummary } from './summary.js';

const MISSING = /\[no ((?:kernel|tool|server): [^\]]+)\]/;

/**
 * Counts for scripts/test.mjs, and the lists that must not be overlooked: which tests did not run for want of a kernel, a tool or a server,
 * and which passed only when they were tried again.
 */
export default class SuiteReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const wanting = new Map<string, string[]>();
    const again: string[] = [];
    for (const module of modules) {
      // a file or a suite that could not even be read has no failing test to show for it
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) summary.failed += 1;
      if (module.errors().length > 0) summary.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') summary.passed += 1;
        else if (state === 'failed') summary.failed += 1;
        else summary.skipped += 1;
        const place = `${module.relativeModuleId} > ${test.fullName}`;
        if (test.diagnostic()?.flaky) again.push(place);
        const name = state === 'skipped' ? MISSING.exec(test.fullName)?.[1] : undefined;
        if (name !== undefined) wanting.set(name, [...(wanting.get(name) ?? []), place]);
      }
    }
    writeSummary(summary);
    if (again.length > 0) {
      process.stdout.write(`\npassed when tried again\n${again.map((test) => `  ${test}\n`).join('')}`);
    }
    for (const [name, tests] of wanting) {
      process.stdout.write(`\nskipped for want of a ${name}\n${tests.map((test) => `  ${test}\n`).join('')}`);
    }
  }
}
