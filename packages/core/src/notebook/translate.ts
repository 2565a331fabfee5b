import { ParametersError } from './errors.js';
import { ExactNumber, formatNumber } from './numbers.js';
import { isObject } from './validate.js';

/** How values and assignments are written in one language. */
interface Language {
  comment: (text: string) => string;
  assign: (name: string, value: string) => string;
  string: (text: string) => string;
  none: string | null;
  booleans: [no: string, yes: string];
  /** NaN, infinity, minus infinity. */
  special: [nan: string, infinity: string, minusInfinity: string];
  integer?: (digits: string) => string;
  list: (items: string[]) => string;
  dict: ((entries: [key: string, value: string][]) => string) | null;
  /** How a key of a dict is written; default: as a string. */
  key?: (key: string) => string;
}

/** Whole numbers beyond 32 bits need a mark in Scala, C# and F#. */
const long = (digits: string): string => (BigInt.asIntN(32, BigInt(digits)) === BigInt(digits) ? digits : `${digits}L`);
const hash = (text: string): string => `# ${text}`;
const slashes = (text: string): string => `// ${text}`;
const plain = (name: string, value: string): string => `${name} = ${value}`;
const pairs = (entries: [string, string][], between: string, separator = ', '): string =>
  entries.map(([key, value]) => key + between + value).join(separator);

/** Python's unicode_escape: ASCII that prints stays, everything else becomes an escape. */
function escaped(text: string, quote: string, short: boolean): string {
  let result = '';
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const simple = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': quote }[char];
    if (simple !== undefined) result += simple;
    else if (code >= 0x20 && code < 0x7f) result += char;
    else if (code < 0x100 && short) result += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code < 0x10000) result += `\\u${code.toString(16).padStart(4, '0')}`;
    else result += `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return result;
}

const pythonString = (text: string): string => `"${escaped(text, '\\"', true)}"`;
/** Where `\x` stands for a byte or for nothing at all, and not for a character as in Python. */
const unicodeString = (text: string): string => `"${escaped(text, '\\"', false)}"`;
/** UTF-16 units: the JVM and JavaScript know no `\U`. */
const jsonString = (text: string): string =>
  JSON.stringify(text).replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const python: Language = {
  comment: hash,
  assign: plain,
  string: pythonString,
  none: 'None',
  booleans: ['False', 'True'],
  special: ["float('nan')", "float('inf')", "float('-inf')"],
  list: (items) => `[${items.join(', ')}]`,
  dict: (entries) => `{${pairs(entries, ': ')}}`,
};

const r: Language = {
  comment: hash,
  // A name of R may not begin with an underscore.
  assign: (name, value) => plain(name.replace(/^_+/, ''), value),
  string: unicodeString,
  none: 'NULL',
  booleans: ['FALSE', 'TRUE'],
  special: ['NaN', 'Inf', '-Inf'],
  list: (items) => `list(${items.join(', ')})`,
  dict: (entries) => `list(${pairs(entries, ' = ')})`,
};

const julia: Language = {
  comment: hash,
  assign: plain,
  // A dollar sign would put a variable's value into the text.
  string: (text) => unicodeString(text).replace(/\$/g, '\\$'),
  none: 'nothing',
  booleans: ['false', 'true'],
  special: ['NaN', 'Inf', '-Inf'],
  list: (items) => `[${items.join(', ')}]`,
  dict: (entries) => `Dict(${pairs(entries, ' => ')})`,
};

const scala: Language = {
  comment: slashes,
  assign: (name, value) => `val ${name} = ${value}`,
  string: jsonString,
  none: 'None',
  booleans: ['false', 'true'],
  special: ['Double.NaN', 'Double.PositiveInfinity', 'Double.NegativeInfinity'],
  integer: long,
  list: (items) => `Seq(${items.join(', ')})`,
  dict: (entries) => `Map(${pairs(entries, ' -> ')})`,
};

const javascript: Language = {
  comment: slashes,
  assign: (name, value) => `let ${name} = ${value};`,
  string: jsonString,
  none: 'null',
  booleans: ['false', 'true'],
  special: ['NaN', 'Infinity', '-Infinity'],
  integer: (digits) => (BigInt(Number(digits)).toString() === digits ? digits : `${digits}n`),
  list: (items) => `[${items.join(', ')}]`,
  dict: (entries) => `{${pairs(entries, ': ')}}`,
  // In a literal this name would set the prototype.
  key: (key) => (key === '__proto__' ? '["__proto__"]' : jsonString(key)),
};

const matlab: Language = {
  comment: (text) => `% ${text}`,
  assign: (name, value) => `${name} = ${value};`,
  string: (text) => `"${escaped(text, '""', true)}"`,
  none: 'NaN',
  booleans: ['false', 'true'],
  special: ['nan', 'inf', '-inf'],
  list: (items) => `{${items.join(', ')}}`,
  key: (key) => `'${escaped(key, '"', true).replace(/'/g, "''")}'`,
  dict: (entries) =>
    `containers.Map({${entries.map(([key]) => key).join(', ')}}, {${entries.map(([, value]) => value).join(', ')}})`,
};

const bash: Language = {
  comment: hash,
  assign: (name, value) => `${name}=${value}`,
  string: (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'"'"'`)}'`),
  none: '',
  booleans: ['false', 'true'],
  special: ['nan', 'inf', '-inf'],
  list: (items) => `(${items.join(' ')})`,
  dict: null,
};

const powershell: Language = {
  comment: hash,
  assign: (name, value) => `$${name} = ${value}`,
  string: (text) => `"${escaped(text, '`"', true)}"`,
  none: '$Null',
  booleans: ['$False', '$True'],
  special: ['[double]::NaN', '[double]::PositiveInfinity', '[double]::NegativeInfinity'],
  list: (items) => `@(${items.join(', ')})`,
  dict: (entries) => `@{${pairs(entries, ' = ', '\n ')}}`,
};

const csharp: Language = {
  comment: slashes,
  assign: (name, value) => `var ${name} = ${value};`,
  string: pythonString,
  none: null,
  booleans: ['false', 'true'],
  special: ['double.NaN', 'double.PositiveInfinity', 'double.NegativeInfinity'],
  integer: long,
  list: (items) => `new [] { ${items.join(', ')} }`,
  dict: (entries) =>
    `new Dictionary<string,Object>{ ${entries.map(([key, value]) => `{ ${key} , ${value} }`).join(', ')} }`,
};

const fsharp: Language = {
  comment: (text) => `(* ${text} *)`,
  assign: (name, value) => `let ${name} = ${value}`,
  string: pythonString,
  none: 'None',
  booleans: ['false', 'true'],
  special: ['nan', 'infinity', '-infinity'],
  integer: long,
  list: (items) => `[ ${items.join('; ')} ]`,
  dict: (entries) =>
    `[ ${entries.map(([key, value]) => `(${key}, ${value} :> IComparable)`).join('; ')} ] |> Map.ofList`,
};

/** By the names that kernels give their language, in lower case, and by the kernel names that papermill knows. */
const LANGUAGES = new Map<string, Language>(
  Object.entries({
    python,
    r,
    julia,
    scala,
    matlab,
    bash,
    powershell,
    javascript,
    ipython: python,
    python3: python,
    pysparkkernel: python,
    sagemath: python,
    sage: python,
    sparkrkernel: r,
    sparkkernel: scala,
    octave: matlab,
    shellscript: bash,
    sh: bash,
    pwsh: powershell,
    typescript: javascript,
    js: javascript,
    ts: javascript,
    'c#': csharp,
    csharp,
    'f#': fsharp,
    fsharp,
    '.net-csharp': csharp,
    '.net-fsharp': fsharp,
    '.net-powershell': powershell,
  }),
);

/** The languages that parameters can be written in, for messages. */
export const PARAMETER_LANGUAGES = [
  'python',
  'r',
  'julia',
  'scala',
  'javascript',
  'typescript',
  'matlab',
  'octave',
  'bash',
  'powershell',
  'c#',
  'f#',
];

/**
 * The source of a cell that sets `parameters`, as papermill writes it: a comment, then an assignment to a line. `declared` is
 * the source that may declare the same names already: JavaScript refuses a second declaration of another kind.
 *
 * @throws ParametersError
 */
export function translateParameters(
  parameters: Readonly<Record<string, unknown>>,
  names: readonly string[],
  comment: string,
  declared = '',
): string {
  const language = names.map((name) => LANGUAGES.get(name.toLowerCase())).find((found) => found !== undefined);
  if (language === undefined) {
    const fix = `known are ${PARAMETER_LANGUAGES.join(', ')}`;
    throw new ParametersError(
      'unknown-language',
      `parameters cannot be written in ${names.join(' or ') || 'an unknown language'}`,
      fix,
    );
  }
  const lines = Object.entries(parameters).map(([name, value]) => {
    const line = language.assign(name, translate(language, value, name));
    return language === javascript ? line.replace(/^let/, declaration(declared, name)) : line;
  });
  return `${[language.comment(comment), ...lines].join('\n')}\n`;
}

function declaration(source: string, name: string): string {
  const before = source
    .match(/\b(?:let|const|var)\s+[\w$]+/g)
    ?.find((found) => found.endsWith(name) && found.split(/\s+/)[1] === name);
  return before?.split(/\s+/)[0] ?? 'let';
}

function translate(language: Language, value: unknown, name: string): string {
  const impossible = (what: string): ParametersError =>
    new ParametersError(
      'untranslatable-parameter',
      `the parameter ${name} holds ${what}, which its language cannot be given`,
      'pass it as text',
    );
  if (value === null) {
    if (language.none === null) throw impossible('null');
    return language.none;
  }
  if (typeof value === 'string') return language.string(value);
  if (typeof value === 'boolean') return language.booleans[value ? 1 : 0];
  if (typeof value === 'bigint') return number(language, value.toString());
  if (typeof value === 'number') return number(language, formatNumber(value));
  if (value instanceof ExactNumber) return number(language, value.text);
  if (Array.isArray(value)) return language.list(value.map((item) => translate(language, item, name)));
  if (!isObject(value)) throw impossible(`a ${typeof value}`);
  if (language.dict === null) throw impossible('an object');
  const { key = language.string } = language;
  return language.dict(Object.entries(value).map(([field, item]) => [key(field), translate(language, item, name)]));
}

function number(language: Language, text: string): string {
  const special = ['NaN', 'Infinity', '-Infinity'].indexOf(text);
  if (special >= 0) return language.special[special]!;
  return language.integer !== undefined && /^-?\d+$/.test(text) ? language.integer(text) : text;
}
