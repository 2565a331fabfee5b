import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './root.mjs';

/** @typedef {import('commander').Command} Command */
/** @typedef {{ term: string, description: string }} Row */

/** What the command reads of its environment, beside what Jupyter and the managers of environments define. @type {Row[]} */
const ENVIRONMENT = [
  { term: 'NO_COLOR', description: 'Set to anything but the empty text: no colour.' },
  {
    term: 'KERNELKIT_TOKEN',
    description: 'The token of the server that is named with --server, where it has none of its own.',
  },
  {
    term: 'KERNELKIT_PASSWORD',
    description: 'The password for a server that wants one. Neither is handed to a kernel.',
  },
  { term: 'KERNELKIT_IMAGES', description: 'How the terminal takes images, as --images says it.' },
  {
    term: 'KERNELKIT_CONFIG_DIR',
    description: 'The directory of the names of servers, instead of kernelkit/ in $XDG_CONFIG_HOME.',
  },
  {
    term: 'KERNELKIT_CACHE_DIR',
    description: 'Where is kept what was found out, instead of kernelkit/ in $XDG_CACHE_HOME.',
  },
  {
    term: 'KERNELKIT_STATE_DIR',
    description: 'Where the history of the console is, instead of kernelkit/ in $XDG_STATE_HOME.',
  },
  { term: 'KERNELKIT_SERVER_DIR', description: 'Where --install puts its private Jupyter server.' },
  { term: 'KERNELKIT_GATEWAY_SOCKET', description: 'The socket of the gateway that kernels that stay live in.' },
  { term: 'KERNELKIT_SERVE_*', description: 'The options of serve, as its own section says.' },
  { term: 'JUPYTER_PATH, JUPYTER_DATA_DIR, JUPYTER_RUNTIME_DIR', description: 'As Jupyter has them.' },
  { term: 'GITHUB_ACTIONS', description: 'Where it is true, run marks failures for GitHub.' },
];

/** @type {Row[]} */
const FILES = [
  { term: '~/.config/kernelkit/servers.json', description: 'The names of servers (kernelkit server).' },
  {
    term: '~/.config/kernelkit/tokens.json',
    description: 'Their tokens, where there is no keyring. For its owner alone.',
  },
  { term: '~/.cache/kernelkit/', description: 'What was found out of environments. It may be removed.' },
  {
    term: '/tmp/kernelkit-*',
    description: 'Connection files and sockets of a kernel that runs; gone when the kernel is.',
  },
];

/** The parts of what help says at its end that a manual page has sections for, by how they begin. */
const SECTIONS = /** @type {const} */ ([
  [/^KERNEL is /, 'NAMING A KERNEL'],
  [/^Exit status: /, 'EXIT STATUS'],
  [/^Examples:\n/, 'EXAMPLES'],
]);

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
    `.I command\n[\\fIoption\\fR ...]\n[\\fIargument\\fR ...]`,
    '.SH OPTIONS',
    'Before and after the name of a command:',
    ...rows(optionsOf(program, new Set())),
    '.SH COMMANDS',
    ...rows(commandsOf(program).map((one) => ({ term: one.name(), description: one.summary() }))),
    ...commandsOf(program).flatMap((one) => section(one, common, '')),
    ...ending(program),
    '.SH ENVIRONMENT',
    ...rows(ENVIRONMENT),
    '.SH FILES',
    ...rows(FILES),
    '.SH SEE ALSO',
    text('jupyter(1). All that scripts can rely on: docs/command.md, beside the sources.'),
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
    ...grouped(command, known),
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

/** @param {Command} command @param {ReadonlySet<string>} known @returns {(Row & { heading: string })[]} */
function optionsOf(command, known) {
  const help = command.createHelp();
  return help
    .visibleOptions(command)
    .filter(({ flags, long }) => !known.has(flags) && (known.size === 0 || long !== '--help'))
    .map((option) => ({
      ...{ term: option.flags, description: help.optionDescription(option) },
      heading: option.helpGroupHeading ?? '',
    }));
}

/** Options under the headings that help has them under; what has none comes first. @param {Command} command @param {ReadonlySet<string>} known */
function grouped(command, known) {
  const options = optionsOf(command, known);
  const headings = [...new Set(options.map(({ heading }) => heading))].sort(
    (a, b) => Number(a !== '') - Number(b !== ''),
  );
  return headings.flatMap((heading) => [
    ...(heading === '' ? [] : [`.SS ${text(heading.replace(/:$/, ''))}`]),
    ...rows(options.filter((one) => one.heading === heading)),
  ]);
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

/** The sections that a reader of manual pages looks for, from the end of the command's help. @param {Command} program */
const ending = (program) =>
  afterHelp(program)
    .split(/\n{2,}/)
    .flatMap((one) => {
      const [begin, heading] = SECTIONS.find(([begins]) => begins.test(one)) ?? [/^/, 'NOTES'];
      const said = heading === 'EXAMPLES' ? one.replace(begin, '') : heading === 'EXIT STATUS' ? statuses(one) : one;
      return [`.SH ${heading}`, ...(Array.isArray(said) ? rows(said) : paragraph(said))];
    });

/** `Exit status: 0 it worked, 1 …, 129, 130 and 143 ended by a signal.` @param {string} said @returns {Row[]} */
const statuses = (said) =>
  [...said.replaceAll('\n', ' ').matchAll(/(\d+(?:, \d+)*(?: and \d+)?) (.+?)(?=, \d|\.$)/g)].map(
    ([, term = '', description = '']) => ({ term, description }),
  );

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
