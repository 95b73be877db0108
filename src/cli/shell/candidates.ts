/** What may stand at a place of the command line: commands, options, their values, fields, interfaces. */
import type { Argument, Command, Option } from 'commander';
import { interfacesWith } from '../../../dissectors/index.js';
import type { RpcInterface } from '../../../dissectors/ndr/interface.js';
import { RULES } from '../../analysis/audit/index.js';
import { DEFAULT_LIMITS, type LimitName, optionOf } from '../../core/limits.js';
import { SCENARIOS } from '../../encode/scenarios/scenarios.js';
import { expectedAt, FUNCTIONS } from '../../filter/index.js';
import { knownFields } from '../../known-fields.js';
import { firstOperand } from '../command-line.js';
import { SCRIPTS } from './scripts.js';

/** One way to go on, and what it is about. */
export interface Candidate {
  readonly value: string;
  readonly about: string;
}

/** What may stand at a place; `files`: names of files too. */
export interface Candidates {
  readonly list: readonly Candidate[];
  readonly files: boolean;
}

const FILES: Candidates = { list: [], files: true };
const only = (list: readonly Candidate[]): Candidates => ({ list, files: false });
const values = (list: readonly string[]): Candidates => only(list.map((value) => ({ value, about: '' })));

/** What the user's own interfaces are, by the words in front. */
type Own = readonly RpcInterface[];

/**
 * What may stand instead of the last of some words.
 * @param words those behind the program's name up to the place; the last is what was begun, or empty
 * @param own interfaces that the words in front name
 */
export function candidatesFor(words: readonly string[], program: Command, own: Own): Candidates {
  const word = (words.at(-1) ?? '').replace(/^['"]/, '');
  const before = words.slice(0, -1);
  const all = allCandidates(word, before, program, own);
  return { ...all, list: all.list.filter(({ value }) => value.startsWith(word)) };
}

/** The command that words name; `read` where they name none. */
function commandOf(words: readonly string[], program: Command): { command: Command; isNamed: boolean } {
  const options = program.commands.flatMap((c) => c.options);
  const name = words[firstOperand(words, options)];
  const found = program.commands.find((c) => c.name() === name);
  const read = program.commands.find((c) => c.name() === 'read') as Command;
  return { command: found ?? read, isNamed: found !== undefined || name === 'help' };
}

function allCandidates(word: string, before: readonly string[], program: Command, own: Own): Candidates {
  if (before.includes('--')) return FILES;
  const { command, isNamed } = commandOf(before, program);
  const optionNamed = (name: string | undefined): Option | undefined =>
    command.options.find(({ short, long }) => name !== undefined && (short === name || long === name));
  const pending = optionNamed(before.at(-1));
  if (pending?.required) return valuesOf(pending, word, own);
  const [, name, given] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? [];
  const assigned = optionNamed(name);
  if (assigned?.required) {
    const { list, files } = valuesOf(assigned, given, own);
    return { list: list.map(({ value, about }) => ({ value: `${name}=${value}`, about })), files };
  }
  if (word.startsWith('-')) return only(optionsOf(command, isNamed ? [] : program.options));
  const commands = program.createHelp().visibleCommands(program);
  const isFirst =
    firstOperand(
      before,
      program.commands.flatMap((c) => c.options),
    ) === before.length;
  if (!isNamed && isFirst)
    return { list: commands.map((c) => ({ value: c.name(), about: c.description() })), files: true };
  if (before.includes('help')) return values(commands.map((c) => c.name()));
  return argumentsOf(command.registeredArguments[0], command.name(), own);
}

function optionsOf(command: Command, more: readonly Option[]): Candidate[] {
  const options = [...command.createHelp().visibleOptions(command), ...more];
  return options.flatMap(({ short, long, description }) =>
    [short, long].flatMap((value) => (value ? [{ value, about: description }] : [])),
  );
}

/** Values of an option, by what its placeholder says. */
function valuesOf(option: Option, word: string, own: Own): Candidates {
  const placeholder = /<([^>]*)>/.exec(option.flags)?.[1] ?? '';
  switch (placeholder) {
    case 'FILTER':
      return only(filterWords(word, own));
    case 'FIELD':
      return only(fields(own));
    case 'KEY=IID': {
      const key = word.slice(0, word.indexOf('=') + 1);
      return values(key === '' ? [] : interfaceNames(own).map((name) => key + name));
    }
    case 'NAME=N':
      return values((Object.keys(DEFAULT_LIMITS) as LimitName[]).map((name) => `${optionOf(name)}=`));
    case 'ID':
      return only(RULES.map(({ id, title }) => ({ value: id, about: title })));
    case 'N':
    case 'OPTION':
    case 'N[=dcerpc]':
    case 'INTERFACE':
    case 'OFFSET':
      return values([]);
  }
  const listed = option.argChoices ?? listedIn(option.description);
  return listed.length > 0 ? values(listed) : FILES;
}

/** `text, json or ndjson`: what the help of an option lists, without what it explains in parentheses. */
function listedIn(description: string): string[] {
  const list = /(?:[\w-]+, )*[\w-]+ or [\w-]+/.exec(description.replace(/ \([^)]*\)/g, ''))?.[0];
  return list === undefined ? [] : list.split(/, | or /);
}

function argumentsOf(argument: Argument | undefined, command: string, own: Own): Candidates {
  if (argument === undefined) return values([]);
  if (command === 'completion') return values(Object.keys(SCRIPTS));
  if (command === 'scenario') return only(SCENARIOS.map(({ name, title }) => ({ value: name, about: title })));
  if (command === 'interfaces') return values(interfaceNames(own));
  if (command === 'fields') return only(fields(own));
  return FILES;
}

function interfaceNames(own: Own): string[] {
  return [...new Set([...interfacesWith(own).values()].map(({ name }) => name))];
}

function fields(own: Own): Candidate[] {
  return knownFields(own)
    .list()
    .map(({ name, label, type }) => ({ value: name, about: `${label} (${type})` }));
}

/** A filter as far as it was written, with what can stand at its end. */
function filterWords(word: string, own: Own): Candidate[] {
  const known = knownFields(own);
  const { from, operands, operators } = expectedAt(word, word.length, known);
  const front = word.slice(0, from);
  const names = operands
    ? [...known.list().map(({ name, label }) => ({ value: name, about: label })), ...functions()]
    : operators.map((value) => ({ value, about: '' }));
  return names.map(({ value, about }) => ({ value: front + value, about }));
}

function functions(): Candidate[] {
  const called = [...FUNCTIONS].map((name) => ({ value: `${name}(`, about: 'a function' }));
  return [...called, { value: 'not', about: '' }];
}
