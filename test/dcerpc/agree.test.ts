/** What PDUs of one call say again: fragments as the first, an answer as its request. */
import { expect, test } from 'vitest';
import { operation, type RpcInterface } from '../../dissectors/ndr/interface.js';
import { conformant, counted, u16, u32 } from '../../dissectors/ndr/types.js';
import { ackBody, bindBody, pdu, requestBody, responseBody } from '../fields/wire.js';
import { hex, laboratory } from './support.js';

const LISTED: RpcInterface = {
  ...{ name: 'IListed', uuid: '12345678-1234-1234-1234-123456789abc', version: '1.0', spec: '', orpc: false },
  ops: {
    0: operation('listed', 'List', {
      in: { n: u32 },
      out: { of: counted('n', conformant(u16)) },
      returns: 'nothing',
    }),
  },
};

test.each(['request first', 'answer first'])('size_is of an answer by a number of the request, %s', (order) => {
  const said = (n: string, elements: string) => {
    const { client, server } = laboratory([LISTED]).connection();
    client(pdu(11, 1, bindBody(LISTED.uuid, 1)));
    server(pdu(12, 1, ackBody()));
    const ask = () => client(pdu(0, 1, requestBody(0, hex(n))));
    const answer = () => server(pdu(2, 1, responseBody(hex(elements))));
    const [, { call }] = (order === 'request first' ? [ask, answer] : [answer, ask]).map((send) => send());
    expect(call).toMatchObject({ in: {}, out: {} });
    return call?.warnings.filter(({ code }) => code === 'array-count').map(({ message }) => message);
  };
  expect(said('02000000', '02000000 0500 0600')).toEqual([]);
  expect(said('03000000', '02000000 0500 0600')).toEqual(['of has 2 elements where n says 3']);
  // what is cut off was not counted
  expect(said('03000000', '03000000 0500 0600')).toEqual([]);
});

test('fragments that are not of the stub that they are put into', () => {
  const object = (byte: number) => new Uint8Array(16).fill(byte);
  const fragment = (
    flags: number,
    o: { context?: number; opnum?: number; object?: Uint8Array; trailer?: Uint8Array; little?: boolean } = {},
  ): Uint8Array => {
    const { context = 0, opnum = 0, object = [], trailer = new Uint8Array(0), little = true } = o;
    const two = (n: number) => (little ? [n, 0] : [0, n]);
    const stub = [1, 0, 0, 0];
    const body = [...[4, 0, 0, 0], ...two(context), ...two(opnum), ...object, ...stub];
    const [length, auth] = [16 + body.length + trailer.length, Math.max(0, trailer.length - 8)];
    const head = [5, 0, 0, flags | (object.length > 0 ? 0x80 : 0), little ? 0x10 : 0, 0, 0, 0];
    const id = little ? [1, 0, 0, 0] : [0, 0, 0, 1];
    return Uint8Array.from([...head, ...two(length), ...two(auth), ...id, ...body, ...trailer]);
  };
  const said = (first: Uint8Array, last: Uint8Array) => {
    const { client } = laboratory([LISTED]).connection();
    client(first);
    return client(last)
      .recording.notes.filter(({ code }) => code === 'fragment-mismatch')
      .map(({ message }) => /with (.*) of a stub that began with (.*)/.exec(message)?.slice(1).join(' / '));
  };
  const level = (n: number) => hex(`0a 0${n} 00 00 01000000 01000000 0000000000000000 00000000`);
  expect(said(fragment(1, { object: object(1) }), fragment(2, { object: object(1) }))).toEqual([]);
  expect(said(fragment(1, { object: object(1) }), fragment(2))).toEqual([]);
  expect(said(fragment(1), fragment(2, { context: 3 }))).toEqual(['context 3 / 0']);
  expect(said(fragment(1), fragment(2, { opnum: 5 }))).toEqual(['operation 5 / 0']);
  expect(said(fragment(1, { object: object(1) }), fragment(2, { object: object(2) }))).toEqual([
    'object 02020202-0202-0202-0202-020202020202 / 01010101-0101-0101-0101-010101010101',
  ]);
  expect(said(fragment(1), fragment(2, { little: false }))).toEqual(['byte order big endian / little endian']);
  expect(said(fragment(1, { trailer: level(5) }), fragment(2, { trailer: level(5) }))).toEqual([]);
  expect(said(fragment(1, { trailer: level(5) }), fragment(2))).toEqual(['protection level 0 / 5']);
  expect(said(fragment(1, { trailer: level(5) }), fragment(2, { trailer: level(2) }))).toEqual([
    'protection level 2 / 5',
  ]);
});

test('an answer on another context than that of its call', () => {
  const said = (context: number) => {
    const { client, server } = laboratory([LISTED]).connection();
    client(pdu(0, 1, requestBody(0, hex('01000000'))));
    const bytes = pdu(2, 1, responseBody(hex('00000000')));
    bytes[20] = context;
    return server(bytes)
      .recording.notes.map(({ code }) => code)
      .filter((code) => code === 'context-mismatch');
  };
  expect([said(0), said(1)]).toEqual([[], ['context-mismatch']]);
});
