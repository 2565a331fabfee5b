import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeKernel } from '../../../../testing/support/index.js';
import {
  type Cell,
  ExactNumber,
  NotebookError,
  newNotebook,
  readNotebook,
  validateNotebook,
  writeNotebook,
} from '../../src/notebook/index.js';
import { formatJson, parseJson } from '../../src/notebook/json.js';
import { splitLines } from '../../src/notebook/lines.js';
import { jsonText, notebookText, text } from './arbitraries.js';
import { VERSION_3 } from './fixtures/version3.js';
import { NbformatPeer } from './peer.js';

describeKernel('peer', () => {
  describe('as the real nbformat', () => {
    let peer: NbformatPeer;
    beforeAll(() => {
      peer = new NbformatPeer();
    });
    afterAll(() => peer[Symbol.asyncDispose]());

    test('JSON is written as Python writes it, from whatever spelling', async () => {
      await fc.assert(
        fc.asyncProperty(jsonText, async (json) => {
          expect(formatJson(parseJson(json))).toBe(await peer.ask('dumps', json));
        }),
        { numRuns: 500 },
      );
    });

    test('lines end where Python ends them', async () => {
      await fc.assert(
        fc.asyncProperty(text, async (value) => {
          expect(splitLines(value)).toEqual(await peer.ask('splitlines', value));
        }),
        { numRuns: 300 },
      );
    });

    test.each([0, 1, 2, 3, 4, 5])('a notebook of 4.%i is written to the same bytes', async (minor) => {
      await fc.assert(
        fc.asyncProperty(notebookText(minor), async (file) => {
          expect(writeNotebook(readNotebook(file, { upgrade: false }))).toBe(await peer.ask('rewrite', file));
        }),
        { numRuns: 100 },
      );
    });

    test.each([0, 3, 4, 5])('a notebook of 4.%i becomes the same 4.5, which is valid', async (minor) => {
      await fc.assert(
        fc.asyncProperty(notebookText(minor), async (file) => {
          const notebook = readNotebook(file);
          notebook.cells.forEach((cell, at) => {
            cell.id = `id${at}`;
          });
          const written = writeNotebook(notebook);
          expect(written).toBe(await peer.ask('upgrade', file));
          expect(await peer.ask('errors', written)).toEqual([]);
          expect(validateNotebook(notebook)).toEqual([]);
        }),
        { numRuns: 50 },
      );
    });

    test.each(VERSION_3.map((file, at) => [at, file]))('format 3, example %i', async (_at, file) => {
      const source = JSON.stringify(file);
      const notebook = readNotebook(source);
      notebook.cells.forEach((cell, at) => {
        cell.id = `id${at}`;
      });
      const written = writeNotebook(notebook);
      expect(written).toBe(await peer.ask('upgrade', source));
      // Fields that 4.5 does not know are kept, by nbformat too, and are all that is wrong.
      const known = notebook.cells.map(({ rendered: _rendered, ...cell }) => cell as Cell);
      expect(await peer.ask('errors', writeNotebook({ ...notebook, cells: known }))).toEqual([]);
    });

    test.each(mutations())('%s: our validator and the schema agree', async (_what, mutate) => {
      const notebook = complete();
      mutate(notebook);
      const problems = validateNotebook(notebook as never);
      const answer = await peer.ask('errors', JSON.stringify(notebook));
      // Where a type is no string, nbformat falls over itself while it says so.
      const errors = answer instanceof Error ? [answer.message] : (answer as string[]);
      expect({ invalid: problems.length > 0, errors }).toEqual({ invalid: errors.length > 0, errors });
    });
  });
});

type Loose = Record<string, unknown>;

/** A valid notebook with one of everything. */
function complete() {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: 'python3', display_name: 'Python 3' },
      language_info: { name: 'python', codemirror_mode: { name: 'x' }, mimetype: 'a/b' },
      title: 't',
      authors: [{ name: 'n' }],
    } as Loose,
    cells: [
      {
        cell_type: 'markdown',
        id: 'm',
        metadata: {} as Loose,
        source: ['a\n', 'b'],
        attachments: { a: { 'image/png': 'x' } },
      } as Loose,
      { cell_type: 'raw', id: 'r', metadata: { format: 'f' } as Loose, source: '' } as Loose,
      {
        cell_type: 'code',
        id: 'c',
        metadata: { tags: ['a', 'b'], collapsed: true, scrolled: 'auto', name: 'n', execution: { x: 'y' } } as Loose,
        source: 'x',
        execution_count: 1,
        outputs: [
          { output_type: 'stream', name: 'stdout', text: 't' } as Loose,
          {
            output_type: 'display_data',
            data: { 'text/plain': ['x'], 'application/json': [1] } as Loose,
            metadata: {},
          } as Loose,
          { output_type: 'execute_result', data: {}, metadata: {}, execution_count: null } as Loose,
          { output_type: 'error', ename: 'E', evalue: '', traceback: [] } as Loose,
        ],
      } as Loose & { outputs: Loose[] },
    ] as [Loose, Loose, Loose & { metadata: Loose; outputs: [Loose, Loose & { data: Loose }, Loose, Loose] }],
  };
}

/** What to break (or not), and whether it is still valid is for the schema to say. */
function mutations(): [string, (notebook: ReturnType<typeof complete>) => void][] {
  const values: unknown[] = [null, 1, -1, 'x', '', [], ['x'], [1], {}, { a: 1 }, true];
  const list: [string, (notebook: ReturnType<typeof complete>) => void][] = [['nothing', () => {}]];
  const over = (
    name: string,
    pick: (notebook: ReturnType<typeof complete>) => Loose,
    fields: readonly string[],
  ): void => {
    for (const field of fields) {
      list.push([`${name} without ${field}`, (notebook) => void delete pick(notebook)[field]]);
      for (const value of values) {
        list.push([
          `${name}.${field} = ${JSON.stringify(value)}`,
          (notebook) => void Object.assign(pick(notebook), { [field]: value }),
        ]);
      }
    }
  };
  over('notebook', (notebook) => notebook, ['metadata', 'cells', 'extra']);
  over('metadata', (notebook) => notebook.metadata, [
    'kernelspec',
    'language_info',
    'title',
    'authors',
    'orig_nbformat',
    'extra',
  ]);
  over('language_info', (notebook) => notebook.metadata.language_info as Loose, [
    'name',
    'codemirror_mode',
    'mimetype',
    'file_extension',
  ]);
  over('markdown', (notebook) => notebook.cells[0], [
    'cell_type',
    'id',
    'metadata',
    'source',
    'attachments',
    'extra',
    'outputs',
  ]);
  over('attachments', (notebook) => notebook.cells[0].attachments as Loose, ['a']);
  over('raw', (notebook) => notebook.cells[1], ['cell_type', 'source', 'attachments']);
  over('raw metadata', (notebook) => notebook.cells[1].metadata as Loose, ['format', 'name', 'tags']);
  over('code', (notebook) => notebook.cells[2], [
    'id',
    'metadata',
    'source',
    'outputs',
    'execution_count',
    'attachments',
    'extra',
  ]);
  over('code metadata', (notebook) => notebook.cells[2].metadata, [
    'tags',
    'collapsed',
    'scrolled',
    'name',
    'execution',
    'jupyter',
    'extra',
  ]);
  over('stream', (notebook) => notebook.cells[2].outputs[0], ['output_type', 'name', 'text', 'extra']);
  over('display', (notebook) => notebook.cells[2].outputs[1], ['data', 'metadata', 'extra', 'execution_count']);
  over('bundle', (notebook) => notebook.cells[2].outputs[1].data, [
    'text/plain',
    'application/json',
    'application/x+json',
    'image/png',
  ]);
  over('result', (notebook) => notebook.cells[2].outputs[2], ['data', 'metadata', 'execution_count']);
  over('error', (notebook) => notebook.cells[2].outputs[3], ['ename', 'evalue', 'traceback']);
  const tags: unknown[] = [['a,b'], ['a', 'a'], ['a\nb'], ['']];
  for (const value of tags)
    list.push([
      `tags ${JSON.stringify(value)}`,
      (notebook) => void Object.assign(notebook.cells[2].metadata, { tags: value }),
    ]);
  for (const id of ['a b', 'ü', 'x'.repeat(64), 'x'.repeat(65), 'a-_9']) {
    list.push([`id ${JSON.stringify(id)}`, (notebook) => void Object.assign(notebook.cells[2], { id })]);
  }
  for (const name of ['a\nb', '\n', ' ']) {
    list.push([`name ${JSON.stringify(name)}`, (notebook) => void Object.assign(notebook.cells[2].metadata, { name })]);
  }
  // nbformat repairs missing and double ids before it validates; we say that they are wrong.
  return list.filter(([what]) => what !== 'markdown without id' && what !== 'code without id');
}

describe('reading and writing', () => {
  test('numbers stay as they were spelled, where Python would spell them anew', () => {
    for (const number of ['1.0', '1e5', '1E400', '12345678901234567890', '-0', '0.10', '1.0000000000000000001']) {
      const file = `{"cells": [], "metadata": {"n": ${number}}, "nbformat": 4, "nbformat_minor": 5}`;
      expect(writeNotebook(readNotebook(file))).toContain(`"n": ${number}\n`);
    }
  });

  test('an ExactNumber acts as its value', () => {
    const one = parseJson('1.0');
    expect(one).toBeInstanceOf(ExactNumber);
    expect(Number(one)).toBe(1);
    expect(JSON.stringify({ one })).toBe('{"one":1}');
    expect(parseJson('0.5')).toBe(0.5);
  });

  test('fields that no format knows are kept, everywhere', () => {
    const file = {
      nbformat: 4,
      nbformat_minor: 5,
      extra: 1,
      metadata: { a: { b: [null] } },
      cells: [
        { cell_type: 'future', id: 'f', metadata: {}, payload: [1] },
        {
          cell_type: 'code',
          id: 'c',
          metadata: {},
          source: 'x',
          outputs: [{ output_type: 'new', z: 1 }],
          execution_count: null,
          more: {},
        },
      ],
    };
    expect(JSON.parse(writeNotebook(readNotebook(JSON.stringify(file))))).toEqual({
      ...file,
      cells: [file.cells[0], { ...file.cells[1], source: ['x'] }],
    });
  });

  test('a later minor format is kept, and what it may have new is no problem', () => {
    const file =
      '{"cells": [{"cell_type": "sql", "metadata": {}}], "metadata": {}, "nbformat": 4, "nbformat_minor": 6, "new": 1}';
    const notebook = readNotebook(file);
    expect(notebook).toMatchObject({ nbformat_minor: 6, new: 1, cells: [{ cell_type: 'sql' }] });
    expect(validateNotebook(notebook)).toEqual([]);
  });

  test('writing leaves the notebook as it is', () => {
    fc.assert(
      fc.property(notebookText(5), (file) => {
        const notebook = readNotebook(file);
        const before = structuredClone(notebook);
        const written = writeNotebook(notebook);
        expect(structuredClone(notebook)).toEqual(before);
        expect(writeNotebook(readNotebook(written))).toBe(written);
      }),
    );
  });

  test('missing and double ids are replaced, the first keeps its own', () => {
    const cell = { cell_type: 'raw', metadata: {}, source: '' };
    const notebook = readNotebook(
      JSON.stringify({
        nbformat: 4,
        nbformat_minor: 5,
        metadata: {},
        cells: [{ ...cell, id: 'a' }, { ...cell, id: 'a' }, cell],
      }),
    );
    const ids = notebook.cells.map((one) => one.id);
    expect(ids[0]).toBe('a');
    expect(new Set(ids).size).toBe(3);
    for (const id of ids.slice(1)) expect(id).toMatch(/^[0-9a-f]{8}$/);
  });

  test('bytes are read as UTF-8, with or without a byte order mark', () => {
    const bytes = new TextEncoder().encode(`\ufeff${writeNotebook(newNotebook([], { title: 'é' }))}`);
    expect(readNotebook(bytes).metadata.title).toBe('é');
  });

  test('a text with a lone surrogate survives', () => {
    const file = '{"cells": [], "metadata": {"t": "\\ud800"}, "nbformat": 4, "nbformat_minor": 5}';
    const bytes = new TextEncoder().encode(writeNotebook(readNotebook(file)));
    expect(readNotebook(bytes).metadata.t).toBe('\ud800');
  });

  test('the end of a line is no part of an id or a name', () => {
    // Python's `$` would let it pass; the schema's patterns are JavaScript's.
    const cell: Cell = { cell_type: 'raw', id: 'a\n', metadata: { name: 'a\n' }, source: '' };
    expect(validateNotebook(newNotebook([cell])).map((problem) => problem.path)).toEqual([
      'cells[0].metadata.name',
      'cells[0].id',
    ]);
  });

  test('__proto__ is a key like any other', () => {
    const file = '{"cells": [], "metadata": {"__proto__": {"polluted": 1}}, "nbformat": 4, "nbformat_minor": 5}';
    const notebook = readNotebook(file);
    expect(notebook.metadata.polluted).toBeUndefined();
    expect(writeNotebook(notebook)).toContain('"__proto__": {\n   "polluted": 1');
  });
});

function failure(data: string | Uint8Array): NotebookError {
  try {
    readNotebook(data);
  } catch (error) {
    if (error instanceof NotebookError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('bad input', () => {
  const valid = writeNotebook(
    newNotebook([
      {
        cell_type: 'code',
        id: 'a',
        metadata: { n: 1 },
        source: 'a\nb "c" \\',
        outputs: [{ output_type: 'stream', name: 'stdout', text: 'é' }],
        execution_count: 12,
      },
    ]),
  );

  test('a notebook cut off anywhere is said to be truncated', () => {
    for (let length = 1; length < valid.trimEnd().length; length += 1) {
      const error = failure(valid.slice(0, length));
      expect([length, error.kind, error.truncated]).toEqual([length, 'not-json', true]);
      expect(error.message).toContain('truncated');
    }
  });

  test('what is no JSON is said with its line and column', () => {
    expect(failure('{\n "a": tru}')).toMatchObject({ kind: 'not-json', line: 2, column: 7, truncated: false });
    expect(failure('{"a": 1,}')).toMatchObject({ kind: 'not-json', line: 1, column: 9 });
    expect(failure('{"a": "x\ny"}')).toMatchObject({ kind: 'not-json', line: 1, column: 9 });
    expect(failure('{} {}')).toMatchObject({ kind: 'not-json', line: 1, column: 4 });
    for (const bad of [
      '01',
      '1.',
      '-',
      '+1',
      '.5',
      '1e',
      '"\\x"',
      'nul',
      '[1 2]',
      "{'a': 1}",
      '{1: 2}',
      '\u00a0{}',
      '# a',
    ]) {
      expect(failure(bad).kind).toBe('not-json');
    }
    expect(failure('')).toMatchObject({ kind: 'not-json', message: 'the file is empty' });
  });

  test('our reader takes what JSON.parse takes, and nothing else', () => {
    const mangled = fc.tuple(jsonText, fc.nat(), fc.string({ maxLength: 2 })).map(([json, at, junk]) => {
      const place = at % (json.length + 1);
      return json.slice(0, place) + junk + json.slice(place + 1);
    });
    fc.assert(
      fc.property(fc.oneof(mangled, fc.json()), (json) => {
        fc.pre(!/NaN|Infinity/.test(json));
        let expected: unknown;
        try {
          expected = JSON.parse(json);
        } catch {
          expect(() => parseJson(json)).toThrow();
          return;
        }
        expect(JSON.parse(JSON.stringify(parseJson(json)))).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
      { numRuns: 1000 },
    );
  });

  test('bytes that are no text', () => {
    expect(failure(new Uint8Array([0x50, 0x4b, 3, 4, 0xff, 0xfe]))).toMatchObject({ kind: 'not-json' });
  });

  test('too deep is an error and no crash', () => {
    expect(failure('['.repeat(1_000_000)).kind).toBe('not-json');
    expect(failure(`{"nbformat": 4, "metadata": ${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`).message).toContain(
      'deeper',
    );
  });

  test.each([
    ['[]', 'not-a-notebook'],
    ['"x"', 'not-a-notebook'],
    ['1.0', 'not-a-notebook'],
    ['{}', 'not-a-notebook'],
    ['{"name": "x", "version": 1}', 'not-a-notebook'],
    ['{"nbformat": 2, "worksheets": []}', 'unsupported-version'],
    ['{"nbformat": 5, "cells": []}', 'unsupported-version'],
    ['{"nbformat": "4", "cells": []}', 'invalid'],
    ['{"cells": []}', 'invalid'],
  ])('%s', (file, kind) => {
    expect(failure(file).kind).toBe(kind);
  });

  test.each([
    [{ cells: 1 }, 'cells', 'a list', '1'],
    [{ metadata: [] }, 'metadata', 'an object', 'a list'],
    [{ metadata: undefined }, 'metadata', 'an object', 'missing'],
    [{ cells: [1] }, 'cells[0]', 'an object', '1'],
    [
      { cells: [{ cell_type: 'code', metadata: {}, source: 5, outputs: [] }] },
      'cells[0].source',
      'a text or a list of lines',
      '5',
    ],
    [
      { cells: [{ cell_type: 'code', metadata: {}, source: '', outputs: {} }] },
      'cells[0].outputs',
      'a list',
      'an object',
    ],
    [
      {
        cells: [
          { cell_type: 'code', metadata: {}, source: '', outputs: [{ output_type: 'display_data', metadata: {} }] },
        ],
      },
      'cells[0].outputs[0].data',
      'an object of data by MIME type',
      'missing',
    ],
    [{ cells: [{ cell_type: 'raw', metadata: null, source: '' }] }, 'cells[0].metadata', 'an object', 'null'],
  ])('%j: the field is named', (change, path, expected, got) => {
    const file = JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [], ...change });
    expect(failure(file)).toMatchObject({ kind: 'invalid', path, expected, got });
  });

  test('any JSON in any place is read or refused, never a crash', () => {
    const keys = [
      'nbformat',
      'nbformat_minor',
      'metadata',
      'cells',
      'worksheets',
      'cell_type',
      'source',
      'outputs',
      'output_type',
      'data',
      'input',
      'level',
      'attachments',
      'text',
    ];
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'medium' },
        fc.constantFrom<unknown>(3, 4, 5, null, 'code', 'markdown', 'heading', 'stream', 'display_data', 'pyout', true),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 6 }),
      ),
    }));
    fc.assert(
      fc.property(fc.constantFrom(3, 4), tree, tree, (nbformat, cells, metadata) => {
        const file = JSON.stringify({ nbformat, nbformat_minor: 0, metadata, cells, worksheets: [{ cells }] });
        try {
          writeNotebook(readNotebook(file));
        } catch (error) {
          expect(error).toBeInstanceOf(NotebookError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
