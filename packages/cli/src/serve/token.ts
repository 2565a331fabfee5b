import { readFile } from 'node:fs/promises';
import { InputFileError, UsageError } from '../errors.js';
import { hide, secretOf } from '../secrets.js';
import type { Settings } from './settings.js';

/**
 * What clients have to bring: by flag, variable or file; behind a Unix socket nothing; else undefined: a new one.
 * @param told whether each was told by a flag
 * @throws UsageError, InputFileError
 */
export async function tokenFor(
  { token, tokenFile, socket }: Settings,
  isFlag: (name: 'token' | 'tokenFile') => boolean,
): Promise<string | undefined> {
  if (isFlag('token') && isFlag('tokenFile')) throw new UsageError('--token and --token-file say the same twice');
  const variable = isFlag('tokenFile') ? undefined : secretOf('KERNELKIT_SERVE_TOKEN');
  const given = token ?? variable ?? (tokenFile === undefined ? undefined : await inFile(tokenFile));
  if (given === undefined) return socket === undefined ? undefined : '';
  hide(given);
  return given;
}

async function inFile(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new InputFileError(path, error);
  }
  // an editor's newline is no part of it; an empty file is a mistake, and no token that everybody has
  const token = text.trim();
  if (token === '') throw new UsageError(`--token-file ${path}: the file is empty`, "for no token at all: --token ''");
  return token;
}
