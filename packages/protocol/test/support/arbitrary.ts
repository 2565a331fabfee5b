import fc from 'fast-check';
import { CHANNEL_NAMES, type Header, type JupyterMessage } from '../../src/index.js';

/** Any JavaScript string: astral characters, controls, lone surrogates. */
export const anyText = fc.string({
  unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), loneSurrogate()),
});

/** Text that UTF-8 can hold. */
export const wellFormedText = fc.string({ unit: 'binary' });

function loneSurrogate(): fc.Arbitrary<string> {
  return fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit));
}

export const bytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 40 });

/** JSON values that JSON.stringify and Python both give back as they were: no -0, and integers that both hold exactly. */
function jsonValue(text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  return fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
      text,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value;
}

export function jsonObject(text: fc.Arbitrary<string>): fc.Arbitrary<Record<string, unknown>> {
  return fc.dictionary(text, jsonValue(text), { maxKeys: 5, noNullPrototype: true });
}

export function header(text: fc.Arbitrary<string>): fc.Arbitrary<Header> {
  return fc.record({
    msg_id: text,
    session: text,
    username: text,
    date: fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
      .map((date) => date.toISOString()),
    // Any name: a message type that nobody knows must pass.
    msg_type: text.filter((type) => type !== '') as fc.Arbitrary<Header['msg_type']>,
    version: fc.constantFrom('5.0', '5.3', '5.4', '5.6'),
  });
}

/** Messages of any type and content, with 0 to 3 buffers. */
export function anyMessage(text: fc.Arbitrary<string> = anyText): fc.Arbitrary<JupyterMessage> {
  return fc.record({
    channel: fc.constantFrom(...CHANNEL_NAMES),
    header: header(text),
    parent_header: fc.oneof(fc.constant({}), header(text)),
    metadata: jsonObject(text),
    content: jsonObject(text) as fc.Arbitrary<JupyterMessage['content']>,
    buffers: fc.array(bytes, { maxLength: 3 }),
  });
}

/** The message without what an encoding adds. */
export function bare(message: JupyterMessage): Omit<JupyterMessage, 'contentBytes'> {
  const { contentBytes: _, ...rest } = message;
  return rest;
}
