/** Connectionless DCE/RPC: datagrams of captures/traffic/udp.pcap, and what can befall them on their way. */
import { describe, expect, it } from 'vitest';
import { DCERPC_DATAGRAM } from '../../dissectors/dcerpc/cl/header.js';
import { concat, u16 } from '../bytes.js';
import { hex, laboratory, undissected, values } from './support.js';

const HEADER = `00 10000000 032000006e01450d5bab0522ea7f5476 9ec1fcc370a9d2118b5a00a0c9b7c9c4
  27cb5c172c77d9f3e67e02dfdf769191`;
/** udp.pcap, frames 1 to 3: GetObjectIdentity, its answer and the client's ack. */
const REQUEST = hex(`0400 00 ${HEADER} 00000000 00000000 00000000 0400 ffff ffff 2000 0000 0000
  050007000000000000000000fd050dc607e7c00db9b3b5c159c51b6700000000`);
const RESPONSE = hex(`0402 00 ${HEADER} 221a3c5f 00000000 00000000 0400 0000 ffff 7400 0000 0000
  0000000000000000 09000000 26000000 4c000000 26000000
  7b00370031004400430046003400330046002d0043003400340043002d0037003000450038002d0033004400350033002d004300330045
  004400440030003400300031003400340037007d00 02000000 880c9c63ab1f0000 00000000`);
const ACK = hex(`0407 00 ${HEADER} 00000000 00000000 00000000 0400 ffff ffff 0000 0000 0000`);
/** Frame 30: a fault, nca_s_unk_if. */
const FAULT = hex(`0403 08 ${HEADER} 221a3c5f 00000000 00000000 0400 0000 ffff 0400 0000 0000 0300011c`);

/** A datagram's stub in fragments of at most `size` bytes. */
function fragments(datagram: Uint8Array, size: number): Uint8Array[] {
  const stub = datagram.subarray(80);
  const count = Math.ceil(stub.length / size);
  return Array.from({ length: count }, (_, i) => {
    const part = stub.subarray(i * size, (i + 1) * size);
    const header = Uint8Array.from(datagram.subarray(0, 80));
    header[2] = i === count - 1 ? 6 : 4;
    header.set(u16(part.length, true), 74);
    header.set(u16(i, true), 76);
    return concat(header, part);
  });
}

function resized(datagram: Uint8Array, sequence: number): Uint8Array {
  const copy = Uint8Array.from(datagram);
  copy[64] = sequence;
  return copy;
}

describe('DCERPC_DATAGRAM.claims', () => {
  const claims = (b: Uint8Array): boolean => DCERPC_DATAGRAM.claims(b, 0, b.length);

  it('C706 12.5.2: takes every type of PDU, and a header without body', () => {
    for (const datagram of [REQUEST, RESPONSE, ACK, FAULT]) expect(claims(datagram)).toBe(true);
  });

  it('edge: a length that ends before the datagram does (padding, verifier)', () => {
    expect(claims(concat(REQUEST, new Uint8Array(18)))).toBe(true);
  });

  it('invalid: WireGuard, whose transport data begins with 04 00 00 00', () => {
    const wireguard = concat(
      [4, 0, 0, 0, 0x10, 0x77, 0x31, 0x0a, 9, 0, 0, 0, 0, 0, 0, 0],
      new Uint8Array(80).fill(0xc3),
    );
    expect(claims(wireguard)).toBe(false);
  });

  it.each([
    ['another version', 0, 5],
    ['a type beyond cancel_ack', 1, 11],
    ['flags2 that must be zero', 3, 0x80],
    ['a byte order that is none', 4, 0x30],
    ['a float format that is none', 5, 4],
    ['a drep that does not end with zero', 6, 1],
  ])('invalid: %s', (_, at, value) => {
    const wrong = Uint8Array.from(REQUEST);
    wrong[at] = value;
    expect(claims(wrong)).toBe(false);
  });

  it('invalid: less than a header, or less than the length it tells', () => {
    expect(claims(REQUEST.subarray(0, 79))).toBe(false);
    expect(claims(REQUEST.subarray(0, 100))).toBe(false);
  });
});

describe('C706 12.5: calls of datagrams', () => {
  it('a request and its response are a call of their activity and sequence number', () => {
    const { client, server } = laboratory().connection('ncadg_ip_udp');
    const asked = client(REQUEST);
    const told = server(RESPONSE);
    const { call } = told;
    expect(asked.call).toBe(call);
    expect(call).toMatchObject({ callId: 0, opnum: 4, open: false, result: 0, interfaceFrom: 'bind' });
    expect(call?.iface?.name).toBe('IManagedObject');
    expect(call?.object).toBe('00002003-016e-0d45-5bab-0522ea7f5476');
    expect(call?.out).toMatchObject({ AppDomainID: 2, pCCW: { layout: 'int64', value: '0x1fab639c0c88' } });
    expect(call?.request?.stub?.length).toBe(32);
    expect(call?.response?.stub?.length).toBe(116);
    expect(client(ACK).call).toBe(call);
    for (const pdu of [asked, told]) expect([undissected(pdu), pdu.recording.notes]).toEqual([0, []]);
  });

  it('header fields have the names of Wireshark', () => {
    const pdu = laboratory().connection('ncadg_ip_udp').client(REQUEST);
    expect(values(pdu, 'dcerpc.ver')).toEqual([4]);
    expect(values(pdu, 'dcerpc.dg_seqnum')).toEqual([0]);
    expect(values(pdu, 'dcerpc.dg_if_id')).toEqual(['c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4']);
    expect(values(pdu, 'dcerpc.dg_act_id')).toEqual(['175ccb27-772c-f3d9-e67e-02dfdf769191']);
    expect(values(pdu, 'dcerpc.dg_frag_len')).toEqual([32]);
  });

  it('a fault ends its call', () => {
    const { client, server } = laboratory().connection('ncadg_ip_udp');
    client(REQUEST);
    const { call, completes } = server(FAULT);
    expect(completes).toBe('fault');
    expect(call).toMatchObject({ fault: 0x1c010003, open: false });
  });

  it('fragments may come in any order, and twice', () => {
    const { client, server } = laboratory().connection('ncadg_ip_udp');
    const [a, b, c] = fragments(REQUEST, 12);
    for (const datagram of [b, c, b]) expect(client(datagram).completes).toBeNull();
    expect(client(a).completes).toBe('request');
    const parts = fragments(RESPONSE, 40).reverse();
    const { call } = parts.map((p) => server(p)).at(-1) ?? { call: null };
    expect(call?.out).toMatchObject({ AppDomainID: 2 });
    expect(call?.request?.frames).toEqual([4, 1, 2]);
    expect(call?.response?.frames).toHaveLength(3);
  });

  it('edge: a datagram sent twice changes nothing', () => {
    const { client, server } = laboratory().connection('ncadg_ip_udp');
    const first = client(REQUEST);
    const again = client(REQUEST);
    server(RESPONSE);
    const late = [client(REQUEST), server(RESPONSE)];
    expect(again.call).toBe(first.call);
    for (const pdu of late) expect(pdu.call).toBe(first.call);
    expect(first.call?.request?.frames).toEqual([1]);
    expect(first.call?.response?.frames).toEqual([3]);
    expect(again.begins).toBe(false);
  });

  it('edge: the answer comes from another port (C706 lets servers move)', () => {
    const lab = laboratory();
    const { call } = lab.connection('ncadg_ip_udp').client(REQUEST);
    lab.connection('ncadg_ip_udp').server(RESPONSE);
    expect(call).toMatchObject({ open: false, result: 0 });
  });

  it('edge: the answer was captured before its request', () => {
    const { client, server } = laboratory().connection('ncadg_ip_udp');
    const { call } = server(RESPONSE);
    expect(call?.warnings.map((w) => w.code)).toEqual(['request-not-seen']);
    expect(client(REQUEST).call).toBe(call);
    expect(call).toMatchObject({ open: false, result: 0, warnings: [{ code: 'time-backwards' }] });
  });

  it('a client that calls again no longer waits for what it called long before', () => {
    const { client } = laboratory().connection('ncadg_ip_udp');
    const calls = [0, 1, 2].map((n) => client(resized(REQUEST, n)).call);
    expect(calls.map((c) => c?.open)).toEqual([false, true, true]);
  });

  it('edge: a maybe call expects no answer', () => {
    const { client } = laboratory().connection('ncadg_ip_udp');
    const maybe = Uint8Array.from(REQUEST);
    maybe[2] = 0x10;
    expect(client(maybe).call?.open).toBe(false);
  });

  it('C706 12.5.3: fack and cancel_ack have bodies', () => {
    const { client, server } = laboratory().connection('ncadg_ip_udp');
    client(REQUEST);
    const fack = concat(ACK.subarray(0, 80), hex('01 00 0800 00100000 94050000 0300 0100 0f000000'));
    fack.set([9], 1);
    fack.set(u16(20, true), 74);
    const pdu = server(fack);
    expect(values(pdu, 'dcerpc.fack_window_size')).toEqual([8]);
    expect(values(pdu, 'dcerpc.fack_selack')).toEqual([15]);
    expect(undissected(pdu)).toBe(0);
    const cancelled = concat(ACK.subarray(0, 80), hex('00000000 01000000 01000000'));
    cancelled.set([10], 1);
    cancelled.set(u16(12, true), 74);
    expect(values(server(cancelled), 'dcerpc.dg_cancel_id')).toEqual([1]);
  });

  it('attack: fragments without end are given up', () => {
    const { client } = laboratory().connection('ncadg_ip_udp');
    const header = Uint8Array.from(REQUEST.subarray(0, 80));
    header[2] = 4;
    header.set(u16(60000, true), 74);
    const body = new Uint8Array(60000);
    let given = false;
    for (let i = 0; i < 1200 && !given; i++) {
      header.set(u16(i, true), 76);
      given = client(concat(header, body)).recording.notes.some((n) => n.code === 'limit');
    }
    expect(given).toBe(true);
  });
});
