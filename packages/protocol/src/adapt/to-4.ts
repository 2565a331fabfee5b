import type { JsonObject } from '../contents/index.js';
import { codePointLength } from '../cursor.js';
import { isObject } from '../json.js';

export { nameIn4 } from './names.js';

type Rule = (content: JsonObject) => JsonObject;

/** A 5.x content as 4.1 has it; `type` is the 4.x name. The same object when nothing changes. */
export function contentTo4(type: string, content: JsonObject): JsonObject {
  return Object.hasOwn(RULES, type) ? RULES[type]!(content) : content;
}

/** One rule to a message type, each after the method of that name in jupyter_client/adapter.py, V5toV4. */
const RULES: Readonly<Record<string, Rule>> = {
  kernel_info_reply(content) {
    const result: JsonObject = {};
    for (const key of ['language_version', 'protocol_version']) {
      if (key in content) result[key] = numbers(content[key]);
    }
    if (content.implementation === 'ipython' && 'implementation_version' in content) {
      result.ipython_version = numbers(content.implementation_version);
    }
    const info = isObject(content.language_info) ? content.language_info : {};
    result.language ??= info.name ?? '';
    if ('version' in info) result.language_version ??= numbers(info.version);
    return result;
  },

  execute_request: (content) => ('user_variables' in content ? content : { ...content, user_variables: [] }),
  execute_reply: (content) => ('user_variables' in content ? content : { ...content, user_variables: {} }),

  complete_request(content) {
    const { line, position } = lineAt(text(content.code), count(content.cursor_pos));
    return { text: '', line, block: null, cursor_pos: position };
  },

  complete_reply(content) {
    const { cursor_start, cursor_end, metadata: _, ...rest } = content;
    const first = Array.isArray(content.matches) ? text(content.matches[0]) : '';
    const matched = Array.from(first).slice(0, count(cursor_end) - count(cursor_start));
    return { ...rest, matched_text: matched.join('') };
  },

  object_info_request(content) {
    return {
      oname: objectName(text(content.code), count(content.cursor_pos)),
      detail_level: content.detail_level ?? 0,
    };
  },

  // 4.x wants the parts of a definition, which a MIME bundle does not give.
  object_info_reply: () => ({ found: false, oname: 'unknown' }),

  stream(content) {
    if (!('text' in content)) return content;
    const { text: data, ...rest } = content;
    return { ...rest, data };
  },

  display_data(content) {
    const result: JsonObject = { source: 'display', ...content };
    if (isObject(content.data) && 'application/json' in content.data) {
      result.data = { ...content.data, 'application/json': JSON.stringify(content.data['application/json']) };
    }
    return result;
  },

  input_request(content) {
    const { password: _, ...rest } = content;
    return rest;
  },
};

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** `'4.1.dev'` to `[4, 1]`: what is no integer is left out. */
function numbers(version: unknown): number[] {
  return text(version)
    .split('.')
    .filter((part) => /^\s*[+-]?\d+\s*$/.test(part))
    .map(Number);
}

// Python's str.splitlines knows all of these, and the peer counts lines with it.
const LINE = /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|$)/gy;

/** The line of a code point position, and the position within that line: 4.x knows no more of the code. */
function lineAt(code: string, position: number): { line: string; position: number } {
  let line = '';
  if (code === '') return { line, position: 0 };
  for (const [candidate] of code.matchAll(LINE)) {
    if (candidate === '') break;
    line = candidate;
    const length = codePointLength(candidate);
    if (position <= length) break;
    position -= length;
  }
  return { line, position };
}

/** The name to look up: the last identifier of the cursor's line that stands outside brackets, as IPython 2 chose it. */
function objectName(code: string, position: number): string {
  let { line } = lineAt(code, position);
  for (;;) {
    const shorter = line.replace(/\([^()]+\)/g, '');
    if (shorter === line) break;
    line = shorter;
  }
  line = line.replace(/\([^(]*$/, '');
  return line.match(/[a-z_][0-9a-z._]*/giu)?.at(-1) ?? '';
}
