import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { manPage } from '../../../scripts/lib/man.mjs';
import { tempDir } from '../../../testing/support/index.js';
import { commandLine } from '../src/program.js';

const page = manPage(await commandLine(() => true, { status: 0 }), '1.2.3');

test('the manual page has every command that help names, with its options and examples', () => {
  for (const name of ['LIST', 'RUN', 'SERVE', 'SERVER ADD', 'INSTALL\\-KERNEL'])
    expect(page).toContain(`\n.SH KERNELKIT ${name}\n`);
  expect(page).not.toMatch(/serve..background/i);
  const [, run = ''] = page.split('.SH KERNELKIT RUN\n');
  expect(run).toContain('.TP\n\\fB\\-k\\fR, \\fB\\-\\-kernel\\fR \\fI<kernel>\\fR\n');
  expect(run).toMatch(/Examples:\n\.RS 4\n\.nf\nkernelkit run analysis\.ipynb/);
});

test('it has the sections of a manual page, with every variable that the documentation names', () => {
  const headings = [...page.matchAll(/^\.SH (?!KERNELKIT )(.*)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual([
    ...[
      'NAME',
      'SYNOPSIS',
      'OPTIONS',
      'COMMANDS',
      'NAMING A KERNEL',
      'EXIT STATUS',
      'EXAMPLES',
      'ENVIRONMENT',
      'FILES',
    ],
    'SEE ALSO',
  ]);
  const [, statuses = ''] = page.split('.SH EXIT STATUS\n');
  for (const [status, meaning] of [
    ['0', 'it worked'],
    ['70', 'a defect of kernelkit'],
    ['129\\fR, \\fB130 and 143', 'ended by a signal'],
  ])
    expect(statuses).toContain(`.TP\n\\fB${status}\\fR\n${meaning}\n`);
  const docs = readFileSync(new URL('../../../docs/command.md', import.meta.url), 'utf8');
  for (const [name] of docs.matchAll(/KERNELKIT_[A-Z_]+/g)) expect(page).toContain(`\\fB${name}\\fR`);
  const [, run = ''] = page.split('.SH KERNELKIT RUN\n');
  expect(run).toMatch(/\n\.SS Jupyter servers\n\.TP\n\\fB\\-\\-server/);
});

test('what would mean something to roff is text', () => {
  const program = new Command('x').description("a\\b 'c' ~ é").addHelpText('after', '\n.SH not\nx ^');
  const text = manPage(program, '1');
  expect(text).toContain('x \\- a\\eb \\(aqc\\(aq \\(ti \\[u00E9]\n');
  expect(text).toContain('\n\\&.SH not\nx \\(ha\n');
});

test.skipIf(spawnSync('groff', ['--version']).status !== 0)('groff has nothing to say of it', async () => {
  await using dir = await tempDir();
  const file = await dir.write('kernelkit.1', page);
  const { stdout, stderr } = await promisify(execFile)('groff', ['-man', '-Tutf8', '-P-c', '-ww', file]);
  expect(stderr).toBe('');
  expect(stdout).toContain("kernelkit exec -k python3 '6 * 7'");
});
