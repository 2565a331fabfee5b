import { decodeCommand, encodeCommand, errorReason } from './commands.js';
import { ZmtpError } from './errors.js';
import type { Mechanism, MechanismContext } from './mechanism.js';
import { decodeMetadata, encodeMetadata } from './metadata.js';

/** No security: each side sends READY with its properties as soon as it likes (RFC 37 "The NULL Security Mechanism"). */
export function nullMechanism(context: MechanismContext): Mechanism {
  return {
    name: 'NULL',
    asServer: false,
    start: () => [encodeCommand('READY', encodeMetadata(context.properties))],
    receive(body) {
      const command = decodeCommand(body);
      if (command.name === 'READY') return { send: [], peer: decodeMetadata(command.data) };
      if (command.name === 'ERROR') {
        throw new ZmtpError('EREFUSED', `The peer refused the connection: ${errorReason(command.data)}`);
      }
      throw new ZmtpError('EPROTOCOL', `The peer sent a ${JSON.stringify(command.name)} command instead of READY`);
    },
  };
}
