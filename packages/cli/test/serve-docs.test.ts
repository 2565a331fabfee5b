import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { flagOf, PREFIX, SETTINGS, type Setting, variableOf } from '../src/serve/settings.js';

test('docs/gateway.md has each option of serve, its variable and what is done without', async () => {
  const docs = await readFile(new URL('../../../docs/gateway.md', import.meta.url), 'utf8');
  for (const [name, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const { value, fallback, shown } = setting;
    const row = docs.split('\n').find((line) => line.includes(`| ${variableOf(name).slice(PREFIX.length)} |`));
    const flag = value === undefined && fallback === true ? `--no-${flagOf(name)}` : `--${flagOf(name)}`;
    expect([name, row]).toEqual([name, expect.stringContaining(`| \`${flag}`)]);
    const told = typeof fallback === 'boolean' ? (fallback ? 'yes' : 'no') : String(fallback ?? shown ?? '');
    // here: the help's word for the working directory
    if (told !== 'here') expect(row).toContain(`| ${told.split(/[,;]/, 1)}`);
  }
});
