// Runs in a process of its own, that its owner kills when a file system does not answer. Bundled into a string by scripts/build.mjs.
import {
  type Candidate,
  inspect,
  itemsOf,
  type Look,
  Memory,
  ParserNeeded,
  Parsers,
  type Place,
  whereOf,
} from '../environments/index.js';
import { NodeFiles } from '../files/index.js';
import { encodeRoot, type KernelSpecRoot, readRoot } from '../specs/index.js';
import type { FromApart, ToApart } from './apart-messages.js';

// here everything may be touched: to be stuck is what this process is for
const files = new NodeFiles({ remotes: [] });
let look: Look | null = null;
let queue = Promise.resolve();

process.on('message', (message: ToApart) => {
  if (message.type === 'context') {
    look = { files, where: whereOf(message.context), memory: new Memory(), parsers: new Parsers(), projects: [] };
    return;
  }
  const { id, name, argument } = message;
  queue = queue.then(async () => {
    try {
      send({ id, value: await work(name, argument) });
    } catch (error) {
      send({ id, error: error instanceof Error ? error.message : String(error) });
    }
  });
});
// its owner is gone, or has no more use for it
process.on('disconnect', () => process.exit(0));

async function work(name: string, argument: unknown): Promise<unknown> {
  if (name === 'kernelspecs') return encodeRoot(readRoot(files, argument as KernelSpecRoot));
  if (look === null) throw new Error('a task came before its context');
  if (name === 'environment') return inspect(argument as Candidate, look);
  if (name !== 'place') throw new Error(`there is no task ${name}`);
  for (;;) {
    try {
      return { items: itemsOf(argument as Place, look), projects: look.projects.splice(0) };
    } catch (error) {
      if (!(error instanceof ParserNeeded)) throw error;
      await look.parsers.load(error.which);
    }
  }
}

function send(message: FromApart): void {
  process.send?.(message);
}
