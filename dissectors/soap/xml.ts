/**
 * XML by saxes, which knows namespaces, and of entities only the five and characters by number: it opens nothing and
 * expands nothing. The first error ends the reading; what came before was handed on. Only characters that XML forbids are
 * taken, and ends of lines stay as they are: formatters of .NET write and read a `System.Char` of zero, and CR LF.
 */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import type { Cursor } from '../../src/core/cursor.js';
import { cut } from '../../src/core/text.js';
import { SOAP } from './fields.js';
import type { Resolve } from './names.js';
import type { XmlText } from './text.js';

/** Attributes of one element, with its namespaces. */
const MOST_ATTRIBUTES = 1000;
/** Characters of a namespace: they are copied for each name in it. */
const LONGEST_NAMESPACE = 8192;

/** What saxes says of characters that XML 1.0 section 2.2 forbids, by themselves and by number. */
const FORBIDDEN_CHARACTERS = new Set([
  'malformed character entity.',
  'disallowed character.',
  'the string "]]>" is disallowed in char data.',
]);

/** Takes what a document is made of, in order and without a gap but blanks. Positions count UTF-16 units. */
export interface XmlSink {
  /** @param attributeEnds behind each attribute, in the order of `tag.attributes` */
  open(tag: SaxesTagNS, start: number, end: number, attributeEnds: readonly number[], resolve: Resolve): void;
  /** `start` is `end` where the start tag closed itself. */
  close(start: number, end: number): void;
  /** Text or a CDATA section. */
  text(text: string, start: number, end: number): void;
  /** Declaration, comment, or processing instruction. */
  aside(start: number, end: number): void;
}

/** Reads a document; fails at what is no XML, at a DOCTYPE, and at its end where it is not whole. */
export function parseXml(c: Cursor, xml: XmlText, sink: XmlSink): void {
  const { text, byteOf } = xml;
  const parser = new SaxesParser({ xmlns: true, position: false });
  let at = 0;
  let attributeEnds: number[] = [];
  const resolve = (prefix: string) => parser.resolve(prefix);
  // a carriage return at the very end is counted twice
  const here = (): number => Math.min(parser.position, text.length);
  const markup = (): number => text.indexOf('<', at);
  const aside = (): void => {
    const start = markup();
    // the parser tells of a comment before the last character of it
    const last = text.indexOf('>', here() - 1);
    at = last < 0 ? here() : last + 1;
    sink.aside(start, at);
  };
  parser.on('error', (error) => {
    if (FORBIDDEN_CHARACTERS.has(error.message)) return;
    c.pos = byteOf(here());
    c.fail(`no XML from here on: ${cut(error.message, 200)}`);
  });
  parser.on('doctype', () => {
    c.pos = byteOf(markup());
    c.fail('a DOCTYPE, which SOAP 1.1 section 3 forbids: nothing behind it is read');
  });
  parser.on('xmldecl', aside);
  parser.on('comment', aside);
  parser.on('processinginstruction', aside);
  const limit = (what: string): never => {
    c.pos = byteOf(markup());
    return c.limit(`more than ${what}: the rest is not read`);
  };
  parser.on('attribute', ({ name, value }) => {
    attributeEnds.push(parser.position);
    if (attributeEnds.length > MOST_ATTRIBUTES) limit(`${MOST_ATTRIBUTES} attributes of an element`);
    if (value.length > LONGEST_NAMESPACE && name.startsWith('xmlns'))
      limit(`${LONGEST_NAMESPACE} characters of a namespace`);
  });
  parser.on('opentag', (tag) => {
    const ends = attributeEnds;
    attributeEnds = [];
    const start = markup();
    at = parser.position;
    sink.open(tag, start, at, ends, resolve);
  });
  parser.on('closetag', (tag) => {
    const start = at;
    at = parser.position;
    sink.close(tag.isSelfClosing ? at : start, at);
  });
  parser.on('text', () => {
    const start = at;
    // the parser stands behind the tag's first character; at the end of the document there is none
    at = text.charCodeAt(here() - 1) === 0x3c ? here() - 1 : here();
    sink.text(charactersOf(text.slice(start, at)), start, at);
  });
  parser.on('cdata', () => {
    const start = at;
    at = parser.position;
    sink.text(text.slice(start + '<![CDATA['.length, at - ']]>'.length), start, at);
  });
  parser.write(text);
  c.pos = byteOf(text.length);
  if (c.claimed > c.end) c.raw(SOAP.markup, c.claimedLeft);
  parser.close();
}

const REFERENCE = /&(?:#x([0-9a-f]+)|#([0-9]+)|([a-z]+));/gi;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text with its references resolved (XML 1.0 section 4.1). What is none stays as it stands. */
function charactersOf(raw: string): string {
  if (!raw.includes('&')) return raw;
  return raw.replace(REFERENCE, (whole: string, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
