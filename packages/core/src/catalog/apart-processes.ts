import { type ChildProcess, spawn } from 'node:child_process';
import { MountSilentError, type RemoteMount } from '../files/index.js';
import type { ApartContext, FromApart, ToApart } from './apart-messages.js';

/** A network file system that is well answers within milliseconds, and one that is waking up within a second or two. */
const SILENCE_MS = 3000;

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** A process for each mount that may not answer. A call that hangs there hangs a process that can be killed, and nobody's exit. */
export class ApartProcesses implements Disposable {
  readonly #context: ApartContext;
  readonly #silence: number;
  readonly #children = new Map<string, ApartChild>();

  constructor({ platform, env, home, cwd }: ApartContext, silence = SILENCE_MS) {
    this.#context = { platform, env, home, cwd };
    this.#silence = silence;
  }

  /** Does a task of apart-child.ts. @throws MountSilentError; Error with what went wrong there */
  run(task: { name: string; argument: unknown }, mount: RemoteMount): Promise<unknown> {
    let child = this.#children.get(mount.point);
    if (child === undefined) {
      child = new ApartChild(mount, this.#context, this.#silence);
      this.#children.set(mount.point, child);
    }
    return child.run(task);
  }

  [Symbol.dispose](): void {
    for (const child of this.#children.values()) child.end();
    this.#children.clear();
  }
}

class ApartChild {
  readonly #mount: RemoteMount;
  readonly #silence: number;
  readonly #started: Promise<ChildProcess>;
  readonly #waiting = new Map<number, Waiting>();
  #timer: NodeJS.Timeout | undefined;
  #nextId = 1;
  #failure: Error | null = null;

  constructor(mount: RemoteMount, context: ApartContext, silence: number) {
    this.#mount = mount;
    this.#silence = silence;
    this.#started = this.#start(context);
    this.#started.catch((error: Error) => this.#fail(error));
  }

  async run(task: { name: string; argument: unknown }): Promise<unknown> {
    const child = await this.#started;
    if (this.#failure !== null) throw this.#failure;
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      if (this.#waiting.size === 1) this.#waitOn();
      child.send({ type: 'task', id, ...task } satisfies ToApart, (error) => {
        if (error !== null) this.#fail(error);
      });
    });
  }

  end(): void {
    this.#fail(new Error('the search has ended'));
  }

  async #start(context: ApartContext): Promise<ChildProcess> {
    // loaded when there is such a mount at all
    const { apartChildSource } = await import('./generated/apart-child-source.js');
    const child = spawn(process.execPath, ['-'], {
      stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
      // in Electron, execPath is the application
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
      cwd: '/',
      windowsHide: true,
    });
    child.on('error', (error) => this.#fail(error));
    child.on('exit', (code, signal) =>
      this.#fail(new Error(`the process that reads ${this.#mount.point} ended (${signal ?? code})`)),
    );
    child.on('message', (message: FromApart) => this.#take(message));
    child.stdin!.on('error', () => {});
    child.stdin!.end(apartChildSource);
    child.send({ type: 'context', context } satisfies ToApart);
    if (this.#failure !== null) child.kill('SIGKILL');
    return child;
  }

  #take(message: FromApart): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (this.#waiting.size > 0) this.#waitOn();
    else clearTimeout(this.#timer);
    if ('error' in message) waiting?.reject(new Error(message.error));
    else waiting?.resolve(message.value);
  }

  /** Each answer gives the next one its full time. */
  #waitOn(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(new MountSilentError(this.#mount, this.#silence)), this.#silence);
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    clearTimeout(this.#timer);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    void this.#started.then(
      (child) => {
        child.kill('SIGKILL');
        // stuck in the kernel it may outlive even that for a while: nobody waits for it
        child.unref();
        if (child.connected) child.disconnect();
        child.stdin?.destroy();
      },
      () => {},
    );
  }
}
