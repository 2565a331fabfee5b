import type { JsonObject } from '../contents/index.js';
import { codePointLength } from '../cursor.js';
import { isObject } from '../json.js';

export { nameIn5 } from './names.js';

type Rule = (content: JsonObject) => JsonObject;

/** A 4.x content as 5.0 has it; `type` is the 5.0 name. The same object when nothing changes. */
export function contentTo5(type: string, content: JsonObject): JsonObject {
  return Object.hasOwn(RULES, type) ? RULES[type]!(content) : content;
}

/** One rule to a message type, each after the method of that name in jupyter_client/adapter.py, V4toV5. */
const RULES: Readonly<Record<string, Rule>> = {
  kernel_info_reply(content) {
    // A 5.x kernel that forgot its version: nothing to translate.
    if (typeof content.language !== 'string' && isObject(content.language_info)) return content;
    const { language = '', language_version, ipython_version, ...rest } = content;
    const result: JsonObject = { ...rest };
    result.protocol_version = content.protocol_version === undefined ? '4.1' : dotted(content.protocol_version);
    if (ipython_version !== undefined) {
      if (typeof language === 'string' && language.startsWith('python')) {
        result.implementation = 'ipython';
        result.implementation_version = dotted(ipython_version);
      } else {
        result.ipython_version = dotted(ipython_version);
      }
    }
    const info: JsonObject = isObject(rest.language_info) ? { ...rest.language_info } : {};
    info.name ??= language;
    if (language_version !== undefined) info.version ??= dotted(language_version);
    result.language_info = info;
    result.banner = '';
    return result;
  },

  execute_request(content) {
    const { user_variables, ...rest } = content;
    if (user_variables === undefined && isObject(content.user_expressions)) return content;
    const expressions: JsonObject = isObject(rest.user_expressions) ? { ...rest.user_expressions } : {};
    if (Array.isArray(user_variables))
      for (const name of user_variables) if (typeof name === 'string') expressions[name] = name;
    return { ...rest, user_expressions: expressions };
  },

  execute_reply(content) {
    const { user_variables, ...rest } = content;
    const result: JsonObject = { ...rest };
    result.user_expressions = {
      ...(isObject(rest.user_expressions) ? rest.user_expressions : {}),
      ...(isObject(user_variables) ? user_variables : {}),
    };
    if (Array.isArray(rest.payload)) result.payload = rest.payload.map(pagerPayload);
    return result;
  },

  complete_request(content) {
    if (typeof content.code === 'string') return content;
    // 4.x gives the line only, and the position within it.
    return { code: content.line ?? '', cursor_pos: content.cursor_pos ?? 0 };
  },

  complete_reply(content) {
    if (!('matched_text' in content)) return content;
    // Where the cursor was is not known here: count back from it (null: nothing is replaced, for there is no -0).
    const matched = typeof content.matched_text === 'string' ? codePointLength(content.matched_text) : 0;
    return {
      status: 'ok',
      matches: content.matches ?? [],
      cursor_start: matched > 0 ? -matched : null,
      cursor_end: null,
      metadata: {},
    };
  },

  inspect_request(content) {
    if (typeof content.oname !== 'string') return content;
    return {
      code: content.oname,
      cursor_pos: codePointLength(content.oname),
      detail_level: content.detail_level ?? 0,
    };
  },

  inspect_reply(content) {
    if (isObject(content.data)) return content;
    const found = content.found ?? false;
    const data: JsonObject = {};
    if (found) {
      const lines = [
        firstText(content, ['call_def', 'init_definition', 'definition']),
        firstText(content, ['call_docstring', 'init_docstring', 'docstring']),
      ].filter((line) => line !== undefined);
      data['text/plain'] = lines.length > 0 ? lines.join('\n') : '<empty docstring>';
    }
    return { status: 'ok', found, data, metadata: {} };
  },

  stream(content) {
    if (!('data' in content) || 'text' in content) return content;
    const { data, ...rest } = content;
    return { ...rest, text: data };
  },

  display_data(content) {
    const json = isObject(content.data) ? content.data['application/json'] : undefined;
    if (!('source' in content) && typeof json !== 'string') return content;
    const { source: _, ...rest } = content;
    if (!isObject(content.data) || typeof json !== 'string') return rest;
    try {
      return { ...rest, data: { ...content.data, 'application/json': JSON.parse(json) as unknown } };
    } catch {
      // A text that is not JSON stays the text that it is, as there.
      return rest;
    }
  },

  input_request(content) {
    return 'password' in content ? content : { ...content, password: false };
  },
};

/** `[4, 1]` to `4.1`; a text stays. */
function dotted(version: unknown): unknown {
  if (!Array.isArray(version)) return version;
  // Anything else in the list could throw when it is made a text.
  return version.filter((part) => typeof part === 'number' || typeof part === 'string').join('.');
}

/** The pager's text became a MIME bundle. */
function pagerPayload(payload: unknown): unknown {
  if (!isObject(payload) || payload.source !== 'page' || !('text' in payload)) return payload;
  const { text, data, ...rest } = payload;
  return { ...rest, data: { ...(isObject(data) ? data : {}), 'text/plain': text } };
}

function firstText(content: JsonObject, keys: readonly string[]): unknown {
  return keys.map((key) => content[key]).find((value) => typeof value === 'string' && value !== '');
}
