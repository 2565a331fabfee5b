import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionInfo, parseConnectionInfo } from '@kernelkit/protocol';
import type { LaunchPlan } from '../plan/index.js';
import { type ReservedPorts, reservePorts } from './ports.js';
import type { RunDir } from './run-dir.js';

const LOOPBACK = '127.0.0.1';

export interface PreparedConnection {
  info: ConnectionInfo;
  /** Kept until the kernel has ended. */
  reserved: ReservedPorts | null;
}

/** Where the kernel shall listen, by the plan's rung, and a fresh 256-bit key. */
export async function prepareConnection(plan: LaunchPlan, runDir: RunDir): Promise<PreparedConnection> {
  const reserved = plan.rung === 'reserved-ports' ? await reservePorts(LOOPBACK) : null;
  const [shell, iopub, stdin, control, hb] =
    reserved?.ports ?? (plan.rung === 'ipc' ? [1, 2, 3, 4, 5] : [0, 0, 0, 0, 0]);
  const info: ConnectionInfo = {
    transport: plan.transport,
    ip: plan.rung === 'ipc' ? runDir.socketPrefix : LOOPBACK,
    shell_port: shell!,
    iopub_port: iopub!,
    stdin_port: stdin!,
    control_port: control!,
    hb_port: hb!,
    key: randomBytes(32).toString('hex'),
    signature_scheme: 'hmac-sha256',
    kernel_name: plan.entry.name,
  };
  return { info, reserved };
}

const POLL_MS = 5;

/**
 * Waits until the kernel has put the ports that it bound into the connection file (the zero-ports rung). It is read again
 * and again: it may be seen half written, and watching a file that is replaced is no surer than reading it. Only the ports are
 * taken from it: where and with which key we talk is ours to say.
 */
export async function portsFilledIn(file: string, asked: ConnectionInfo, signal: AbortSignal): Promise<ConnectionInfo> {
  for (;;) {
    const info = await tryRead(file);
    signal.throwIfAborted();
    if (info !== null) {
      const { shell_port, iopub_port, stdin_port, control_port, hb_port } = info;
      const ports = { shell_port, iopub_port, stdin_port, control_port, hb_port };
      if (Object.values(ports).every((port) => port > 0)) return { ...asked, ...ports };
    }
    // An abort ends the pause; its reason is thrown above.
    await delay(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

async function tryRead(file: string): Promise<ConnectionInfo | null> {
  try {
    return parseConnectionInfo(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Half written: the next look sees the rest. The caller's deadline bounds it.
    return null;
  }
}
