/** The endpoint mapper (C706 appendix O) and its towers (appendix L), in NDR64: captures/real/ntlm-privacy.pcapng.gz. */
import { describe, expect, it } from 'vitest';
import { epm } from '../../dissectors/interfaces/epm.js';
import { hex } from '../dcerpc/support.js';
import { decode, encode } from '../ndr/support.js';

/** Frames 6 and 7: where is the task scheduler? */
const ASKED = hex(`0100000000000000 00000000000000000000000000000000 0200000000000000
  4b00000000000000 4b000000 0500
  1300 0d 81bb7a364498f135ad3298f038001003 0200 0200 0000
  1300 0d 045d888aeb1cc9119fe808002b104860 0200 0200 0000
  0100 0b 0200 0000 0100 07 0200 0087 0100 09 0400 c0a80064 00
  0000000000000000000000000000000000000000 04000000`);
const TOLD = hex(`0000000000000000000000000000000000000000 01000000
  0400000000000000 0000000000000000 0100000000000000 0300000000000000
  4b00000000000000 4b000000 0500
  1300 0d 81bb7a364498f135ad3298f038001003 0200 0200 0000
  1300 0d 045d888aeb1cc9119fe808002b104860 0200 0200 0000
  0100 0b 0200 0000 0100 07 0200 c20f 0100 09 0400 c0a80064 00 00000000`);
const NDR64 = { ndr64: true };

describe('ept_map', () => {
  const { request, response } = epm.ops[3];

  it('C706 appendix L: floors with their UUIDs, versions, port and address', () => {
    const { values, left, notes } = decode(request, ASKED, NDR64);
    expect(values.map_tower).toMatchObject({
      interface: '367abb81-9844-35f1-ad32-98f038001003',
      version: '2.0',
      syntax: 'NDR',
      binding: 'ncacn_ip_tcp:192.168.0.100[135]',
      floors: [
        { protocol: 'UUID', uuid: '367abb81-9844-35f1-ad32-98f038001003', version: '2.0' },
        { protocol: 'UUID', uuid: '8a885d04-1ceb-11c9-9fe8-08002b104860', version: '2.0' },
        { protocol: 'RPC connection-oriented', version: '0' },
        { protocol: 'TCP', port: 135 },
        { protocol: 'IP', address: '192.168.0.100' },
      ],
    });
    expect([left, notes]).toEqual([0, []]);
  });

  it('the answer names the port, in a varying array with room for more', () => {
    const { values, left } = decode(response, TOLD, NDR64);
    expect(values.towers).toMatchObject([{ binding: 'ncacn_ip_tcp:192.168.0.100[49679]' }]);
    // a byte of padding, and the status
    expect(left).toBe(5);
  });

  it('summarizes both', () => {
    const call = {
      in: decode(request, ASKED, NDR64).values,
      out: decode(response, TOLD, NDR64).values,
      nameOf: (iid: string) => iid.slice(0, 8),
    };
    expect(epm.ops[3].summarize?.(call as never)).toEqual({
      arguments: '367abb81 2.0, NDR',
      result: 'ncacn_ip_tcp:192.168.0.100[49679]',
    });
  });

  it('is written as it was read', () => {
    const { values, referents } = decode(request, ASKED, NDR64);
    expect(encode(request, values, NDR64, referents)).toEqual(ASKED);
  });

  it('invalid: a floor that claims more than its tower', () => {
    const wrong = Uint8Array.from(ASKED);
    wrong[46] = 0xff;
    const { values, notes } = decode(request, wrong, NDR64);
    expect(notes.map((n) => n.code)).toContain('malformed');
    expect(values.max_towers).toBe(4);
  });

  it('attack: more floors than bytes', () => {
    const wrong = Uint8Array.from(ASKED);
    wrong.set([0xff, 0xff], 44);
    expect(decode(request, wrong, NDR64).notes.map((n) => n.code)).toEqual(['malformed']);
  });
});

describe('ept_lookup', () => {
  it('an entry: object, tower, and an annotation without a max count', () => {
    const { values, left } = decode(
      epm.ops[2].response,
      hex(`0000000000000000000000000000000000000000 01000000 f3010000 00000000 01000000
        ba945276bc60b84892e989fd77769d91 01000000 00000000 05000000 5465737400 000000
        18000000 18000000 0200 0100 0c 0100 00 0100 10 0b00 57696e646f777353687500`),
    );
    expect(values.entries).toMatchObject([
      {
        object: '765294ba-60bc-48b8-92e9-89fd77769d91',
        annotation: 'Test',
        tower: { binding: 'ncalrpc:[WindowsShu]' },
      },
    ]);
    expect(left).toBe(0);
  });

  it('an annotation ends before its zero, whatever its room holds behind it, and is written with it', () => {
    const entry = (length: string, bytes: string) =>
      hex(`0000000000000000000000000000000000000000 01000000 01000000 00000000 01000000
        ba945276bc60b84892e989fd77769d91 00000000 00000000 ${length} ${bytes}`);
    const annotation = (bytes: Uint8Array, again = bytes) => {
      const { values, left, notes, referents } = decode(epm.ops[2].response, bytes);
      expect([left, notes]).toEqual([0, []]);
      expect(encode(epm.ops[2].response, values, {}, referents)).toEqual(again);
      return (values.entries as { annotation: string }[])[0].annotation;
    };
    expect(annotation(entry('07000000', '4b657949736f00'))).toBe('KeyIso');
    expect(annotation(entry('01000000', '00'))).toBe('');
    // a document whose bytes would differ holds the bytes instead
    expect(annotation(entry('08000000', '4b65790041414141'), entry('04000000', '4b657900'))).toBe('Key');
  });
});

describe('floors of towers (C706 appendix L; Samba: epmapper.idl)', () => {
  const UUID = '1300 0d ba945276bc60b84892e989fd77769d91 0100 0200 0000';
  const NDR = '1300 0d 045d888aeb1cc9119fe808002b104860 0200 0200 0000';
  const towerOf = (...floors: string[]) => {
    const body = hex(`0${floors.length + 2}00 ${UUID} ${NDR} ${floors.join(' ')}`);
    const length = Buffer.from([body.length, 0, 0, 0]).toString('hex');
    const bytes = hex(`00000000 01000000 ${length} ${length} ${Buffer.from(body).toString('hex')}`);
    const { values, notes } = decode(epm.ops[3].request, bytes);
    // the handle behind the tower is not there
    expect(notes.filter((n) => n.offset !== bytes.length && n.code !== 'malformed')).toEqual([]);
    return values.map_tower as unknown as { binding: string | null; floors: { protocol: string }[] };
  };

  it('local RPC: ncalrpc with a minor version, and the port by its name', () => {
    const tower = towerOf('0100 0c 0200 0000', '0100 10 1000 57696e646f777353687574646f776e00');
    expect(tower.binding).toBe('ncalrpc:[WindowsShutdown]');
    expect(tower.floors.slice(2)).toEqual([
      { protocol: 'ncalrpc', version: '0' },
      { protocol: 'local RPC', endpoint: 'WindowsShutdown' },
    ]);
  });

  it('named pipes and the host that offers them', () => {
    const tower = towerOf('0100 0b 0200 0000', '0100 0f 0c00 5c504950455c6e746c7300 00', '0100 11 0500 5c5c504300');
    expect(tower.binding).toBe('ncacn_np:\\\\PC[\\PIPE\\ntls]');
    expect(tower.floors.slice(3)).toEqual([
      { protocol: 'named pipe', endpoint: '\\PIPE\\ntls' },
      { protocol: 'NetBIOS name', address: '\\\\PC' },
    ]);
  });

  it('ports are in network order, of VINES too; a floor that holds nothing has nothing', () => {
    expect(towerOf('0100 0a 0200 0000', '0100 08 0200 0087', '0100 09 0400 0a000001').binding).toBe(
      'ncadg_ip_udp:10.0.0.1[135]',
    );
    expect(towerOf('0100 1f 0200 0251').binding).toBe('ncacn_http:[593]');
    expect(towerOf('0100 1a 0200 0087').floors[2]).toEqual({ protocol: 'VINES SPP', port: 135 });
    expect(towerOf('0100 12 0000').floors[2]).toEqual({ protocol: 'NetBEUI' });
  });

  it('every protocol has the name of C706 appendix I, and none is made up', () => {
    const name = (id: number) => towerOf(`0100 ${id.toString(16).padStart(2, '0')} 0000`).floors[2].protocol;
    expect([0, 2, 4, 5, 6, 7, 12, 19, 20, 22, 26, 27, 28, 33].map(name)).toEqual([
      ...['OSI OID', 'DNA session control', 'DNA NSP', 'OSI TP4', 'OSI CLNS', 'TCP', 'ncalrpc', 'Netware SPX'],
      ...['Netware IPX', 'AppleTalk stream', 'VINES SPP', 'VINES IPC', 'StreetTalk', 'null'],
    ]);
    expect(name(0x30)).toBe('protocol 48');
  });
});
