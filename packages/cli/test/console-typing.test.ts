import { expect, test } from 'vitest';
import { Editing } from '../src/console/editing.js';

test.each([
  ['f <- function(x) {\n    ', '}', 'f <- function(x) {\n}'],
  ['  if (a) {\n    b[1] = {}\n    ', '}', '  if (a) {\n    b[1] = {}\n  }'],
  ['call(\n    [\n        1,\n        ', ']', 'call(\n    [\n        1,\n    ]'],
  ['x = {\n\t\t', '}', 'x = {\n}'],
  // no bracket alone on its line, or none that it would close; nothing is moved to the right
  ['f(\n    a', ')', 'f(\n    a)'],
  ['    ', '}', '    }'],
  ['{}\n    ', '}', '{}\n    }'],
  ['    f(\n  ', ')', '    f(\n  )'],
  ['f(\n    ', '(', 'f(\n    ('],
])('typed after %j, %j', (before, text, after) => {
  const editing = new Editing();
  editing.begin(before);
  editing.type(text);
  expect(editing.draft).toEqual({ text: after, cursor: after.length });
  editing.key('ctrl-_');
  expect(editing.draft.text).toBe(before);
});
