import { type Fields, fieldOf, kernelIdOf, type Optional, textOf } from '../rest/body.js';

/** What `POST` and `PATCH /api/sessions` may say. */
export interface SessionBody {
  readonly path: Optional<string>;
  readonly name: Optional<string>;
  readonly type: Optional<string>;
  readonly kernelId: Optional<string>;
  readonly kernelName: Optional<string>;
}

/** Front ends of old say `{"notebook": {"path", "name"}}`, which Jupyter Server takes to this day. @throws BadRequestError */
export function readSessionBody(body: Fields): SessionBody {
  const kernel = fieldOf(body, 'kernel') ?? {};
  const notebook = fieldOf(body, 'notebook');
  const isOld = notebook !== undefined && textOf(body, 'path') === undefined;
  return {
    path: isOld ? textOf(notebook, 'path', 'notebook.path') : textOf(body, 'path'),
    name: isOld ? textOf(notebook, 'name', 'notebook.name') : textOf(body, 'name'),
    type: isOld ? (textOf(body, 'type') ?? 'notebook') : textOf(body, 'type'),
    kernelId: kernelIdOf(kernel, 'id', 'kernel.id'),
    kernelName: textOf(kernel, 'name', 'kernel.name'),
  };
}
