import { adapt, type JupyterMessage } from '@kernelkit/protocol';
import { normalise } from './normalise.js';

/**
 * Speaks with a peer as it speaks: what kernels get wrong is put right on the way in (4.x messages are 5.x already when
 * they come here: their decoding adapts them), and a kernel that says it is of the 4.x days gets 4.x messages, as from
 * jupyter_client (its `adapter.py`).
 */
export class Dialect {
  #peer = 5;

  /** A message from the peer, as everything above expects it. */
  receive(message: JupyterMessage): JupyterMessage {
    normalise(message);
    if (message.header.msg_type === 'kernel_info_reply') {
      const { protocol_version } = message.content as { protocol_version?: string };
      const major = Number.parseInt(protocol_version ?? '', 10);
      if (major >= 1) this.#peer = major;
    }
    return message;
  }

  /** A message of ours, as the peer expects it. */
  send(message: JupyterMessage): JupyterMessage {
    return this.#peer < 5 ? adapt(message, 5, this.#peer) : message;
  }
}
