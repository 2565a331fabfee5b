import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type IsolatedEnv, isolatedEnv, type KernelName, kernels } from '../support/index.js';
import { type Certificates, makeCertificates, type ServerCertificate } from './certificates.js';
import { pythonOf } from './provided.js';
import { freePort, type Running, startProgram } from './running.js';

export interface JupyterServerOptions {
  /**
   * `new`: the newest jupyter_server; `old`: jupyter_server 1.x; `notebook6`: the classic notebook; `gateway`: Kernel Gateway; `lab`: JupyterLab, that
   * asks the network for no news.
   */
  readonly version?: 'new' | 'old' | 'notebook6' | 'gateway' | 'lab';
  /** Default: token. */
  readonly auth?: 'token' | 'password' | 'none';
  /** With slashes at both ends: `/base/`. Default: `/`. */
  readonly baseUrl?: string;
  /** Serves https with this certificate of `certificates`; `true`: self-signed. */
  readonly tls?: true | ServerCertificate;
  /** The kernels that it offers, beside the machine's own; `python3` is always ipykernel. */
  readonly kernels?: readonly KernelName[];
  /** More kernelspecs, by their names: what their kernel.json holds. */
  readonly specs?: Readonly<Record<string, object>>;
  /** More of the server's configuration: `{ ServerApp: { … }, MappingKernelManager: { … } }`. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** More of its command line. */
  readonly args?: readonly string[];
}

export interface RunningJupyter extends Running {
  /** With the base path and a slash at its end; no token. */
  readonly url: string;
  /** Empty unless `auth` is `token`. */
  readonly token: string;
  /** Empty unless `auth` is `password`. */
  readonly password: string;
  readonly port: number;
  /** The directory that its contents, and so the paths of sessions, start at. */
  readonly root: string;
  /** Where its jpserver-PID.json lies. */
  readonly runtimeDir: string;
  /** Where it serves https. */
  readonly certificates: Certificates | null;
  /** Starts the same again, on the same port with the same credentials, after `kill`. */
  restart(): Promise<void>;
}

const PROGRAMS = {
  new: { server: 'jupyter-server', argv: ['-m', 'jupyter_server'], app: 'ServerApp', file: 'jupyter_server_config' },
  old: { server: 'jupyter-server1', argv: ['-m', 'jupyter_server'], app: 'ServerApp', file: 'jupyter_server_config' },
  notebook6: { server: 'notebook6', argv: ['-m', 'notebook'], app: 'NotebookApp', file: 'jupyter_notebook_config' },
  gateway: {
    server: 'kernel-gateway',
    argv: ['-m', 'kernel_gateway'],
    app: 'KernelGatewayApp',
    file: 'jupyter_kernel_gateway_config',
  },
  lab: {
    server: 'jupyterlab',
    argv: [
      ...['-m', 'jupyterlab', '--LabApp.news_url=None'],
      '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate',
    ],
    app: 'ServerApp',
    file: 'jupyter_server_config',
  },
} as const;

/**
 * A real server on loopback with directories of its own. Use it inside `describeServer` of the one that `version` means.
 * It lives until the end of the scope; its kernels go with it.
 */
export async function jupyterServer(options: JupyterServerOptions = {}): Promise<RunningJupyter> {
  const { version = 'new', auth = 'token', baseUrl = '/', tls } = options;
  const program = PROGRAMS[version];
  const home = await isolatedEnv();
  try {
    await writeKernelspecs(home, options.kernels ?? ['ipykernel']);
    for (const [name, spec] of Object.entries(options.specs ?? {})) {
      await home.dir.write(`home/.local/share/jupyter/kernels/${name}/kernel.json`, JSON.stringify(spec));
    }
    const root = await home.dir.dir('root');
    const certificates = tls === undefined ? null : await makeCertificates(home.dir.join('tls'));
    const certificate = certificates?.servers[tls === true ? 'self-signed' : (tls ?? 'self-signed')];
    const token = auth === 'token' ? randomBytes(24).toString('hex') : '';
    const password = auth === 'password' ? randomBytes(12).toString('hex') : '';
    const port = await freePort();
    const app: Record<string, unknown> = {
      ip: '127.0.0.1',
      port,
      port_retries: 0,
      base_url: baseUrl,
      ...(version === 'gateway'
        ? { auth_token: token }
        : { open_browser: false, allow_root: true, [version === 'notebook6' ? 'notebook_dir' : 'root_dir']: root }),
      ...(certificate && { certfile: certificate.cert, keyfile: certificate.key }),
    };
    const isNew = version === 'new' || version === 'lab';
    const identity = isNew ? 'IdentityProvider' : program.app;
    const hashed = isNew ? 'PasswordIdentityProvider.hashed_password' : `${program.app}.password`;
    const listing: Record<string, Record<string, unknown>> = version === 'gateway'
      ? { JupyterWebsocketPersonality: { list_kernels: true } }
      : {};
    const config = merge({ [program.app]: app, ...listing }, options.config ?? {});
    if (version !== 'gateway') {
      set(config, `${identity}.token`, token);
      set(config, hashed, password === '' ? '' : hash(password));
    }
    // in a file, and not in argv: a real server's token is not for `ps` either
    await home.dir.write(`home/.jupyter/${program.file}.json`, JSON.stringify(config), 0o600);
    const start = () =>
      startProgram([pythonOf(program.server), ...program.argv, ...(options.args ?? [])], {
        env: home.env,
        cwd: root,
        port,
        ready: version === 'gateway' ? /Gateway .*is available at/ : /Use Control-C to stop/,
      });
    let running = await start();
    return {
      url: `http${certificates === null ? '' : 's'}://127.0.0.1:${port}${baseUrl}`,
      token,
      password,
      port,
      root,
      runtimeDir: home.env.JUPYTER_RUNTIME_DIR!,
      certificates,
      get pid() {
        return running.pid;
      },
      log: () => running.log(),
      kill: () => running.kill(),
      async restart() {
        running = await start();
      },
      async [Symbol.asyncDispose]() {
        await running[Symbol.asyncDispose]();
        await home[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await home[Symbol.asyncDispose]();
    throw error;
  }
}

/** What Jupyter keeps of a password. */
function hash(password: string): string {
  const salt = randomBytes(6).toString('hex');
  const digest = createHash('sha256').update(password).update(salt).digest('hex');
  return `sha256:${salt}:${digest}`;
}

function set(config: Record<string, Record<string, unknown>>, path: string, value: unknown): void {
  const [section, name] = path.split('.') as [string, string];
  config[section] = { ...config[section], [name]: value };
}

function merge(
  own: Record<string, Record<string, unknown>>,
  more: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Record<string, Record<string, unknown>> {
  const merged = { ...own };
  for (const [section, values] of Object.entries(more)) merged[section] = { ...merged[section], ...values };
  return merged;
}

/**
 * The provided kernels, in the user's data directory. Their own kernelspecs say `python`, which a server reads as its own
 * interpreter, so each is written anew with the one that it belongs to.
 */
export async function writeKernelspecs(home: IsolatedEnv, names: readonly KernelName[]): Promise<void> {
  for (const name of names) {
    const kernel = kernels().get(name);
    if (kernel === undefined || !kernel.available) throw new Error(`the kernel ${name} is missing: ${kernel?.reason}`);
    const spec =
      kernel.kernelspec === null
        ? { argv: [...(kernel.launcher ?? [])], language: name }
        : JSON.parse(await readFile(join(kernel.kernelspec, 'kernel.json'), 'utf8'));
    if (spec.argv[0] === 'python' && kernel.python !== null) spec.argv[0] = kernel.python;
    const as = name === 'ipykernel' ? 'python3' : name;
    const text = JSON.stringify({ display_name: name, ...spec });
    await home.dir.write(`home/.local/share/jupyter/kernels/${as}/kernel.json`, text);
  }
}
