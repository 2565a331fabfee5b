import type { RemoteMount } from './mounts.js';

/**
 * Does a task in a process that can be killed, since the file system that it reads may never answer.
 *
 * @param task one of the names that the process knows, with a JSON value for it
 * @returns what the task gave, as JSON
 * @throws MountSilentError when there was no answer in time; every other task on the same mount then fails at once
 */
export type Apart = (task: { name: string; argument: unknown }, mount: RemoteMount) => Promise<unknown>;
