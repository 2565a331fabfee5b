import {
  BadEnvironmentError,
  GatewayEndsError,
  lastWordsOf,
  reasonOf,
  TooManyKernelsError,
  TrustedStartError,
  UnknownKernelError,
} from '../kernels/index.js';
import { SessionError } from '../sessions/index.js';
import { UnknownSpecError } from '../specs/index.js';
import { BadRequestError } from './body.js';

/** A JSON answer. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });
}

export function noContent(): Response {
  return new Response(null, { status: 204 });
}

/** Jupyter's form of what went wrong. */
export function failure(status: number, message: string, reason: string | null = null): Response {
  return answer(status, { message, reason });
}

/** What an error of ours means to a client; null: it is a defect, or a kernel's failure that the caller names. */
export function answerTo(error: unknown): Response | null {
  if (error instanceof BadRequestError) return failure(error.status, error.message);
  if (error instanceof BadEnvironmentError) return failure(400, error.message);
  if (error instanceof TrustedStartError) return failure(error.kind === 'start-refused' ? 403 : 400, error.message);
  if (error instanceof GatewayEndsError) return failure(503, error.message);
  if (error instanceof UnknownKernelError) return failure(404, error.message);
  if (error instanceof UnknownSpecError) return failure(404, error.message);
  if (error instanceof TooManyKernelsError) return failure(403, error.message, 'Resource Limit');
  if (error instanceof SessionError) return failure(SESSION_STATUS[error.kind], error.message);
  return null;
}

const SESSION_STATUS = {
  'session-unknown': 404,
  'session-kernel-gone': 410,
  'session-incomplete': 400,
  'session-kernel-unknown': 400,
} as const;

/** An error that nobody expected, in the form of Jupyter's own. */
export function unhandled(error: unknown, message = 'Unhandled error'): Response {
  return answer(500, { message, reason: reasonOf(error), traceback: lastWordsOf(error) });
}
