/** What an answer says, held against what its request asked for. */
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
