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
});
