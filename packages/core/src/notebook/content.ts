import type { JupyterMessage } from '@kernelkit/protocol';
import { type OutputEvent, outputEvent } from '../kernel/index.js';
import { formatJson, type JsonObject, parseJson } from './json.js';
import { isJsonMime } from './lines.js';
import { isCount, isObject } from './validate.js';

/**
 * A message's content with its numbers as the kernel spelled them, where the transport kept the text: `1.0` in JSON data and
 * metadata is to reach the file as `1.0`. Otherwise the content that there is.
 */
export function exactContent(message: JupyterMessage): JsonObject {
  const content = message.content as unknown as JsonObject;
  if (message.contentBytes === undefined || !mayHoldNumbers(message.header.msg_type, content)) return content;
  try {
    return parseJson(new TextDecoder().decode(message.contentBytes)) as JsonObject;
  } catch {
    // The protocol's reader took it; what ours cannot take (1,000 levels and more) goes without exact numbers.
    return content;
  }
}

/** Reading twice is for those only that gain by it: most output is text, and much of it. */
function mayHoldNumbers(type: string, content: JsonObject): boolean {
  if (type === 'comm_open' || type === 'comm_msg') return true;
  const { data, metadata } = content;
  return (
    (isObject(metadata) && Object.keys(metadata).length > 0) || (isObject(data) && Object.keys(data).some(isJsonMime))
  );
}

/**
 * The output that a message is, fit for a notebook; null when it is none. What kernels get wrong and the schema does not
 * allow is put right: data that is null goes, data that is no text where it must be becomes its JSON text.
 */
export function exactOutput(message: JupyterMessage): OutputEvent | null {
  const event = outputEvent(message);
  if (event === null) return null;
  switch (event.output_type) {
    case 'clear_output':
      return event;
    case 'stream':
      return { output_type: 'stream', name: event.name === 'stderr' ? 'stderr' : 'stdout', text: event.text };
    case 'error': {
      const { ename, evalue, traceback } = event;
      return { output_type: 'error', ename, evalue, traceback };
    }
    default: {
      const { data, metadata } = exactContent(message);
      const clean = { ...event, data: cleanBundle(data), metadata: isObject(metadata) ? metadata : {} };
      if (clean.output_type === 'execute_result' && !isCount(clean.execution_count)) clean.execution_count = null;
      return clean;
    }
  }
}

function cleanBundle(data: unknown): JsonObject {
  if (!isObject(data)) return {};
  const clean: JsonObject = {};
  for (const [mime, value] of Object.entries(data)) {
    if (isJsonMime(mime)) clean[mime] = value;
    else if (Array.isArray(value) && value.every((line) => typeof line === 'string')) clean[mime] = value.join('');
    else if (value !== null && value !== undefined) clean[mime] = typeof value === 'string' ? value : formatJson(value);
  }
  return clean;
}
