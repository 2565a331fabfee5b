/** The renderer's half: kernels by messages alone. In a page the port is the `MessagePort` that the main process sent. */
import type { OutputEvent } from '@kernelkit/core';

type Answer = { ask: number; output?: OutputEvent; result?: unknown; error?: { message: string; fix: string | null } };

class KernelClient {
  readonly #post: (message: object) => void;
  readonly #asked = new Map<number, (answer: Answer) => void>();
  #last = 0;

  constructor(post: (message: object) => void) {
    this.#post = post;
  }

  take(answer: Answer): void {
    this.#asked.get(answer.ask)?.(answer);
  }

  /** @param onOutput each output of an execution, as it comes */
  ask<T>(request: object, onOutput: (output: OutputEvent) => void = () => {}): Promise<T> {
    const ask = ++this.#last;
    this.#post({ ...request, ask });
    return new Promise((resolve, reject) => {
      this.#asked.set(ask, ({ output, result, error }) => {
        if (output !== undefined) return onOutput(output);
        this.#asked.delete(ask);
        if (error === undefined) resolve(result as T);
        else reject(new Error([error.message, error.fix].filter(Boolean).join('; ')));
      });
    });
  }
}

const client = new KernelClient((message) => process.send?.(message));
process.on('message', (answer) => client.take(answer as Answer));

const [name = 'python3', ...lines] = process.argv.slice(2);
try {
  const { kernel, language } = await client.ask<{ kernel: string; language: string }>({ do: 'start', name });
  console.log(`a kernel for ${language}`);
  for (const code of lines.length > 0 ? lines : ['6 * 7']) {
    await client.ask({ do: 'execute', kernel, code }, (output) => {
      if (output.output_type === 'stream') process.stdout.write(output.text);
      else if ('data' in output) console.log(output.data['text/plain']);
      else if (output.output_type === 'error') console.log(`${output.ename}: ${output.evalue}`);
    });
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
// the window is closed; its kernels end with it
process.disconnect();
