export { CHANGING_TEXT, type CompareOptions, compareOutputs, type OutputDifference } from './compare.js';
export { type Cell, type CellOutput, type Notebook, newCellId, newCodeCell, newNotebook, tagsOf } from './document.js';
export {
  CellError,
  type CellPlace,
  CellTimeoutError,
  NotebookError,
  type NotebookErrorDetails,
  type NotebookErrorKind,
  ParametersError,
} from './errors.js';
export {
  type CellStatus,
  executeNotebook,
  type NotebookKernel,
  type RunEvent,
  type RunOptions,
  type RunResult,
} from './execute.js';
export { type ReadOptions, readNotebook, writeNotebook } from './format.js';
export { formatJson, type JsonObject, JsonSyntaxError, parseJson } from './json.js';
export { ExactNumber, formatNumber } from './numbers.js';
export { type InjectOptions, injectParameters, type Parameters, parseParameter } from './parameters.js';
export { type NotebookProblem, validateNotebook } from './validate.js';
export type { CommSender } from './widgets.js';
