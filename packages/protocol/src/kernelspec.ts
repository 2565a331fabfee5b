import { describe } from './error.js';
import { isObject } from './json.js';

/** What a kernel.json says (jupyter_client/kernelspec.py; JEP 105). */
export interface KernelSpec {
  /** The command; `{connection_file}`, `{resource_dir}` and `{prefix}` stand in it. Empty: cannot be started. */
  argv: string[];
  display_name: string;
  language: string;
  interrupt_mode: 'signal' | 'message';
  env: Record<string, string>;
  metadata: Record<string, unknown>;
  /** As written: `5.5` as well as `5.5.0`. */
  kernel_protocol_version?: string;
  /** Read by jupyter_client, and used by nobody. */
  name?: string;
  mimetype?: string;
  /** Members that no specification names (`codemirror_mode`, …), as they were. */
  extra: Record<string, unknown>;
}

/** A kernel.json that Jupyter would not take either; `field` is undefined when it is no object at all. */
export class KernelSpecError extends Error {
  override readonly name = 'KernelSpecError';
  readonly code = 'bad-kernelspec';
  readonly field: string | undefined;
  readonly expected: string;
  /** What was found, described. */
  readonly got: string;

  constructor(field: string | undefined, expected: string, value: unknown) {
    const got = describe(value);
    super(`Reading a kernelspec: ${field ?? 'kernel.json'} must be ${expected}, and is ${got}. Correct kernel.json.`);
    this.field = field;
    this.expected = expected;
    this.got = got;
  }
}

const TEXTS = ['name', 'mimetype', 'kernel_protocol_version'] as const;
const KNOWN = new Set<string>(['argv', 'display_name', 'language', 'interrupt_mode', 'env', 'metadata', ...TEXTS]);
// Python takes a spec's members as keyword arguments, and these two are parameters already: it fails on such a file.
const FORBIDDEN = ['resource_dir', 'self'];

/**
 * A kernel.json's value, checked. Accepts what `KernelSpec.from_resource_dir` of jupyter_client 8 accepts, and nothing else:
 * all members may be absent, `interrupt_mode` is taken in any case, an `argv` that is a text is a list of one.
 * What it accepts but could not start (numbers in `argv`, null in `env`, …) is turned into text and told in `warnings`.
 *
 * Throws KernelSpecError naming the field, what was expected and what was found.
 */
export function parseKernelSpec(value: unknown): { spec: KernelSpec; warnings: string[] } {
  if (!isObject(value)) throw new KernelSpecError(undefined, 'an object', value);
  for (const field of FORBIDDEN) {
    if (Object.hasOwn(value, field))
      throw new KernelSpecError(field, 'absent (Jupyter reserves the name)', value[field]);
  }
  const warnings: string[] = [];
  const spec: KernelSpec = {
    argv: parseArgv(value, warnings),
    display_name: parseText(value, 'display_name'),
    language: parseText(value, 'language'),
    interrupt_mode: parseInterruptMode(value),
    env: parseEnv(value, warnings),
    metadata: parseObject(value, 'metadata'),
    extra: Object.fromEntries(Object.entries(value).filter(([key]) => !KNOWN.has(key))),
  };
  for (const field of TEXTS) {
    if (Object.hasOwn(value, field)) spec[field] = parseText(value, field);
  }
  if (spec.argv.length === 0) warnings.push('argv is empty or missing: this kernel cannot be started');
  if (spec.display_name === '') warnings.push('display_name is empty or missing');
  if (spec.language === '') warnings.push('language is empty or missing');
  return { spec, warnings };
}

function own(value: Record<string, unknown>, field: string): unknown {
  return Object.hasOwn(value, field) ? value[field] : undefined;
}

function parseText(value: Record<string, unknown>, field: string): string {
  const text = own(value, field);
  if (text === undefined) return '';
  if (typeof text !== 'string') throw new KernelSpecError(field, 'a text', text);
  return text;
}

function parseObject(value: Record<string, unknown>, field: string): Record<string, unknown> {
  const object = own(value, field);
  if (object === undefined) return {};
  if (!isObject(object)) throw new KernelSpecError(field, 'an object', object);
  return object;
}

function parseArgv(value: Record<string, unknown>, warnings: string[]): string[] {
  const argv = own(value, 'argv');
  if (argv === undefined) return [];
  if (typeof argv === 'string') {
    warnings.push(`argv is a text and not a list: taken as the one program ${JSON.stringify(argv)}`);
    return [argv];
  }
  if (!Array.isArray(argv)) throw new KernelSpecError('argv', 'a list of texts', argv);
  return argv.map((element: unknown, index) => {
    if (typeof element === 'string') return element;
    warnings.push(`argv[${index}] must be a text, and is ${describe(element)}: turned into text`);
    return toText(element);
  });
}

function parseEnv(value: Record<string, unknown>, warnings: string[]): Record<string, string> {
  const entries: [string, string][] = [];
  for (const [name, element] of Object.entries(parseObject(value, 'env'))) {
    if (typeof element === 'string') {
      entries.push([name, element]);
    } else if (element === null) {
      warnings.push(`env.${name} is null: left out`);
    } else {
      warnings.push(`env.${name} must be a text, and is ${describe(element)}: turned into text`);
      entries.push([name, toText(element)]);
    }
  }
  // By definition and not by assignment: a variable may be called __proto__.
  return Object.fromEntries(entries);
}

function parseInterruptMode(value: Record<string, unknown>): 'signal' | 'message' {
  const mode = own(value, 'interrupt_mode');
  if (mode === undefined) return 'signal';
  const lower = typeof mode === 'string' ? mode.toLowerCase() : undefined;
  if (lower !== 'signal' && lower !== 'message') {
    throw new KernelSpecError('interrupt_mode', '"signal" or "message"', mode);
  }
  return lower;
}

function toText(value: unknown): string {
  if (typeof value !== 'object') return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    // Nested deeper than the stack: JSON.parse takes what JSON.stringify does not.
    throw new KernelSpecError('argv or env', 'texts', value);
  }
}
