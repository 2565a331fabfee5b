import type { Screen } from '../screen.js';
import { oneLine, shortened } from '../width.js';

/** Milliseconds after which a start that shows nothing looks as one that hangs. */
const PATIENCE_MS = 1000;

/** Says what is waited for, as long as it takes. */
export async function waitingFor<T>(screen: Screen, what: string, work: Promise<T>): Promise<T> {
  const slow = setTimeout(() => {
    screen.live(screen.paintErr('dim', shortened(oneLine(`${what} …`), screen.liveColumns - 1)));
  }, PATIENCE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(slow);
    screen.live('');
  }
}
