import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonOf } from './provided.js';

/** `trusted`, `expired` and `other-host` are of the tests' own CA. */
export type ServerCertificate = 'trusted' | 'expired' | 'other-host' | 'self-signed';

/** Files in PEM. */
export interface Certificates {
  /** The certificate of the tests' CA. */
  readonly ca: string;
  readonly servers: Readonly<Record<ServerCertificate, { readonly cert: string; readonly key: string }>>;
  readonly client: { readonly cert: string; readonly key: string };
}

const script = fileURLToPath(new URL('./certificates.py', import.meta.url));

/** Makes them anew: keys in the repository would be found, and reported, by everybody who looks for keys. */
export async function makeCertificates(dir: string): Promise<Certificates> {
  await mkdir(dir, { recursive: true });
  await promisify(execFile)(pythonOf('jupyter-server'), [script, dir]);
  const pair = (name: string) => ({ cert: join(dir, `${name}.pem`), key: join(dir, `${name}.key`) });
  return {
    ca: join(dir, 'ca.pem'),
    servers: {
      trusted: pair('trusted'),
      expired: pair('expired'),
      'other-host': pair('other-host'),
      'self-signed': pair('self-signed'),
    },
    client: pair('client'),
  };
}
