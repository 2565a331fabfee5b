import { createMessage, type JupyterMessage } from '@kernelkit/protocol';
import { kernelEnd } from './end.js';
import type { Route } from './routes.js';
import type { HubState } from './types.js';

/**
 * A status that the hub tells in the kernel's place: complete, and with the session of the kernel's process.
 * @param failure why it is dead, or was started again: for programs, in the metadata
 */
export function statusMessage(
  session: string,
  state: HubState,
  { parent, failure = null }: { parent?: JupyterMessage['header'] | undefined; failure?: Error | null } = {},
): JupyterMessage {
  const content = { execution_state: state } as never;
  const metadata = failure === null ? {} : { kernelkit: { end: { ...kernelEnd(failure) } } };
  return createMessage({ channel: 'iopub', type: 'status', session, username: 'kernel', content, metadata, parent });
}

/** The answer to a request that no kernel will answer; null where front ends take none in this form. */
export function errorReply(session: string, route: Route, ename: string, evalue: string): JupyterMessage | null {
  const { header, channel } = route;
  const type: string = header.msg_type;
  // @jupyterlab/services rejects a promise that nobody can catch when kernel_info is answered with an error
  if (!type.endsWith('_request') || type === 'kernel_info_request') return null;
  const content: Record<string, unknown> = { status: 'error', ename, evalue, traceback: [] };
  if (type === 'execute_request') Object.assign(content, { execution_count: 0, user_expressions: {}, payload: [] });
  const reply = type.replace(/request$/, 'reply') as 'execute_reply';
  return createMessage({
    channel,
    type: reply,
    session,
    username: 'kernel',
    content: content as never,
    parent: header,
  });
}

/** The same where people look: below the cell. Front ends show nothing of a reply. Null: it was no cell. */
export function errorOutput(session: string, { header }: Route, ename: string, evalue: string): JupyterMessage | null {
  if ((header.msg_type as string) !== 'execute_request') return null;
  const content = { ename, evalue, traceback: [`${ename}: ${evalue}`] };
  return createMessage({ channel: 'iopub', type: 'error', session, username: 'kernel', content, parent: header });
}

/**
 * That the kernel's output is not known of a time: as a cell's own output where one ran, and for programs in the metadata.
 * @param gap `isCut`: what was written last before it could not be read either
 */
export function gapNotice(
  session: string,
  { since, until, isCut }: { since: Date; until: Date; isCut: boolean },
  parent?: JupyterMessage['header'],
): JupyterMessage {
  const [from, to] = [since.toISOString(), until.toISOString()];
  const cut = isCut ? ' The end of what was written down before is lost, too.' : '';
  const text = `[kernelkit] No gateway ran between ${from} and ${to}: what the kernel printed meanwhile is lost.${cut}\n`;
  const content = { name: 'stderr', text } as never;
  const metadata = { kernelkit: { gap: { since: from, until: to, isCut } } };
  return createMessage({ channel: 'iopub', type: 'stream', session, username: 'kernel', content, metadata, parent });
}

/** Something that a client has to know, as output of what it sent. */
export function noticeMessage(session: string, why: string, parent: JupyterMessage['header']): JupyterMessage {
  const content = { name: 'stderr', text: `[kernelkit] ${why}\n` } as never;
  return createMessage({ channel: 'iopub', type: 'stream', session, username: 'kernel', content, parent });
}

/** What a message counts against the bounds: its JSON, its buffers, and something for the rest. */
export function sizeOf(message: JupyterMessage): number {
  let bytes = 512 + (message.contentBytes?.byteLength ?? JSON.stringify(message.content).length);
  for (const buffer of message.buffers) bytes += buffer.byteLength;
  return bytes;
}
