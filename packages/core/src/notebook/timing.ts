import type { JupyterMessage } from '@kernelkit/protocol';
import type { JsonObject } from './json.js';

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * A message's date as notebooks record it: ISO 8601 in UTC with microseconds. Kernels write other zones, other precision, or
 * nothing at all; the last gives `now`.
 */
export function stamp(date: string | undefined, now = new Date()): string {
  const [, seconds, fraction = '', zone = 'Z'] = STAMP.exec(date ?? '') ?? [];
  // A zone does not touch what is below a second.
  const utc = seconds === undefined ? Number.NaN : Date.parse(seconds + zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2'));
  if (Number.isNaN(utc)) return now.toISOString().replace('Z', '000Z');
  return `${new Date(utc).toISOString().slice(0, 19)}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

/**
 * Notes a message's time in a cell's `metadata.execution`: execute_input, status busy and idle, execute_reply, under the names
 * of the nbformat 4.4 schema. Other messages leave no trace.
 */
export function recordTiming(execution: JsonObject, message: JupyterMessage): void {
  const { msg_type: type, date } = message.header;
  if (type === 'execute_input') execution['iopub.execute_input'] = stamp(date);
  else if (type === 'execute_reply') execution['shell.execute_reply'] = stamp(date);
  else if (type === 'status') {
    const state = (message as JupyterMessage<'status'>).content.execution_state;
    if (state === 'busy' || state === 'idle') execution[`iopub.status.${state}`] = stamp(date);
  }
}
