import fc from 'fast-check';
import { wellFormedText } from './arbitrary.js';

const anything = fc.oneof(
  fc.constantFrom(null, true, 0, 1.5, '', 'text', 'signal', 'MESSAGE', 'Signal ', 'ſignal'),
  fc.constantFrom<unknown>([], ['a', '{connection_file}'], [1, null, {}], {}, { A: 'b' }, { A: null, B: 1, C: [] }),
);

/** A member that is right four times out of five, wrong or absent else. */
function member(right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 8, arbitrary: right }, { weight: 1, arbitrary: anything });
}

/** A kernel.json's value: right, wrong in one place or another, or nothing of the kind. */
export const kernelJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 1, arbitrary: anything },
  {
    weight: 20,
    arbitrary: fc.record(
      {
        argv: member(fc.array(wellFormedText, { maxLength: 3 })),
        display_name: member(wellFormedText),
        language: member(wellFormedText),
        interrupt_mode: member(fc.constantFrom('signal', 'message', 'Signal', 'MESSAGE')),
        env: member(fc.dictionary(fc.constantFrom('A', 'B', 'PATH'), wellFormedText, { noNullPrototype: true })),
        metadata: member(fc.dictionary(fc.string(), fc.boolean(), { noNullPrototype: true })),
        kernel_protocol_version: member(fc.constantFrom('5.5', '5.5.0')),
        name: member(wellFormedText),
        mimetype: member(wellFormedText),
        codemirror_mode: anything,
        '': anything,
        config: anything,
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom({ resource_dir: '/x' }, { self: 1 }, { cls: 1 }, { parent: 1 }, { log: 2 }) },
);
