import { KernelkitError } from '@kernelkit/core';

export type Fields = Readonly<Record<string, unknown>>;
export type Optional<T> = T | undefined;

/** A request that cannot be understood; the answer says what is wrong with it. */
export class BadRequestError extends KernelkitError {
  readonly status: 400 | 413;

  constructor(message: string, status: 400 | 413 = 400) {
    super(status === 413 ? 'body-too-large' : 'bad-request', message);
    this.status = status;
  }
}

/** The body as a JSON object; `{}` where there is none, as for Jupyter Server. @throws BadRequestError */
export async function readBody(request: Request, limit: number): Promise<Fields> {
  const text = await readText(request, limit);
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BadRequestError(`Invalid JSON in body of request: ${(error as Error).message}`);
  }
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new BadRequestError('The body must be a JSON object');
  return value as Fields;
}

async function readText(request: Request, limit: number): Promise<string> {
  const tooLarge = () => new BadRequestError(`The body has more than ${limit} bytes`, 413);
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge();
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    // counted as it comes: a body without a length may have no end
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > limit) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof BadRequestError) throw error;
    // its sender is gone, and nobody reads the answer
    throw new BadRequestError('The body ended before its end');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new BadRequestError('Invalid JSON in body of request: it is not UTF-8');
  }
}

/** Longer than any path or name; what is made of them (a look at each directory of a path) is bounded with it. */
const LONGEST = 4096;

/** A text of the body; undefined where it is missing or null. @throws BadRequestError */
export function textOf(body: Fields, name: string, shown: string = name): Optional<string> {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new BadRequestError(`"${shown}" must be a text`);
  if (value.length > LONGEST) throw new BadRequestError(`"${shown}" has more than ${LONGEST} characters`);
  // neither a path nor a variable of the kernel's environment may hold one
  if (value.includes('\0')) throw new BadRequestError(`"${shown}" has a NUL in it`);
  return value;
}

/** What Jupyter Server takes for a kernel's id; files are named by it. */
const ID = /^\w+-\w+-\w+-\w+-\w+$/;

/** @throws BadRequestError */
export function kernelIdOf(body: Fields, name: string, shown: string = name): Optional<string> {
  const id = textOf(body, name, shown);
  if (id === undefined || (id.length <= 64 && ID.test(id))) return id;
  throw new BadRequestError(`"${shown}" must be like a UUID`);
}

/** An object of the body; undefined where it is missing or null. @throws BadRequestError */
export function fieldOf(body: Fields, name: string): Optional<Fields> {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) throw new BadRequestError(`"${name}" must be an object`);
  return value as Fields;
}
