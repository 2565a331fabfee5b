import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './root.mjs';

/** @typedef {import('commander').Command} Command */
/** @typedef {{ term: string, description: string }} Row */

const file = join(root, 'packages/cli/man/kernelkit.1');

/** Writes the manual page of what was compiled into packages/cli/dist. */
export async function writeManPage() {
  const dist = (/** @type {string} */ name) => import(pathToFileURL(join(root, 'packages/cli/dist', name)).href);
  const [{ commandLine }, { version }] = await Promise.all([dist('program.js'), dist('version.js')]);
  const page = manPage(await commandLine(() => true, { status: 0 }), version);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, page);
}

/**
 * One page for the command and its subcommands, from the definitions that their help is made from.
 * The macros are those of man(7), which groff and mandoc both know.
 *
 * @param {Command} program
 * @param {string} version
 * @returns {string}
 */
export function manPage(program, version) {
  const name = program.name();
  const common = new Set(program.options.map(({ flags }) => flags));
  return [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${version}" "User Commands"`,
    // flush left, and no hyphens in what is to be typed
    ...['.ad l', '.nh'],
    '.SH NAME',
    `${name} \\- ${text(program.description())}`,
    '.SH SYNOPSIS',
    `.B ${name}`,
    `.I command\n[\\fIoption\\fR ...]`,
    '.SH OPTIONS',
    'Before and after the name of a command:',
    ...rows(optionsOf(program, new Set())),
    '.SH COMMANDS',
    ...rows(commandsOf(program).map((one) => ({ term: one.name(), description: one.summary() }))),
    ...commandsOf(program).flatMap((one) => section(one, common, '')),
    '.SH NOTES',
    ...afterwards(program, ''),
    '',
  ].join('\n');
}

/**
 * @param {Command} command
 * @param {ReadonlySet<string>} known flags that are told elsewhere
 * @param {string} said what the command above says after its options
 * @returns {string[]}
 */
function section(command, known, said) {
  const title = fullName(command);
  const args = command.createHelp().visibleArguments(command);
  const after = afterHelp(command);
  return [
    `.SH ${text(title.toUpperCase())}`,
    `.B ${text(title)}\n${text(command.usage())}`,
    '.PP',
    text(command.description()),
    ...rows(args.map((one) => ({ term: `<${one.name()}>`, description: one.description }))),
    ...rows(optionsOf(command, known)),
    ...(after === said ? [] : afterwards(command, said)),
    ...commandsOf(command).flatMap((one) => section(one, known, after)),
  ];
}

/** @param {Command} command @returns {string} */
const fullName = (command) => (command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name());

/** @param {Command} command */
const commandsOf = (command) =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help');

/** @param {Command} command @param {ReadonlySet<string>} known @returns {Row[]} */
function optionsOf(command, known) {
  const help = command.createHelp();
  return help
    .visibleOptions(command)
    .filter(({ flags, long }) => !known.has(flags) && (known.size === 0 || long !== '--help'))
    .map((option) => ({ term: option.flags, description: help.optionDescription(option) }));
}

/** @param {Row[]} all */
const rows = (all) => all.flatMap(({ term, description }) => ['.TP', bold(term), text(description) || '\\&']);

/** What is typed in bold, what it stands for in italics: `-k, --kernel <kernel>`. @param {string} flags */
const bold = (flags) =>
  flags
    .split(/([<[][^\]>]*[\]>]|, )/)
    .filter((part) => part.trim() !== '' || part === ', ')
    .map((part) =>
      part === ', ' ? ', ' : /^[<[]/.test(part) ? ` \\fI${text(part)}\\fR` : `\\fB${text(part.trim())}\\fR`,
    )
    .join('')
    .trim();

/** What help says after the options, as one text. @param {Command} command */
function afterHelp(command) {
  let all = '';
  command.configureOutput({ writeOut: (written) => (all += written) });
  command.outputHelp();
  return all.slice(all.indexOf(command.helpInformation()) + command.helpInformation().length).trim();
}

/** @param {Command} command @param {string} said @returns {string[]} */
function afterwards(command, said) {
  const paragraphs = afterHelp(command).split(/\n{2,}/);
  return paragraphs.filter((one) => one !== '' && !said.includes(one)).flatMap((one) => ['.PP', ...paragraph(one)]);
}

/** Indented lines stand as they are. @param {string} written @returns {string[]} */
function paragraph(written) {
  /** @type {string[]} */
  const lines = [];
  let isCode = false;
  for (const line of written.split('\n')) {
    if (/^ {2}/.test(line) !== isCode) {
      isCode = !isCode;
      lines.push(...(isCode ? ['.RS 4', '.nf'] : ['.fi', '.RE']));
    }
    lines.push(text(isCode ? line.slice(2) : line));
  }
  return isCode ? [...lines, '.fi', '.RE'] : lines;
}

/** Text as roff takes it: nothing in it is an escape or a request, and all of it is ASCII. @param {string} plain */
function text(plain) {
  return plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replaceAll("'", '\\(aq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('`', '\\(ga')
    .replace(/[^\x20-\x7e\n]/gu, (one) => `\\[u${one.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`);
}
