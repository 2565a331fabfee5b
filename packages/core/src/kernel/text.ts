/** What should be a text and may be anything, as text: a kernel's `{"toString": false}` must not end the one who reads it. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** An error's parts, each of the type that it should have. */
export function errorOf(content: { ename?: unknown; evalue?: unknown; traceback?: unknown }): {
  ename: string;
  evalue: string;
  traceback: string[];
} {
  const { ename, evalue, traceback } = content;
  const lines = Array.isArray(traceback) ? traceback.map(textOf) : [];
  return { ename: textOf(ename), evalue: textOf(evalue), traceback: lines };
}
