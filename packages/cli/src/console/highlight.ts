import type { Span } from './layout.js';

export type Highlighter = (code: string) => Span[];

/** Longer code is shown as it is: it is looked at anew with every key. */
const MOST_CODE = 30_000;

/** highlight.js's scopes, the first word of each (https://highlightjs.readthedocs.io/en/latest/css-classes-reference.html), as SGR parameters. */
const styles: Readonly<Record<string, string>> = {
  ...{
    keyword: '35',
    built_in: '36',
    type: '36',
    literal: '33',
    number: '33',
    operator: '',
    string: '32',
    regexp: '32',
  },
  ...{ symbol: '33', subst: '', comment: '2', doctag: '2', meta: '34', title: '34', section: '34', attr: '36' },
  ...{ attribute: '36', tag: '34', name: '34', variable: '', params: '', quote: '2', link: '32', code: '32' },
  ...{ 'selector-tag': '35', 'template-variable': '33', char: '33' },
};

type Grammar = typeof import('highlight.js/lib/languages/python')['default'];

const grammars: Readonly<Record<string, () => Promise<{ default: Grammar }>>> = {
  bash: () => import('highlight.js/lib/languages/bash'),
  c: () => import('highlight.js/lib/languages/c'),
  clojure: () => import('highlight.js/lib/languages/clojure'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  elixir: () => import('highlight.js/lib/languages/elixir'),
  erlang: () => import('highlight.js/lib/languages/erlang'),
  fortran: () => import('highlight.js/lib/languages/fortran'),
  fsharp: () => import('highlight.js/lib/languages/fsharp'),
  go: () => import('highlight.js/lib/languages/go'),
  groovy: () => import('highlight.js/lib/languages/groovy'),
  haskell: () => import('highlight.js/lib/languages/haskell'),
  java: () => import('highlight.js/lib/languages/java'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  julia: () => import('highlight.js/lib/languages/julia'),
  kotlin: () => import('highlight.js/lib/languages/kotlin'),
  lisp: () => import('highlight.js/lib/languages/lisp'),
  lua: () => import('highlight.js/lib/languages/lua'),
  matlab: () => import('highlight.js/lib/languages/matlab'),
  maxima: () => import('highlight.js/lib/languages/maxima'),
  ocaml: () => import('highlight.js/lib/languages/ocaml'),
  perl: () => import('highlight.js/lib/languages/perl'),
  powershell: () => import('highlight.js/lib/languages/powershell'),
  prolog: () => import('highlight.js/lib/languages/prolog'),
  python: () => import('highlight.js/lib/languages/python'),
  r: () => import('highlight.js/lib/languages/r'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  rust: () => import('highlight.js/lib/languages/rust'),
  sas: () => import('highlight.js/lib/languages/sas'),
  scala: () => import('highlight.js/lib/languages/scala'),
  scheme: () => import('highlight.js/lib/languages/scheme'),
  sql: () => import('highlight.js/lib/languages/sql'),
  stata: () => import('highlight.js/lib/languages/stata'),
  tcl: () => import('highlight.js/lib/languages/tcl'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
};

/** What kernels call their language, where highlight.js calls it otherwise. */
const aliases: Readonly<Record<string, string>> = {
  ...{ 'c++': 'cpp', 'c#': 'csharp', 'f#': 'fsharp', ipython: 'python', python3: 'python', ipython3: 'python' },
  ...{ octave: 'matlab', node: 'javascript', nodejs: 'javascript', jjava: 'java', sagemath: 'python', sh: 'bash' },
  ...{
    'common-lisp': 'lisp',
    pwsh: 'powershell',
    sqlite: 'sql',
    postgresql: 'sql',
    mysql: 'sql',
    calysto_scheme: 'scheme',
  },
};

/** What colours code of a language; null: it is not known. Loaded when it is asked for, the language alone. */
export async function highlighter(language: string): Promise<Highlighter | null> {
  const lower = language.toLowerCase();
  const name = aliases[lower] ?? lower;
  const load = Object.hasOwn(grammars, name) ? grammars[name] : undefined;
  if (load === undefined) return null;
  const [{ createLowlight }, { default: grammar }] = await Promise.all([import('./lowlight.js'), load()]);
  const lowlight = createLowlight({ [name]: grammar });
  return (code) => (code.length > MOST_CODE ? [] : spansOf(lowlight.highlight(name, code)));
}

/** As much of lowlight's tree (hast) as it takes. */
interface Node {
  type: string;
  value?: string;
  properties?: { className?: unknown };
  children?: readonly Node[];
}

function spansOf(root: unknown): Span[] {
  const spans: Span[] = [];
  let at = 0;
  const walk = (node: Node, style: string): void => {
    if (node.type === 'text') {
      const end = at + (node.value ?? '').length;
      if (style !== '') spans.push({ start: at, end, style });
      at = end;
    }
    for (const child of node.children ?? []) walk(child, styleOf(child) ?? style);
  };
  walk(root as Node, '');
  return spans;
}

/** `hljs-title function_` is a title. Undefined: it has none, and looks as what it stands in. */
function styleOf({ properties }: Node): string | undefined {
  const [name] = Array.isArray(properties?.className) ? (properties.className as unknown[]) : [];
  return typeof name === 'string' ? styles[name.replace(/^hljs-/, '')] : undefined;
}
