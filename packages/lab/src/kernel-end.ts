import type { KernelEnd } from '@kernelkit/core/client';

/** A kernel's end that nobody asked for. */
export interface LabKernelEnd extends KernelEnd {
  /** Whether it was started again by itself: the connection goes on with the new process. */
  readonly isRestarted: boolean;
}

/** Of a kernel connection of @jupyterlab/services, what this asks for. */
export interface LabKernelConnection {
  readonly anyMessage: LabSignal;
}

interface LabSignal {
  // biome-ignore lint/suspicious/noExplicitAny: ISignal<IKernelConnection, IAnyMessageArgs> there
  connect(slot: (sender: any, args: any) => void): boolean;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  disconnect(slot: (sender: any, args: any) => void): boolean;
}

interface StatusMessage {
  readonly channel: string;
  readonly header: { readonly msg_type: string };
  readonly content: { readonly execution_state?: string };
  readonly metadata: { readonly kernelkit?: { readonly end?: KernelEnd } };
}

/** Another server than ours does not say more. */
const UNTOLD: KernelEnd = {
  ...{ kind: 'kernel-died', message: 'the server says that the kernel died', fix: null },
  ...{ code: null, signal: null, stderr: '' },
};

/**
 * Tells when a connection's kernel dies, does not start, or is started again after it died: what @jupyterlab/services shows of it is a status
 * and a rejected future without a reason. Exit status, signal and last words are there where a gateway of ours has the kernel.
 *
 * @returns ends it; the connection's own end does, too
 */
export function onKernelEnd(connection: LabKernelConnection, listener: (end: LabKernelEnd) => void): () => void {
  const look = (_: unknown, { msg, direction }: { msg: StatusMessage; direction: string }): void => {
    if (direction !== 'recv' || msg.channel !== 'iopub' || msg.header.msg_type !== 'status') return;
    const { execution_state: state } = msg.content;
    if (state !== 'dead' && state !== 'restarting') return;
    const end = msg.metadata.kernelkit?.end ?? UNTOLD;
    if (end.kind !== 'kernel-closed') listener({ ...end, isRestarted: state === 'restarting' });
  };
  connection.anyMessage.connect(look);
  return () => {
    connection.anyMessage.disconnect(look);
  };
}
