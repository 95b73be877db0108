/** The fields of SOAP nodes: names for filters and columns. Wireshark has no SOAP of its own. */
import { type Field, fieldsInto } from '../../src/core/node.js';

/** Every field that a node of a SOAP message can have. */
export const SOAP_FIELDS: Field[] = [];

const field = fieldsInto(SOAP_FIELDS);

export const SOAP = {
  message: field('soap', 'SOAP'),
  element: field('soap.element', 'Element', 'string'),
  header: field('soap.header', 'Header', 'string'),
  method: field('soap.method', 'Method', 'string'),
  fault: field('soap.fault', 'Fault'),
  arg: field('soap.arg', 'Argument', 'string'),
  returned: field('soap.return', 'Return value'),
  object: field('soap.object', 'Object', 'string'),
  member: field('soap.member', 'Member', 'string'),
  detail: field('soap.detail', 'Detail'),
  type: field('soap.type', 'Type', 'string'),
  assembly: field('soap.assembly', 'Assembly', 'string'),
  namespace: field('soap.namespace', 'Namespace', 'string'),
  id: field('soap.id', 'Id', 'string'),
  href: field('soap.href', 'Refers to', 'string'),
  isNull: field('soap.null', 'Null', 'bool'),
  attribute: field('soap.attribute', 'Attribute', 'string'),
  value: field('soap.value', 'Value', 'string'),
  faultcode: field('soap.faultcode', 'Fault code', 'string'),
  faultstring: field('soap.faultstring', 'Fault string', 'string'),
  stray: field('soap.text', 'Text beside elements', 'string'),
  markup: field('soap.markup', 'Markup', 'string'),
  more: field('soap.more', 'Further elements', 'bytes'),
} as const satisfies Record<string, Field>;
