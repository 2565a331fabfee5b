import { describe, expect, it } from 'vitest';
import { decodeZmq, KernelSpecError, ProtocolError, parseKernelSpec, unsigned } from '../src/index.js';

const odd = '{"toString":1,"valueOf":1}';

/** A message of the 4.x days, whose decoding adapts it. */
function decode(type: string, content: string): unknown {
  const header = JSON.stringify({ msg_id: '1', session: 's', username: 'u', msg_type: type });
  return decodeZmq(
    ['<IDS|MSG>', '', header, '{}', '{}', content].map((part) => Buffer.from(part)),
    'shell',
    unsigned,
  );
}

describe('JSON that fights back is a message or a ProtocolError, never another error', () => {
  it.each([
    ['kernel_info_reply', `{"language":${odd},"ipython_version":[1]}`],
    ['kernel_info_reply', `{"protocol_version":[${odd}]}`],
    ['kernel_info_reply', `{"protocol_version":${'['.repeat(5000)}${']'.repeat(5000)}}`],
    ['execute_request', `{"user_variables":[${odd}]}`],
  ])('%s %s', (type, content) => {
    try {
      decode(type, content);
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError);
    }
  });

  it('a kernelspec whose argv is nested beyond all measure is a KernelSpecError', () => {
    let deep: unknown = 'x';
    for (let i = 0; i < 200_000; i++) deep = [deep];
    expect(() => parseKernelSpec({ argv: [deep], display_name: 'x', language: 'x' })).toThrow(KernelSpecError);
  });
});
