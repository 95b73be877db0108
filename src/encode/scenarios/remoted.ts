/** Ready scenarios of .NET remoting (MS-NRTP): the object that DCOM led to is called, and ways in which messages may look. */

import { IManagedObject } from '../../../dissectors/interfaces/IManagedObject.js';
import type { Json, JsonObject } from '../error.js';
import {
  activation,
  apartment,
  IPID_MANAGED,
  IPID_UNKNOWN,
  identity,
  query,
  release,
  remotingReference,
  type Scenario,
  SERVER_CLR,
  scenarioOf,
  serialized,
  stringValue,
} from './parts.js';

const URI = '/shop/orders_1.rem';
const TYPE = 'Shop.Orders, Shop, Version=1.2.0.0, Culture=neutral, PublicKeyToken=null';
const SERVER = '10.9.0.20';

const int = (value: number): JsonObject => ({ type: 'System.Int32', value });

/** A call of the object, and what it gives back. */
function called(method: string, args: Json[], returnValue: Json): JsonObject {
  return { uri: URI, call: { type: TYPE, method, args }, return: { returnValue } };
}

const ORDERED = [
  called('get_Count', [], int(3)),
  called('Place', [stringValue('2 × tea'), int(2)], int(4711)),
  called('Cancel', [int(4711)], null),
];

/** A channel to the object's server. */
function channel(transport: string, port: number, calls: Json[], more: JsonObject = {}): JsonObject {
  return { transport, server: { address: SERVER, port }, calls, ...more };
}

/** `Cancel` as the SOAP formatter writes it. */
function envelope(body: string): string {
  const space = 'http://schemas.xmlsoap.org/soap';
  return [
    `<SOAP-ENV:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:SOAP-ENV="${space}/envelope/" `,
    `SOAP-ENV:encodingStyle="${space}/encoding/"><SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`,
  ].join('');
}

const CLR_TYPE = `http://schemas.microsoft.com/clr/nsassem/Shop.Orders/${encodeURIComponent(TYPE.slice(TYPE.indexOf(',') + 2))}`;

const SOAPED: JsonObject = {
  request: {
    ...{ operation: 'request', uri: URI, soapAction: `"${CLR_TYPE}#Cancel"` },
    content: { soap: envelope(`<i2:Cancel id="ref-1" xmlns:i2="${CLR_TYPE}"><number>12</number></i2:Cancel>`) },
  },
  response: {
    operation: 'reply',
    content: {
      soap: envelope(`<i2:CancelResponse id="ref-1" xmlns:i2="${CLR_TYPE}"><return>true</return></i2:CancelResponse>`),
    },
  },
};

/** A request that says all that headers can say, in chunks. */
const EVERYTHING: JsonObject = {
  request: {
    operation: 'request',
    headers: [
      { header: 'RequestUri', value: URI, encoding: 'UTF-16' },
      { header: 'Custom', name: 'X-Größe', nameEncoding: 'UTF-16', value: 'µ' },
      { header: 9, format: 'Byte', value: 7 },
      { header: 10, format: 'Int32', value: -1 },
      { header: 'CloseConnection' },
      { header: 'ContentType', value: 'application/octet-stream' },
    ],
    chunks: [16, 1, 124],
    content: {
      nrbf: {
        call: { kind: 'call', type: TYPE, method: 'Note', args: [stringValue('in pieces, one of them of a byte')] },
      },
    },
  },
  fault: { phrase: 'Requested Service not found' },
};

export const REMOTED: readonly Scenario[] = [
  {
    name: 'object-remoted',
    title: 'figure 2 of 1.3 whole: activation, identity, serialized form, then calls through remoting, and release',
    document: () =>
      scenarioOf([
        activation(),
        apartment([
          query(IManagedObject.uuid, IPID_MANAGED),
          identity(SERVER_CLR, 1),
          serialized({ root: remotingReference(URI) }),
          { meanwhile: channel('nrtp_tcp', 8085, ORDERED) },
          release(IPID_MANAGED),
          release(IPID_UNKNOWN),
        ]),
      ]),
  },
  {
    name: 'remoting',
    title: 'remoting over TCP and HTTP: one-way calls, every header, chunks, a transport fault, SOAP',
    document: () => {
      const oneWay: JsonObject = {
        uri: URI,
        oneWay: true,
        call: { type: TYPE, method: 'Log', args: [stringValue('seen')] },
      };
      return scenarioOf([
        channel('nrtp_tcp', 8085, [oneWay, ...ORDERED], { segmentSize: 100 }),
        channel('nrtp_tcp', 8085, [EVERYTHING], { end: 'reset' }),
        channel('nrtp_http', 8086, [...ORDERED, oneWay, SOAPED]),
      ]);
    },
  },
];
