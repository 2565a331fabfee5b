import {
  type CatalogEntry,
  type Hub,
  KernelkitError,
  KernelStartError,
  type LaunchPlan,
  type PlanKernelOptions,
  type StartFailure,
} from '@kernelkit/core';
import { lastWordsOf } from './model.js';

/**
 * The whole start of a kernel, brought by a client that may run anything here anyway: the one user of a private socket. The kernel is then
 * the client's in every respect (its environment, directory, environments nearby), whatever the gateway itself was started in.
 */
export interface TrustedStart extends Pick<PlanKernelOptions, 'activate' | 'dotenv' | 'overrides' | 'sessionName'> {
  readonly entry: CatalogEntry;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What a gateway on a private socket tells of such a kernel, in its model's `kernelkit`. */
export interface TrustedModel {
  readonly entry: string;
  readonly displayName: string;
  readonly language: string;
  readonly cwd: string;
  /** What is kept of its messages. */
  readonly log: { readonly first: number; readonly last: number; readonly bytes: number };
  /** How its environment was activated at its last start; null: not (yet), or there was none to activate. */
  readonly activation: LaunchPlan['activation'];
  /** What `jupyter console --existing` takes; null: it is not up. Another one after each start. */
  readonly connectionFile: string | null;
  /** Why it is dead or could not be started, as data; null: it is neither. */
  readonly failure: TrustedFailure | null;
}

/** Why a kernel is dead or did not start, as data, for a client that may see all of it. */
export interface TrustedFailure {
  readonly kind: string;
  readonly message: string;
  readonly fix: string | null;
  readonly stderr: string;
  /** Of a start. */
  readonly argv?: readonly string[];
  readonly failure?: Omit<StartFailure, 'environment'>;
}

/** A client brought a start that cannot be used, or to a gateway that takes none. */
export class TrustedStartError extends KernelkitError {
  declare readonly kind: 'start-refused' | 'start-unreadable' | 'start-on-port';

  constructor(kind: TrustedStartError['kind'], message: string) {
    super(kind, message, { fix: null });
  }
}

export function trustedModel(
  { entry, cwd }: TrustedStart,
  {
    hub: { log, failure },
    activation,
    connectionFile,
  }: Pick<TrustedModel, 'activation' | 'connectionFile'> & { readonly hub: Pick<Hub, 'log' | 'failure'> },
): TrustedModel {
  const { id, displayName, language } = entry;
  return {
    ...{ entry: id, displayName, language, cwd, log, activation, connectionFile },
    failure: failureOf(failure),
  };
}

function failureOf(error: Error | null): TrustedFailure | null {
  if (error === null) return null;
  const { message } = error;
  const stderr = lastWordsOf(error);
  if (!(error instanceof KernelkitError)) return { kind: 'defect', message, fix: null, stderr };
  const { kind, fix } = error;
  if (!(error instanceof KernelStartError)) return { kind, message, fix, stderr };
  // secrets may be in it, and nobody needs it
  const { environment: _, ...failure } = error.failure;
  return { kind, message, fix, stderr, argv: error.argv, failure };
}

/** The one form that there is so far. A client of another release may send another one. */
const FORM = 1;

/** @param body the request's `kernelkit` @throws TrustedStartError start-unreadable */
export function readTrustedStart(body: Readonly<Record<string, unknown>>): TrustedStart {
  const { form, entry, cwd, env, overrides = {}, activate, dotenv, sessionName } = body;
  if (form !== FORM) throw unreadable(`it has form ${JSON.stringify(form)}, and this gateway knows form ${FORM}`);
  if (!isEntry(entry)) throw unreadable('"entry" is no entry of a catalog');
  if (!isText(cwd) || cwd === '') throw unreadable('"cwd" must be a path');
  if (!isRecord(env) || !Object.values(env).every(isText)) throw unreadable('"env" must be an object of texts');
  const isOverride = (value: unknown) => value === null || isText(value);
  if (!isRecord(overrides) || !Object.values(overrides).every(isOverride)) {
    throw unreadable('"overrides" must be an object of texts and nulls');
  }
  if (activate !== undefined && activate !== false && !isRecord(activate)) {
    throw unreadable('"activate" must be an object, or false');
  }
  if (dotenv !== undefined && dotenv !== true && !isText(dotenv)) throw unreadable('"dotenv" must be a path, or true');
  if (sessionName !== undefined && !isText(sessionName)) throw unreadable('"sessionName" must be a text');
  return {
    ...{ entry, cwd, env: env as TrustedStart['env'], overrides: overrides as Record<string, string | null> },
    ...(activate !== undefined && { activate: activate as NonNullable<TrustedStart['activate']> }),
    ...(dotenv !== undefined && { dotenv }),
    ...(sessionName !== undefined && { sessionName }),
  };
}

function unreadable(why: string): TrustedStartError {
  return new TrustedStartError('start-unreadable', `The start in "kernelkit" cannot be used: ${why}`);
}

const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As far as it has to be one: what is wrong in it beyond that is a start that fails, and is told as one. */
function isEntry(value: unknown): value is CatalogEntry {
  if (!isRecord(value)) return false;
  const { id, name, displayName, language, argv, source, spec, owner } = value;
  const isRecordOrNull = (field: unknown) => field === null || isRecord(field);
  return (
    [id, name, displayName, language].every(isText) &&
    Array.isArray(argv) &&
    argv.every(isText) &&
    (source === 'kernelspec' || source === 'environment' || source === 'runtime') &&
    isRecordOrNull(spec) &&
    isRecordOrNull(owner)
  );
}
