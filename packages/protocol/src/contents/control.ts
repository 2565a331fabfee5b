import type { JsonObject, Reply } from './common.js';

export type ShutdownRequest = { restart: boolean };
export type ShutdownReply = Reply<{ restart: boolean }>;

export type InterruptReply = Reply<unknown>;

/** A request of the Debug Adapter Protocol, or one of Jupyter's additions (dumpCell, debugInfo, inspectVariables, …). */
export type DebugRequest = { type: 'request'; seq: number; command: string; arguments?: JsonObject };

/** The Debug Adapter Protocol's response. Jupyter's status is not part of it. */
export type DebugReply = {
  type: 'response';
  seq: number;
  request_seq: number;
  success: boolean;
  command: string;
  message?: string;
  body?: JsonObject;
};

/** Subshells: JEP 91, since 5.5. */
export type CreateSubshellReply = Reply<{ subshell_id: string }>;
export type DeleteSubshellRequest = { subshell_id: string };
export type DeleteSubshellReply = Reply<unknown>;
export type ListSubshellReply = Reply<{ subshell_id: string[] }>;

/** ipykernel's answer to usage_request; not in the spec. Memory in bytes, processors in per cent. */
export type UsageReply = {
  hostname?: string;
  pid?: number;
  kernel_cpu?: number;
  kernel_memory?: number;
  cpu_count?: number;
  host_cpu_percent?: number;
  host_virtual_memory?: JsonObject;
};
