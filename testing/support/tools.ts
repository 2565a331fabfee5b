import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeProvided, type Provided } from './provided.js';

/** The tools that testing/kernels.mjs provides. */
export type ToolName =
  | ('virtualenv' | 'uv' | 'poetry' | 'pipenv' | 'hatch' | 'pipx' | 'rattler')
  | ('browser' | 'tmux' | 'nginx' | 'caddy');

/** A real tool that makes Python environments, the browser that pages run in, a terminal, or a proxy (one entry of testing/.cache/tools.json). */
export interface ProvidedTool extends Provided {
  readonly name: ToolName;
  /** What is started; for rattler, a library, the interpreter that can import it. */
  readonly program: string | null;
}

// the suite's own tests put another list in its place
const LIST = process.env.KERNELKIT_TEST_TOOLS ?? fileURLToPath(new URL('../.cache/tools.json', import.meta.url));
let known: ReadonlyMap<string, ProvidedTool> | undefined;

/**
 * The tools that `npm run kernels` provided.
 * @throws Error when it has never run
 */
function tools(): ReadonlyMap<string, ProvidedTool> {
  known ??= readTools();
  return known;
}

function readTools(): ReadonlyMap<string, ProvidedTool> {
  let text: string;
  try {
    text = readFileSync(LIST, 'utf8');
  } catch (cause) {
    throw new Error(`${LIST} is not there: run \`npm run kernels\` first`, { cause });
  }
  const list: { tools: Record<string, ProvidedTool> } = JSON.parse(text);
  return new Map(Object.entries(list.tools));
}

/** A suite that needs a tool, whose program it is given; skipped, listed or failing as in `describeKernel`. */
export function describeTool(name: ToolName, body: (program: string) => void): void {
  const tool = tools().get(name);
  if (tool === undefined) throw new Error(`testing/kernels.mjs knows no tool ${name}`);
  describeProvided('tool', tool, [...tools().values()], ({ program }) => body(program ?? ''));
}
