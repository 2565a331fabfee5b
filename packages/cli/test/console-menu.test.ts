import { describe, expect, test } from 'vitest';
import { Editing } from '../src/console/editing.js';
import { commonStart, menuRows } from '../src/console/menu.js';
import { completed, Help, type Overlay } from '../src/console/overlays.js';
import { completionOf } from '../src/console/questions.js';

const room = { columns: 40, height: 10, colour: false };

/** An editor with text in which a kernel has completed the last word. */
function menuFor(before: string, word: string, names: readonly string[]): { editing: Editing; menu: Overlay } {
  const editing = new Editing();
  editing.begin(before + word);
  const candidates = names.map((text) => ({ text, type: '' }));
  const menu = completed(editing, { start: before.length, end: before.length + word.length, candidates })!;
  return { editing, menu };
}

function shown(menu: Overlay): string[] {
  return menu.rows(room).map((row) => row.replace('>', '').trim());
}

/** As the editor does: what the menu passes is typed all the same. */
function type(editing: Editing, menu: Overlay, text: string): string {
  const what = menu.key({ kind: 'text', text });
  if (what === 'passed') editing.type(text);
  return what;
}

test('what is typed on leaves the candidates that begin so, and what is taken back brings the others again', () => {
  const { editing, menu } = menuFor('os.', 'pat', ['path', 'pathconf', 'pathsep']);
  expect(editing.draft.text).toBe('os.path');
  expect(type(editing, menu, 'c')).toBe('kept');
  expect(shown(menu)).toEqual(['pathconf']);
  expect(menu.key({ kind: 'key', name: 'backspace' })).toBe('kept');
  expect(shown(menu)).toEqual(['path', 'pathconf', 'pathsep']);
  // back to before the completion
  expect(menu.key({ kind: 'key', name: 'backspace' })).toBe('passed');
  expect(editing.draft.text).toBe('os.path');
});

test('the one that is left is taken with Tab, and needs no Enter', () => {
  const { editing, menu } = menuFor('', 'a', ['abc', 'axe']);
  expect(type(editing, menu, 'x')).toBe('kept');
  expect(menu.key({ kind: 'key', name: 'tab' })).toBe('closed');
  expect(editing.draft).toEqual({ text: 'axe', cursor: 3 });
});

test('what no candidate goes on with is text as any other', () => {
  for (const text of ['.', ' ', 'z', '日']) {
    const { editing, menu } = menuFor('x = ', 'pa', ['path', 'pack']);
    expect(type(editing, menu, text)).toBe('passed');
    expect(editing.draft.text).toBe(`x = pa${text}`);
  }
});

test('typed after a choice, it goes on from the choice; Escape takes back no more than the next one', () => {
  const { editing, menu } = menuFor('', 'p', ['pack', 'path', 'pathlib']);
  for (const name of ['tab', 'tab']) menu.key({ kind: 'key', name });
  expect(editing.draft.text).toBe('path');
  expect(type(editing, menu, 'l')).toBe('kept');
  expect(shown(menu)).toEqual(['pathlib']);
  expect(menu.key({ kind: 'key', name: 'tab' })).toBe('closed');
  expect(editing.draft).toEqual({ text: 'pathlib', cursor: 7 });
});

test('help that was underlined and bold by striking twice', () => {
  const help = new Help('_\bM_\be_\ba_\bn\n\x1b[1mb\bbold\x1b[0m', () => {});
  expect(help.rows(room)).toEqual(['Mean', 'bold']);
});

describe('the menu', () => {
  const candidates = [
    { text: 'append', type: 'function' },
    { text: 'clear', type: '' },
    { text: 'a_name_that_is_longer_than_it_may_be', type: 'instance' },
    { text: 'd', type: '' },
  ];

  test.each([
    [{ columns: 40, height: 9 }, 1, ['  append', '> clear', '  a_name_that_is_longer', '  d']],
    [{ columns: 40, height: 3 }, 3, ['  a_name_that_is_longer', '> d', ' 4 of 4']],
    [{ columns: 40, height: 3 }, -1, ['  append', '  clear', ' 1 of 4']],
  ])('%j, chosen %d', (room, chosen, begins) => {
    const rows = menuRows({ candidates, chosen }, { ...room, colour: false });
    expect(rows).toHaveLength(begins.length);
    for (const [at, begin] of begins.entries()) expect(rows[at]).toMatch(new RegExp(`^${begin}`));
    for (const row of rows) expect(row.length).toBeLessThan(room.columns);
  });

  test.each([
    [['path', 'pathsep'], 'path'],
    [['a', 'b'], ''],
    [['x😀', 'x😁'], 'x'],
    [[], ''],
  ])('%j have %j in common', (texts, common) => {
    expect(commonStart(texts.map((text) => ({ text, type: '' })))).toBe(common);
  });

  test('candidates of a reply, with their types where it has any', () => {
    const types = [{ text: 'os', type: 'module' }, { text: 'ok', type: '<unknown>' }, null];
    const reply = { matches: ['os', 'ok', 'os'], cursor_start: 3, cursor_end: 4 };
    expect(completionOf({ ...reply, metadata: { _jupyter_types_experimental: types } }, 4)).toEqual({
      ...{ start: 3, end: 4 },
      candidates: [
        { text: 'os', type: 'module' },
        { text: 'ok', type: '' },
      ],
    });
    expect(completionOf({ matches: ['x'], cursor_start: null, cursor_end: null }, 4)).toMatchObject({
      start: 4,
      end: 4,
    });
  });
});
