import { createMessage } from '@kernelkit/protocol';
import { type KernelInfo, NOTHING_SAID } from '../channels/index.js';
import type { KernelConnection } from '../kernel/index.js';
import { settlesWithin, untilAborted } from '../wait/index.js';
import type { WebSocketChannels } from './channels.js';
import { ServerChannelsGoneError } from './channels-errors.js';

/** How long a kernel that may be busy is waited for before it is taken for that. */
const PATIENCE_MS = 1000;
/** After the control channel has answered: how long the shell channel may take, in a kernel that does nothing. */
const SHELL_MS = 150;
/** How often a request is repeated: one that comes while a kernel begins may get lost in it. */
const REPEAT_MS = 2000;
/** How long what a kernel prints may take to be heard after it has answered, and how often it is asked meanwhile. */
const HEARD_MS = 2000;
const HEARD_REPEAT_MS = 50;

/**
 * Asks the kernel who it is, on shell and control, and sees to it that what it prints is heard: a server does so for a kernel that it
 * starts, and not for one that it has started again.
 *
 * @param mayBeBusy it was there before us, and may run a cell: then it need not answer now
 * @throws the signal's reason, or why the channels went
 */
export async function firstWords(
  channels: WebSocketChannels,
  mayBeBusy: boolean,
  signal: AbortSignal,
): Promise<Omit<KernelConnection, 'channels'>> {
  const asked = new Map<string, 'shell' | 'control'>();
  let said = (_info: KernelInfo): void => {};
  let saidOnShell = (): void => {};
  let fail = (_error: Error): void => {};
  const answer = new Promise<KernelInfo>((resolve, reject) => {
    said = resolve;
    fail = reject;
  });
  // Whether anybody waits for it is not known yet.
  answer.catch(() => {});
  const onShell = new Promise<void>((resolve) => {
    saidOnShell = resolve;
  });
  const stop = channels.listen({
    message: ({ parent_header: parent, header, content }) => {
      const by = asked.get(parent.msg_id ?? '');
      if (by === undefined || header.msg_type !== 'kernel_info_reply') return;
      said(content as KernelInfo);
      if (by === 'shell') saidOnShell();
    },
    gone: (gone) => fail(gone.cause instanceof Error ? gone.cause : new ServerChannelsGoneError(gone)),
  });
  void onShell.then(stop);
  const ask = (channel: 'shell' | 'control'): void => {
    const { session } = channels;
    const message = createMessage({ channel, type: 'kernel_info_request', session, content: {} });
    asked.set(message.header.msg_id, channel);
    // On control it says nothing of the cells.
    if (channel === 'control') channels.ignore(message.header.msg_id);
    // One that cannot be sent shows in that nothing is answered.
    channels.send(message).catch(() => {});
  };
  ask('shell');
  ask('control');
  try {
    if (mayBeBusy) {
      if (!(await settlesWithin(answer, PATIENCE_MS))) return { info: NOTHING_SAID, status: 'busy', later: answer };
      const isIdle = await settlesWithin(onShell, SHELL_MS);
      return { info: await answer, status: isIdle ? 'idle' : 'busy' };
    }
    const done = Promise.all([answer, onShell]);
    done.catch(() => {});
    while (!signal.aborted && !(await settlesWithin(done, REPEAT_MS))) ask('shell');
    const [info] = await untilAborted('Waiting for the kernel', signal, () => done);
    await untilHeard(channels, () => ask('shell'), signal);
    return { info, status: 'idle' };
  } catch (error) {
    stop();
    throw error;
  }
}

/** A kernel may answer on shell before its server has subscribed to it, and what it prints is then lost. */
async function untilHeard(channels: WebSocketChannels, ask: () => void, signal: AbortSignal): Promise<void> {
  const until = performance.now() + HEARD_MS;
  while (!channels.hasHeld && !signal.aborted && performance.now() < until) {
    await settlesWithin(new Promise<never>(() => {}), HEARD_REPEAT_MS);
    if (!channels.hasHeld) ask();
  }
}
