/** The file system as discovery sees it: read-only, recorded, and never waited for. */
export type { Apart } from './apart.js';
export { FileFaultError, MountSilentError, RemotePlaceError } from './errors.js';
export { readKept, replaceKept } from './kept.js';
export { mountOf, type RemoteMount, remoteMounts } from './mounts.js';
export { NodeFiles, type NodeFilesOptions, remotesHere } from './node-files.js';
export { Recorder } from './recorder.js';
export { type EntryType, type FileInfo, type Files, fingerprint, type Trail } from './types.js';
