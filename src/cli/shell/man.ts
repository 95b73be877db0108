/** The manual page, in the macros of man(7): the commands and options of the program's own table. */
import type { Argument, Command, Option } from 'commander';
import { EXAMPLES, EXIT_CODES } from '../program.js';

/** Commands that read captures: what all of them take is told once. */
const READERS = ['read', 'calls', 'objects', 'stats', 'audit', 'vectors'];

/**
 * The page.
 * @param program with the options of all commands (`programOf(true)`)
 * @param day as `2026-11-26`
 */
export function manPage(program: Command, version: string, day: string): string {
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .filter((c) => c.name() !== 'help');
  const lists = commands.filter((c) => READERS.includes(c.name())).map(optionsOf);
  const shared = lists[0].filter((option) => lists.every((list) => list.some((other) => isSame(option, other))));
  const own = (command: Command): Option[] =>
    READERS.includes(command.name())
      ? optionsOf(command).filter((option) => !shared.some((other) => isSame(option, other)))
      : optionsOf(command);
  const lines = [
    `.TH CLRSCOPE 1 ${day} "clrscope ${version}" "User Commands"`,
    '.SH NAME',
    'clrscope \\- dissect .NET/COM interop traffic',
    '.SH SYNOPSIS',
    ...commands.flatMap((command, at) => [...(at === 0 ? [] : ['.br']), synopsis(command)]),
    '.SH DESCRIPTION',
    text(program.description()),
    '.SH COMMANDS',
    ...commands.flatMap((command) => [
      `.SS ${text(command.name())}`,
      text(sentence(command.description())),
      ...command.registeredArguments.flatMap((argument) => argumentLines(argument)),
      ...own(command).flatMap(optionLines),
    ]),
    '.SH OPTIONS',
    `Of the commands that read captures: ${text(READERS.join(', '))}.`,
    ...shared.flatMap(optionLines),
    '.SH EXIT STATUS',
    text(EXIT_CODES),
    '.SH EXAMPLES',
    '.nf',
    ...EXAMPLES.split('\n').map((line) => escaped(line.slice(2))),
    '.fi',
    '.SH SEE ALSO',
    '.BR tshark (1),',
    '.BR tcpdump (1)',
  ];
  return `${lines.join('\n')}\n`;
}

function optionsOf(command: Command): Option[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help');
}

function isSame(a: Option, b: Option): boolean {
  return a.flags === b.flags && a.description === b.description;
}

function synopsis(command: Command): string {
  const argument = command.registeredArguments.map((one) => ` ${placeholder(one)}`).join('');
  const name = command.name() === 'read' ? '[read]' : command.name();
  const options = optionsOf(command).length > 0 ? ' [options]' : '';
  return `.B clrscope ${text(`${name}${options}${argument}`)}`;
}

function placeholder(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? name : `[${name}]`;
}

function argumentLines(argument: Argument): string[] {
  return argument.description === '' ? [] : ['.TP', `.I ${text(argument.name())}`, text(argument.description)];
}

function optionLines({ flags, description, defaultValue }: Option): string[] {
  const byDefault = typeof defaultValue === 'string' ? ` (default: ${defaultValue})` : '';
  return ['.TP', `.B ${text(flags)}`, text(`${description}${byDefault}`)];
}

function sentence(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}

/** Text in which nothing is a request or an escape. */
function text(words: string): string {
  const lines = words.trim().replace(/(?! )(.{1,72})(?: |$)/g, '$1\n');
  return escaped(lines.trim());
}

function escaped(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/[^\n -~]/gu, (c) => `\\[u${c.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`)
    .replace(/^[.']/gm, '\\&$&');
}
