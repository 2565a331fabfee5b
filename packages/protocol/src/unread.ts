import type { JupyterMessage } from './message.js';

/**
 * Gives a message a content that is read when somebody first looks at it: a relay passes large ones on as they came, and reading them is
 * most of what they cost. Reading may then throw, as decoding would have.
 */
export function withUnreadContent(
  message: Omit<JupyterMessage, 'content'>,
  read: () => JupyterMessage['content'],
): JupyterMessage {
  return Object.defineProperty(message as JupyterMessage, 'content', {
    configurable: true,
    enumerable: true,
    get() {
      const value = read();
      keep(this as JupyterMessage, value);
      return value;
    },
    set(value: JupyterMessage['content']) {
      keep(this as JupyterMessage, value);
    },
  });
}

/** Whether nobody has looked at the content yet; `{ ...message }` looks. */
export function hasUnreadContent(message: JupyterMessage): boolean {
  return Object.getOwnPropertyDescriptor(message, 'content')?.get !== undefined;
}

function keep(message: JupyterMessage, value: JupyterMessage['content']): void {
  Object.defineProperty(message, 'content', { configurable: true, enumerable: true, writable: true, value });
}
