/** A SOAP message in the annotated tree: tags, attributes and texts with their bytes. */
import type { SaxesTagNS } from 'saxes';
import type { Cursor } from '../../src/core/cursor.js';
import type { Field, Scalar } from '../../src/core/node.js';
import { cut } from '../../src/core/text.js';
import { type Attributes, isTrue, type Role, roleOf } from './encoding.js';
import { SOAP } from './fields.js';
import type { SoapValue } from './model.js';
import type { XmlText } from './text.js';

/** A leaf from the cursor's place up to the character `end`. */
function leaf(c: Cursor, xml: XmlText, end: number, field: Field, value: Scalar, display?: string): void {
  const length = xml.byteOf(end) - c.pos;
  if (length > 0) c.made(field, length, () => value, display);
}

/** What stands as it is from `start`, where the cursor is, to `end`. */
export function drawMarkup(c: Cursor, xml: XmlText, start: number, end: number): void {
  leaf(c, xml, end, SOAP.markup, xml.text.slice(start, end));
}

/** Blanks up to the character `end`. */
export function drawBlanks(c: Cursor, xml: XmlText, end: number): void {
  c.pad(xml.byteOf(end) - c.pos);
}

/** A text up to the character `end`. */
export function drawText(c: Cursor, xml: XmlText, end: number, field: Field, text: string): void {
  leaf(c, xml, end, field, text);
}

const OF_ROLE: Readonly<Partial<Record<NonNullable<Role>, Field>>> = {
  id: SOAP.id,
  href: SOAP.href,
  null: SOAP.isNull,
  type: SOAP.type,
  array: SOAP.type,
  namespace: SOAP.namespace,
};

/** A start tag: its name, each of its attributes with the blanks before it, and what closes it. */
export function drawStartTag(
  c: Cursor,
  xml: XmlText,
  tag: SaxesTagNS,
  start: number,
  end: number,
  attributeEnds: readonly number[],
  attributes: Attributes,
): void {
  let at = start + 1 + tag.name.length;
  drawMarkup(c, xml, start, at);
  let i = 0;
  for (const name in tag.attributes) {
    const { uri, prefix, local, value } = tag.attributes[name];
    const role = roleOf(uri, prefix, local);
    const field = (role !== null && OF_ROLE[role]) || SOAP.attribute;
    const text = `${name}="${cut(value, 200)}"`;
    let told: Scalar = value;
    if (role === 'null') told = isTrue(value);
    else if (role === 'type') told = attributes.type?.type ?? value;
    else if (role === 'array') told = attributes.array?.type ?? value;
    else if (field === SOAP.attribute) told = text;
    at = attributeEnds[i++];
    leaf(c, xml, at, field, told, text);
  }
  drawMarkup(c, xml, at, end);
}

/** A value in a few words. */
export function briefly(value: SoapValue): string {
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'ref':
      return `→ ${value.id}`;
    case 'scalar':
      return JSON.stringify(cut(value.text, 100));
    case 'object':
      return value.type ?? '{…}';
    case 'array':
      return `${value.type} of ${value.elements.length + value.nulls}${value.nulls > 0 ? `, the last ${value.nulls} null` : ''}`;
  }
}
