/** Nobody answers what it asked itself, and no PDU turns the roles of a connection whose beginning was captured. */
import { describe, expect, test } from 'vitest';
import { ackBody, bindBody, pdu } from '../fields/wire.js';
import {
  BIND,
  captureOf,
  openPipe,
  outcomeOf,
  read,
  rpcRequest,
  rpcResponse,
  treeConnect,
  write,
} from '../smb/support.js';
import { laboratory } from './support.js';

const IID = '4b324fc8-1670-01d3-1278-5a47bf6ee188';
const codes = ({ recording }: { recording: { notes: readonly { code: string }[] } }) =>
  recording.notes.map(({ code }) => code);

describe('on a connection whose beginning was captured', () => {
  test('an answer that the client sends is none to its own request', () => {
    const c = laboratory().connection();
    const { call } = c.client(rpcRequest(7));
    const forged = c.client(rpcResponse(7));
    expect(forged.call).not.toBe(call);
    expect(codes(forged)).toContain('wrong-way');
    expect(call).toMatchObject({ open: true, response: null, warnings: [] });
    expect(c.ends.client).toBe(0);
    expect(c.server(rpcResponse(7)).call).toBe(call);
    expect(call?.response?.frames).toEqual([3]);
  });

  test('nor is a fault, and fragments of both ways are not joined', () => {
    const c = laboratory().connection();
    const fragment = (flags: number, bytes: Uint8Array): Uint8Array => {
      bytes[3] = flags;
      return bytes;
    };
    const { call } = c.client(rpcRequest(7));
    c.server(fragment(1, rpcResponse(7, new Uint8Array(8).fill(1))));
    c.client(fragment(2, rpcResponse(7, new Uint8Array(8).fill(2))));
    c.client(pdu(3, 7, new Uint8Array(16)));
    expect(call).toMatchObject({ open: true, fault: null, response: null });
    c.server(fragment(2, rpcResponse(7, new Uint8Array(8).fill(3))));
    expect([...(call?.response?.stub ?? [])]).toEqual([...Array(8).fill(1), ...Array(8).fill(3)]);
  });

  test('a request of the server, of the same id, is a call of its own', () => {
    const c = laboratory().connection();
    const asked = c.client(rpcRequest(7)).call;
    const back = c.server(rpcRequest(7));
    expect(codes(back)).toEqual(['wrong-way']);
    expect(back.call).not.toBe(asked);
    expect(asked?.open).toBe(true);
    expect(c.server(rpcResponse(7)).call).toBe(asked);
    expect(c.client(rpcResponse(7)).call).toBe(back.call);
    expect(c.ends.client).toBe(0);
  });

  test('whose answer is whose is a guess where two calls wait under one id (C706 9.3)', () => {
    const c = laboratory().connection();
    const unsure = (call: { warnings: readonly { code: string }[] } | null) => call?.warnings.map(({ code }) => code);
    const [first, second] = [c.client(rpcRequest(7)).call, c.client(rpcRequest(7)).call];
    expect(c.server(rpcResponse(7)).call).toBe(second);
    expect([unsure(first), unsure(second)]).toEqual([['answer-unsure'], ['answer-unsure']]);
    expect(first?.warnings[0].message).toContain(`frame ${second?.requestFrame} `);
    expect(second?.warnings[0].message).toContain(`frame ${first?.requestFrame} `);
    // one that was answered gives its id free
    expect(unsure(c.client(rpcRequest(7)).call)).toEqual([]);
  });

  test('a client accepts no interface that it asked for itself', () => {
    const c = laboratory().connection();
    c.client(pdu(11, 1, bindBody(IID, 3)));
    expect(c.client(pdu(12, 1, ackBody())).bind?.interfaces).toEqual([]);
    expect(c.server(pdu(12, 1, ackBody())).bind?.interfaces).toEqual(['srvsvc']);
  });

  test('also in a pipe', async () => {
    const { found, codes } = await outcomeOf(
      captureOf([
        ...treeConnect(2),
        ...openPipe('srvsvc', 1),
        write(2, BIND),
        write(3, rpcRequest(2)),
        write(4, rpcResponse(2, new Uint8Array(4))),
        ...read(5, rpcResponse(2, new Uint8Array(12))),
      ]),
    );
    expect(codes).toContain('wrong-way');
    const [asked] = found.filter(({ request }) => request !== null);
    expect(asked.response?.stub?.length).toBe(12);
    expect(asked.connection.ends[asked.connection.client].port).toBe(40_000);
  });
});

test('where the beginning is missing, a PDU tells who is the client', () => {
  const c = laboratory().connection();
  Object.assign(c.ends, { midstream: true });
  const answer = c.client(rpcResponse(7));
  expect([c.ends.client, codes(answer)]).toEqual([1, []]);
  c.client(rpcRequest(8));
  expect(c.ends.client).toBe(0);
});
