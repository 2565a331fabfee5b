import { setTimeout as delay } from 'node:timers/promises';
import {
  type Channels,
  catalog,
  Kernel,
  type KernelInfo,
  type LaunchPlan,
  type PlanKernelOptions,
  planKernel,
  resolveKernel,
} from '@kernelkit/core';
import { createMessage, type JupyterMessage } from '@kernelkit/protocol';

/** The plan for the kernelspec in that directory. */
export async function planFor(kernelspec: string, options: PlanKernelOptions = {}): Promise<LaunchPlan> {
  const surroundings = { cwd: process.cwd(), env: process.env };
  const { entry } = await resolveKernel(await catalog(surroundings), kernelspec, surroundings);
  return planKernel(entry, options);
}

const ASK_AGAIN_MS = 20;
const GIVE_UP_MS = 30_000;

/**
 * A Kernel client over channels to a kernel that runs already, once its iopub is known to reach them. Closing the client
 * closes the channels and leaves the kernel alone.
 */
export async function connectKernel(channels: Channels): Promise<Kernel> {
  const asked = new Set<string>();
  let info: KernelInfo | null = null;
  let live = false;
  const stop = channels.listen({
    message: (message: JupyterMessage) => {
      if (!asked.has(message.parent_header.msg_id ?? '')) return;
      if (message.channel === 'iopub') live = true;
      if (message.header.msg_type === 'kernel_info_reply') info = message.content as KernelInfo;
    },
  });
  const deadline = performance.now() + GIVE_UP_MS;
  while (info === null || !live) {
    if (performance.now() > deadline) throw new Error('the kernel does not answer');
    const request = createMessage({
      channel: 'shell',
      type: 'kernel_info_request',
      session: channels.session,
      content: {},
    });
    asked.add(request.header.msg_id);
    await channels.send(request);
    await delay(ASK_AGAIN_MS);
  }
  stop();
  return new Kernel({
    id: 'bench',
    connection: { channels, info },
    interrupt: null,
    restart: null,
    shutdown: () => channels.close(),
    onDeath: () => () => {},
  });
}

/** The environment in which Python's Jupyter finds the kernelspec in that directory first, under the name of the directory. */
export function jupyterEnvironment(kernelspec: string): NodeJS.ProcessEnv {
  return { ...process.env, JUPYTER_PATH: kernelspec.replace(/[\\/]kernels[\\/][^\\/]+$/, '') };
}
