import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeKernel } from '../../../../testing/support/index.js';
import {
  ExactNumber,
  injectParameters,
  type Notebook,
  newCodeCell,
  newNotebook,
  ParametersError,
  parseJson,
  parseParameter,
  readNotebook,
  writeNotebook,
} from '../../src/notebook/index.js';
import { startReal } from '../support.js';

/** What papermill 2.7.0 itself made of these: recorded, since it is not among the test environments. */
const papermill = JSON.parse(readFileSync(new URL('fixtures/papermill.json', import.meta.url), 'utf8')) as {
  sources: { language: string; parameters: string; source: string }[];
  values: { text: string; type: 'bool' | 'NoneType' | 'int' | 'float' | 'str'; repr: string }[];
};

const injected = (parameters: Record<string, unknown>, language: string, notebook: Notebook = newNotebook()): string =>
  injectParameters(notebook, parameters, { language }).cells.find((cell) =>
    JSON.stringify(cell.metadata).includes('injected'),
  )!.source;

/** Python's repr of what we parsed. */
function repr(value: ReturnType<typeof parseParameter>): { type: string; repr: string } {
  if (value === null) return { type: 'NoneType', repr: 'None' };
  if (typeof value === 'boolean') return { type: 'bool', repr: value ? 'True' : 'False' };
  if (typeof value === 'string') return { type: 'str', repr: value };
  const source = injected({ x: value }, 'python').split(' = ')[1]!.trim();
  const special = { "float('nan')": 'nan', "float('inf')": 'inf', "float('-inf')": '-inf' }[source];
  return { type: special !== undefined || /[.e]/.test(source) ? 'float' : 'int', repr: special ?? source };
}

describe('as papermill', () => {
  test.each(papermill.sources)('$language: $parameters', ({ language, parameters, source }) => {
    const values = parseJson(parameters) as Record<string, unknown>;
    // Other than papermill, which leaves NaN to Matlab's and bash's own devices, we agree on everything recorded here.
    expect(injected(values, language)).toBe(source);
  });

  test.each(papermill.values)('-p x=$text', ({ text, type, repr: expected }) => {
    expect(repr(parseParameter(text))).toEqual({ type, repr: expected });
  });
});

describe('what papermill cannot write', () => {
  test.each([
    ['R', { u: 'é', n: Number.NaN, i: Number.NEGATIVE_INFINITY }, '# Parameters\nu = "\\u00e9"\nn = NaN\ni = -Inf\n'],
    ['julia', { u: 'é $x', n: Number.NaN }, '# Parameters\nu = "\\u00e9 \\$x"\nn = NaN\n'],
    [
      'scala',
      { u: '\u{1f600}', n: Number.POSITIVE_INFINITY },
      '// Parameters\nval u = "\\ud83d\\ude00"\nval n = Double.PositiveInfinity\n',
    ],
    [
      'typescript',
      {
        a: null,
        b: [true, 1.5, { 'k"': 'é\n' }],
        c: new ExactNumber('12345678901234567890'),
        d: new ExactNumber('1.0'),
      },
      '// Parameters\nlet a = null;\nlet b = [true, 1.5, {"k\\"": "\\u00e9\\n"}];\nlet c = 12345678901234567890n;\nlet d = 1.0;\n',
    ],
  ])('%s', (language, parameters, source) => {
    expect(injected(parameters, language)).toBe(source);
  });

  test('JavaScript declares a name again as it was declared', () => {
    const notebook = newNotebook([newCodeCell('const a = 1\nvar b = 2; let abc = 3', { tags: ['parameters'] })]);
    expect(injected({ a: 5, b: 6, abc: 7, c: 8 }, 'javascript', notebook)).toBe(
      '// Parameters\nconst a = 5;\nvar b = 6;\nlet abc = 7;\nlet c = 8;\n',
    );
  });

  test('JavaScript literals mean what they were made from', () => {
    const values = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(values, (value) => {
        const source = injected({ x: value }, 'javascript');
        expect(new Function(`${source}; return x;`)()).toEqual(value);
      }),
    );
  });

  test.each([
    ['cobol', { a: 1 }, 'unknown-language'],
    ['bash', { a: {} }, 'untranslatable-parameter'],
    ['C#', { a: null }, 'untranslatable-parameter'],
    ['python', { a: () => 1 }, 'untranslatable-parameter'],
  ])('%s %j is refused', (language, parameters, kind) => {
    expect(() => injected(parameters, language)).toThrow(ParametersError);
    expect(() => injected(parameters, language)).toThrow(expect.objectContaining({ kind }));
  });
});

describe('where the cell goes', () => {
  const cell = (source: string, ...tags: string[]) => newCodeCell(source, tags.length === 0 ? {} : { tags });
  const order = (notebook: Notebook): string[] =>
    injectParameters(notebook, { a: 1 }, { language: 'python' }).cells.map((one) => one.source.split('\n')[0]!);

  test.each([
    ['at the top without tags', [cell('x'), cell('y')], ['# Parameters', 'x', 'y']],
    ['after parameters', [cell('x'), cell('p', 'parameters'), cell('y')], ['x', 'p', '# Parameters', 'y']],
    [
      'instead of an injected cell',
      [cell('p', 'parameters'), cell('x'), cell('old', 'injected-parameters'), cell('y')],
      ['p', 'x', '# Parameters', 'y'],
    ],
    ['in an empty notebook', [], ['# Parameters']],
  ])('%s', (_what, cells, expected) => {
    const notebook = newNotebook(cells);
    const before = structuredClone(notebook);
    expect(order(notebook)).toEqual(expected);
    expect(structuredClone(notebook)).toEqual(before);
  });

  test('the language is the notebook own, the kernel name comes first', () => {
    const of = (metadata: Record<string, unknown>) =>
      injectParameters(newNotebook([], metadata), { a: null }).cells[0]!.source;
    expect(of({ kernelspec: { name: 'ir', language: 'R' } })).toContain('a = NULL');
    expect(of({ kernelspec: { name: 'x' }, language_info: { name: 'julia' } })).toContain('a = nothing');
    expect(of({ kernelspec: { name: 'sparkkernel' }, language_info: { name: 'python' } })).toContain('val a = None');
    expect(() => of({})).toThrow(ParametersError);
  });

  test('they are noted in the metadata, with numbers as they were, and the notebook stays valid', () => {
    const notebook = injectParameters(
      newNotebook([], { papermill: { version: '1' } }),
      { a: parseParameter('1.0') },
      { language: 'python' },
    );
    const written = writeNotebook(notebook);
    expect(written).toContain('"a": 1.0');
    expect(readNotebook(written).metadata.papermill).toMatchObject({ version: '1' });
    expect(notebook.cells[0]!.metadata).toEqual({ tags: ['injected-parameters'] });
  });
});

/** The injected source, run by the language itself: is what arrives what was sent? */
const ask: Record<string, string> = {
  ipykernel: 'import json; print(json.dumps([t, u, n, l, b, z], ensure_ascii=True))',
  ir: 'cat(sprintf("[%s, %s, %s, [%s, %s], %s, %s]\\n", encodeString(t, quote="\\""), sprintf("\\"\\\\u%04x\\"", utf8ToInt(u)), n, l[[1]], l[[2]], tolower(b), if (is.null(z)) "null" else "x"))',
  deno: 'console.log(JSON.stringify([t, u, n, l, b, z]))',
};
const languages: Record<string, string> = { ipykernel: 'python', ir: 'R', deno: 'typescript' };

describeKernel(['ipykernel', 'ir', 'deno'], ({ name }) => {
  test('takes the parameters', async () => {
    await using kernel = await startReal(name);
    const parameters = { t: 'a "b" \\ $x', u: 'é', n: 1.5, l: [1, 2], b: true, z: null };
    const notebook = newNotebook([
      newCodeCell(name === 'deno' ? 'let t = "", n = 0;' : 'n = 0', { tags: ['parameters'] }),
    ]);
    for (const cell of injectParameters(notebook, parameters, { language: languages[name]! }).cells) {
      expect(await kernel.execute(cell.source)).toMatchObject({ status: 'ok' });
    }
    const { outputs } = await kernel.execute(ask[name]!);
    const text = outputs.map((output) => (output.output_type === 'stream' ? output.text : '')).join('');
    expect(JSON.parse(text)).toEqual(Object.values(parameters));
  });
});
