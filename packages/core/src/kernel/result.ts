import type { JupyterMessage } from '@kernelkit/protocol';
import { type OutputArea, outputsOf } from './outputs.js';
import { errorOf } from './text.js';
import type { ExecuteResult } from './types.js';

/** What is known of an execution at its end. */
export interface Executed {
  reply: JupyterMessage<'execute_reply'> | null;
  executionCount: number | null;
  /** The error that it showed. */
  error: ExecuteResult['error'];
  aborted: boolean;
  area: OutputArea;
}

/** What whoever awaits an execution gets: what its reply says, and where there is none, what its output says. */
export function executeResult({ reply, executionCount, error, aborted, area }: Executed): ExecuteResult {
  const content = reply?.content;
  if (error === null && content?.status === 'error') {
    error = errorOf({ ...content, ename: content.ename ?? 'Error' });
  }
  // An interrupt that meets IPython between two steps makes it drop the cell without a reply: no success.
  const unanswered = aborted ? 'aborted' : 'ok';
  const status = content?.status ?? (error === null ? unanswered : 'error');
  return {
    status: status === 'ok' || status === 'aborted' ? status : 'error',
    executionCount,
    outputs: outputsOf(area),
    error: status === 'ok' ? null : error,
    reply,
  };
}
