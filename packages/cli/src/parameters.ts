import { parseParameter } from '@kernelkit/core';
import { UsageError } from './errors.js';

/**
 * `-p NAME=VALUE` options as parameters for a notebook; the last value of a name counts. Values are read as papermill
 * reads them: True, None, numbers, else text.
 * @throws UsageError
 */
export function parameters(given: readonly string[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const text of given) {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`-p ${text}: this is not NAME=VALUE`);
    values[text.slice(0, at)] = parseParameter(text.slice(at + 1));
  }
  return values;
}
