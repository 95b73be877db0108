/**
 * Reads a SOAP message of .NET remoting (MS-NRTP 2.2.4.1; SOAP 1.1 sections 4 and 5). A document may be nested as deep
 * and hold as much as it likes: elements stand on a stack of their own, and both are bounded.
 */
import type { SaxesTagNS } from 'saxes';
import type { Cursor } from '../../src/core/cursor.js';
import { limitMessage } from '../../src/core/limits.js';
import type { Field, Node } from '../../src/core/node.js';
import { cut } from '../../src/core/text.js';
import { briefly, drawBlanks, drawMarkup, drawStartTag, drawText } from './draw.js';
import {
  type Attributes,
  addValue,
  beginElement,
  type Element,
  encodedValue,
  hasInk,
  readAttributes,
  valueIsText,
} from './encoding.js';
import { SOAP, SOAP_FIELDS } from './fields.js';
import {
  chainEnds,
  type SoapFault,
  type SoapHeader,
  type SoapMember,
  type SoapMessage,
  type SoapValue,
} from './model.js';
import { calledType, ENVELOPE, type KnownNamespaces, type Resolve, typeOf } from './names.js';
import { documentText, type XmlText } from './text.js';
import { parseXml } from './xml.js';

/** Where an element stands in a message. */
type Place = 'envelope' | 'header section' | 'body' | 'header' | 'method' | 'fault' | 'object' | 'value';

interface Open {
  readonly place: Place;
  readonly element: Element;
  /** Null where it is not drawn. */
  readonly node: Node | null;
}

/** So many elements are drawn; what follows is one leaf. A tree of millions of nodes serves nobody. */
const DRAWN_ELEMENTS = 20_000;
/** Bytes of memory that an element costs, beside its text, while it is read and once its value is used; and what an id and a reference do. */
const ELEMENT_COST = 240;
const ID_COST = 120;
/** Notes of one kind; more are counted. */
const NOTES_PER_CODE = 20;
/** Characters of a note. */
const LONGEST_NOTE = 300;

interface Reader {
  readonly c: Cursor;
  readonly xml: XmlText;
  readonly expected: 'call' | 'return' | null;
  /** What all nodes stand below. */
  readonly top: Node | null;
  readonly open: Open[];
  /** Text that was met, and is not drawn before it is known what it belongs to. */
  pending: { text: string; end: number } | null;
  /** The character where what is being read begins. */
  at: number;
  /** Elements that may still be drawn. */
  draws: number;
  /** Where drawing ended because there was too much; null while it goes on. */
  drawnTo: number | null;
  kept: number;
  kind: SoapMessage['kind'];
  method: string;
  namespace: string;
  args: readonly SoapMember[];
  returnValue: SoapValue | null;
  fault: SoapFault | null;
  readonly headers: SoapHeader[];
  readonly byId: Map<string, SoapValue>;
  /** Ids that are referred to, and the offset in the source where they first are. */
  readonly references: Map<string, number>;
  readonly known: KnownNamespaces;
  readonly noted: Map<string, number>;
}

/**
 * Reads the SOAP message that is the cursor's region. Never throws for bad input: what was read stays, notes say what
 * was wrong and where, and `complete` is false.
 * @param expected what the transport says it is; without, a method whose name ends in `Response` is an answer
 */
export function readSoap(c: Cursor, expected: 'call' | 'return' | null = null): SoapMessage {
  const length = c.claimedLeft;
  return c.protocol(SOAP.message, SOAP_FIELDS, () => {
    const r: Reader = {
      c,
      xml: documentText(c),
      expected,
      top: c.here,
      open: [],
      pending: null,
      at: 0,
      draws: c.isRecording ? DRAWN_ELEMENTS : 0,
      drawnTo: c.isRecording ? null : c.pos,
      kept: 0,
      kind: null,
      method: '',
      namespace: '',
      args: [],
      returnValue: null,
      fault: null,
      headers: [],
      byId: new Map(),
      references: new Map(),
      known: new Map(),
      noted: new Map(),
    };
    const complete = c.frame(null, length, parse, r) === true;
    for (let left = r.open.pop(); left !== undefined; left = r.open.pop()) finish(r, left, false);
    if (complete) checkReferences(r);
    for (const [code, count] of r.noted)
      if (count > NOTES_PER_CODE) c.note(code, `${count - NOTES_PER_CODE} more of this kind`);
    const { type, assembly } = calledType(r.namespace);
    c.tell(() => (r.kind === null ? 'no call' : `${r.kind} ${type === '' ? '' : `${type}.`}${r.method}`));
    return {
      kind: r.kind,
      method: r.method,
      namespace: r.namespace,
      typeName: type,
      assembly,
      args: r.args,
      returnValue: r.returnValue,
      headers: r.headers,
      fault: r.fault,
      byId: r.byId,
      ends: chainEnds(r.byId),
      complete,
      length,
      limits: c.recording.limits,
    };
  });
}

/** Reads the document; true where it is whole. */
function parse(c: Cursor, r: Reader): true {
  const { xml } = r;
  try {
    parseXml(c, xml, {
      open: (tag, start, end, attributeEnds, resolve) => open(r, tag, start, end, attributeEnds, resolve),
      close: (start, end) => close(r, start, end),
      text: (text, start, end) => meet(r, text, start, end),
      aside(start, end) {
        flush(r, isPiece(r));
        draw(r, () => {
          drawBlanks(c, xml, start);
          drawMarkup(c, xml, start, end);
        });
      },
    });
    flush(r, false);
    return true;
  } finally {
    if (c.isRecording && r.drawnTo !== null) {
      const length = c.pos - r.drawnTo;
      c.pos = r.drawnTo;
      c.skip(SOAP.more, length, `elements behind the first ${DRAWN_ELEMENTS}`);
    }
  }
}

/** Draws what `read` reads, below the element that is open. */
function draw(r: Reader, read: (c: Cursor) => void): void {
  if (r.drawnTo === null) r.c.below(r.open.at(-1)?.node ?? r.top, read, null);
}

/** Keeps so many bytes more. */
function spend(r: Reader, bytes: number): void {
  r.kept += bytes;
  if (r.kept > r.c.recording.limits.nrbfKept) stop(r, 'nrbfKept');
}

function stop(r: Reader, name: 'nrbfKept' | 'depth'): never {
  r.c.pos = r.xml.byteOf(r.at);
  return r.c.limit(limitMessage(name, r.c.recording.limits));
}

function note(r: Reader, code: string, message: string): void {
  const count = (r.noted.get(code) ?? 0) + 1;
  r.noted.set(code, count);
  if (count <= NOTES_PER_CODE) r.c.note(code, cut(message, LONGEST_NOTE), r.xml.byteOf(r.at));
}

/** Whether text may be the value of an element here. */
function takesText({ place, element }: Open): boolean {
  return element.children === 0 && (place === 'header' || place === 'object' || place === 'value');
}

function meet(r: Reader, text: string, start: number, end: number): void {
  flush(r, isPiece(r));
  r.at = start;
  const last = r.open.at(-1);
  if (last !== undefined && takesText(last)) {
    spend(r, text.length);
    last.element.text += text;
  } else if (hasInk(text)) textBeside(r);
  r.pending = { text, end };
}

function textBeside(r: Reader): void {
  note(r, 'soap-text', `text beside the elements of ${r.open.at(-1)?.element.name}: it is no part of the message`);
}

/** Whether what is pending is a part of a value: text before a comment or a CDATA section. */
function isPiece(r: Reader): boolean {
  const last = r.open.at(-1);
  return last !== undefined && r.pending !== null && takesText(last) && hasInk(r.pending.text);
}

/** Draws what is pending: a value, blanks, or text that belongs nowhere. */
function flush(r: Reader, isValue: boolean): void {
  const { pending, xml } = r;
  r.pending = null;
  if (pending === null) return;
  draw(r, (c) => {
    if (isValue || hasInk(pending.text))
      drawText(c, xml, pending.end, isValue ? textField(r) : SOAP.stray, pending.text);
    else drawBlanks(c, xml, pending.end);
  });
}

function textField(r: Reader): Field {
  if (r.open.at(-2)?.place !== 'fault') return SOAP.value;
  const name = r.open.at(-1)?.element.name;
  return name === 'faultcode' ? SOAP.faultcode : name === 'faultstring' ? SOAP.faultstring : SOAP.value;
}

function open(
  r: Reader,
  tag: SaxesTagNS,
  start: number,
  end: number,
  attributeEnds: readonly number[],
  resolve: Resolve,
): void {
  const { c, xml } = r;
  const parent = r.open.at(-1);
  flush(r, false);
  r.at = start;
  spend(r, ELEMENT_COST);
  if (r.open.length >= c.recording.limits.depth) stop(r, 'depth');
  if (parent !== undefined && parent.element.children++ === 0 && hasInk(parent.element.text)) textBeside(r);
  const attributes = readAttributes(tag, resolve, r.known);
  spend(r, (attributes.id === null ? 0 : ID_COST) + (attributes.href === null ? 0 : ID_COST));
  const element = beginElement(tag, attributes, parent?.element, r.known);
  spend(r, element.type?.type.length ?? 0);
  const place = placeOf(r, parent, tag, attributes);
  if (place === 'method' || place === 'fault') begin(r, place, element);
  if (attributes.unknown.length > 0)
    note(r, 'soap-attribute', `${element.name} has ${attributes.unknown.join(' ')}, which means nothing here`);
  if (r.drawnTo === null && r.draws-- === 0) r.drawnTo = c.pos;
  let node: Node | null = null;
  draw(r, () => {
    drawBlanks(c, xml, start);
    node = c.group(fieldOf(r, place, parent, element.name), () => {
      drawStartTag(c, xml, tag, start, end, attributeEnds, attributes);
      const type = place === 'method' ? calledType(tag.uri) : place === 'object' ? element.type : null;
      if (type !== null && type.type !== '') c.computed(SOAP.type, type.type);
      if (type?.assembly != null) c.computed(SOAP.assembly, type.assembly);
      return c.here;
    });
  });
  r.open.push({ place, element, node });
}

/** What an element is by where it stands (SOAP 1.1 sections 4 and 5.6). */
function placeOf(r: Reader, parent: Open | undefined, tag: SaxesTagNS, { id, root }: Attributes): Place {
  const { local, uri } = tag;
  switch (parent?.place) {
    case undefined:
      if (local !== 'Envelope') {
        r.c.pos = r.xml.byteOf(r.at);
        r.c.fail(`the document's element is ${cut(tag.name, 100)}, where a SOAP message has Envelope`);
      }
      if (uri !== ENVELOPE) note(r, 'soap-version', `an envelope of ${uri}, where SOAP 1.1 has ${ENVELOPE}`);
      return 'envelope';
    case 'envelope':
      if (uri === parent.element.namespace && local === 'Header') return 'header section';
      if (uri === parent.element.namespace && local === 'Body') return 'body';
      break;
    case 'header section':
      if (root === '1' || id === null || typeOf(uri, local, r.known) === null) return 'header';
      return 'object';
    case 'body':
      if (r.kind === null && root !== '0') return uri === ENVELOPE && local === 'Fault' ? 'fault' : 'method';
      if (id !== null) return 'object';
      break;
    default:
      return 'value';
  }
  note(r, 'soap-element', `${tag.name}: nothing that a message of .NET remoting has, and nothing refers to it`);
  return 'object';
}

/** The element of the call was met. */
function begin(r: Reader, place: 'method' | 'fault', { name, namespace }: Element): void {
  r.method = name;
  r.namespace = namespace;
  r.kind = place === 'fault' ? place : (r.expected ?? (name.endsWith('Response') ? 'return' : 'call'));
}

function isReturned(r: Reader, name: string, index: number): boolean {
  return r.kind === 'return' && name === 'return' && index === 0;
}

function fieldOf(r: Reader, place: Place, parent: Open | undefined, name: string): Field {
  if (place === 'header' || place === 'method' || place === 'fault' || place === 'object') return SOAP[place];
  if (place !== 'value') return SOAP.element;
  if (parent?.place === 'method') return isReturned(r, name, parent.element.children - 1) ? SOAP.returned : SOAP.arg;
  return parent?.place === 'fault' && name === 'detail' ? SOAP.detail : SOAP.member;
}

function close(r: Reader, start: number, end: number): void {
  const last = r.open.at(-1);
  if (last === undefined) return;
  flush(r, takesText(last) && valueIsText(last.element));
  r.at = start;
  draw(r, (c) => drawMarkup(c, r.xml, start, end));
  r.open.pop();
  finish(r, last, true);
}

/** An element ends: its value goes where it belongs. Of one that was cut off, what it holds does. */
function finish(r: Reader, { place, element, node }: Open, whole: boolean): void {
  const { name, namespace, attributes } = element;
  if (node !== null) node.end = Math.max(node.end, node.children.at(-1)?.end ?? 0);
  if (place === 'method' || place === 'fault') {
    const members = element.values.map((value, i) => ({ name: element.names[i], value }));
    if (place === 'fault') r.fault = faultOf(members);
    else if (members.length > 0 && isReturned(r, members[0].name, 0)) {
      r.returnValue = members[0].value;
      r.args = members.slice(1);
    } else r.args = members;
    tell(r, node, name, () => name);
    return;
  }
  if (place !== 'header' && place !== 'object' && place !== 'value') {
    tell(r, node, name, () => name);
    return;
  }
  if (!whole && element.children === 0 && attributes.href === null && !attributes.isNull) {
    tell(r, node, name, () => `${name}, cut off`);
    return;
  }
  const value = encodedValue(element);
  tell(r, node, name, () => (place === 'object' ? briefly(value) : `${name} = ${briefly(value)}`));
  if (value.kind === 'ref' && !r.references.has(value.id)) r.references.set(value.id, r.xml.byteOf(r.at));
  const { id } = attributes;
  if (id !== null && r.byId.has(id)) note(r, 'duplicate-id', `a second element with the id ${id}: the first counts`);
  else if (id !== null) r.byId.set(id, value);
  const parent = r.open.at(-1)?.element;
  if (place === 'header') r.headers.push({ name, namespace, value });
  else if (place === 'value' && parent !== undefined) addValue(parent, name, value, attributes.position);
}

function tell({ c }: Reader, node: Node | null, name: string, text: () => string): void {
  if (node !== null) c.below(node, () => c.tell(text, node.field.type === 'none' ? undefined : name), null);
}

/** SOAP 1.1 section 4.4. */
function faultOf(members: readonly SoapMember[]): SoapFault {
  const find = (name: string): SoapValue | null => members.find((member) => member.name === name)?.value ?? null;
  const text = (name: string): string => {
    const value = find(name);
    return value?.kind === 'scalar' ? value.text : '';
  };
  return { code: text('faultcode'), string: text('faultstring'), detail: find('detail') };
}

/** Says which references lead nowhere. */
function checkReferences(r: Reader): void {
  let lost = 0;
  for (const [id, offset] of r.references)
    if (!r.byId.has(id) && lost++ < NOTES_PER_CODE)
      r.c.note('missing-object', `nothing in the message has the id ${cut(id, 100)}, which is referred to`, offset);
  r.noted.set('missing-object', lost);
}
