import fc from 'fast-check';

/** Texts with whatever Python takes for a line end, and what JSON must escape. */
export const text = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.string({ maxLength: 6 }) },
      fc.constantFrom(
        '\n',
        '\r\n',
        '\r',
        '\x0b',
        '\x0c',
        '\x1c',
        '\x1d',
        '\x1e',
        '\x85',
        '\u2028',
        '\u2029',
        '\x7f',
        '\0',
        '\x1f',
      ),
      fc.constantFrom('é', '\u{1f600}', '\uff21', '"', '\\', '\t', '/', '<\\/script>'),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

/** Raw JSON numbers in the spelling that Python gives them. */
export const numberText = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
  fc.constantFrom(
    '1.0',
    '-1.5',
    '0.1',
    '1e+16',
    '1e-05',
    '12345678901234567890',
    '100000.0',
    '2.5e-07',
    '-0.0',
    'NaN',
    'Infinity',
    '-Infinity',
  ),
);

/** A JSON text: spelled with blanks here and there, keys in any order. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false'),
    numberText,
    text.map((value) => JSON.stringify(value)),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(' , ')}]`),
    tie('object'),
  ),
  object: objectText(
    fc.oneof(text, fc.constantFrom('a', 'Z', '10', '9', '__proto__', '\uff21', '\u{1f600}')),
    tie('value'),
  ),
})).value;

export function objectText(key: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 4 })
    .map((entries) => `{${entries.map(([name, item]) => `${JSON.stringify(name)}:\n ${item}`).join(',')}}`);
}

const freeObject = objectText(text, jsonText);
/** A multi-line text: one string, or a list of lines. */
const multiline = fc.oneof(
  text.map((value) => JSON.stringify(value)),
  fc.array(text, { maxLength: 4 }).map((lines) => JSON.stringify(lines)),
);

function bundleText(): fc.Arbitrary<string> {
  const textMime = fc.constantFrom(
    'text/plain',
    'text/html',
    'image/svg+xml',
    'image/png',
    'application/javascript',
    'application/x-y',
    'text/x',
  );
  const jsonMime = fc.constantFrom('application/json', 'application/vnd.x+json');
  return fc
    .tuple(
      fc.uniqueArray(fc.tuple(textMime, multiline), { selector: ([mime]) => mime, maxLength: 3 }),
      fc.uniqueArray(fc.tuple(jsonMime, jsonText), { selector: ([mime]) => mime, maxLength: 2 }),
    )
    .map(
      ([texts, jsons]) =>
        `{${[...texts, ...jsons].map(([mime, value]) => `${JSON.stringify(mime)}: ${value}`).join(', ')}}`,
    );
}

const count = fc.oneof(fc.constant('null'), fc.nat(1000).map(String));
const outputText = fc.oneof(
  multiline.map((value) => `{"output_type": "stream", "name": "stdout", "text": ${value}}`),
  fc
    .tuple(bundleText(), freeObject)
    .map(([data, meta]) => `{"output_type": "display_data", "data": ${data}, "metadata": ${meta}}`),
  fc
    .tuple(bundleText(), freeObject, count)
    .map(
      ([data, meta, n]) =>
        `{"output_type": "execute_result", "data": ${data}, "metadata": ${meta}, "execution_count": ${n}}`,
    ),
  fc
    .tuple(text, fc.array(text, { maxLength: 2 }))
    .map(
      ([value, lines]) =>
        `{"output_type": "error", "ename": "E", "evalue": ${JSON.stringify(value)}, "traceback": ${JSON.stringify(lines)}}`,
    ),
);

const metadata = objectText(fc.constantFrom('trusted', 'x', 'é', 'collapsed_', '\u{1f600}', '\uff21'), jsonText);
const cellText = (id: string) =>
  fc.oneof(
    fc
      .tuple(multiline, metadata, fc.array(outputText, { maxLength: 3 }), count)
      .map(
        ([source, meta, outputs, n]) =>
          `{"cell_type": "code", ${id} "source": ${source}, "metadata": ${meta}, "outputs": [${outputs.join(',')}], "execution_count": ${n}}`,
      ),
    fc
      .tuple(fc.constantFrom('markdown', 'raw'), multiline, metadata, fc.option(bundleText()))
      .map(
        ([type, source, meta, bundle]) =>
          `{"cell_type": "${type}", ${id} "metadata": ${meta}, "source": ${source}${bundle === null ? '' : `, "attachments": {"a.png": ${bundle}}`}}`,
      ),
  );

/** The text of a valid notebook of format 4.`minor`. */
export function notebookText(minor: number): fc.Arbitrary<string> {
  const cells = fc
    .nat(4)
    .chain((length) =>
      fc.tuple(...Array.from({ length }, (_, at) => cellText(minor >= 5 ? `"id": "cell-${at}",` : ''))),
    );
  const meta = objectText(fc.constantFrom('signature', 'orig_nbformat_minor', 'x', 'kernel', 'é'), jsonText);
  return fc
    .tuple(cells, meta)
    .map(
      ([list, top]) => `{"nbformat_minor": ${minor}, "cells": [${list.join(',')}], "metadata": ${top}, "nbformat": 4}`,
    );
}
