import { describe, expect, it } from 'vitest';
import { field } from '../../src/core/node.js';
import { ekLines as made } from '../../src/output/columns/ek.js';
import { bindFrame, F, node, TABLE } from '../filter/trees.js';
import { frameOf } from '../frame.js';

const ekLines = (...args: Parameters<typeof made>): string => [...made(...args)].join('');

describe('-T ek', () => {
  it('has the shape of tshark', () => {
    const [index, body] = ekLines(bindFrame(), TABLE).split('\n');
    expect(JSON.parse(index)).toEqual({ index: { _index: 'packets-2023-09-12' } });
    expect(JSON.parse(body)).toEqual({
      timestamp: '1694504294756',
      layers: {
        frame: {
          frame_frame_number: '4',
          frame_frame_time: '2023-09-12T07:38:14.756299000Z',
          frame_frame_time_epoch: '1694504294.756299000',
        },
        ip: {
          ip_ip_src: '192.168.56.102',
          ip_ip_addr: ['192.168.56.102', '192.168.56.101'],
          ip_ip_dst: '192.168.56.101',
        },
        tcp: {
          tcp_tcp_srcport: '49725',
          tcp_tcp_port: ['49725', '135'],
          tcp_tcp_dstport: '135',
          tcp_tcp_flags_syn: false,
          tcp_tcp_payload: '30:35:30:30:30:30:30:62:31:30:30:30:30:30:30:30:4d:45:4f:57',
        },
        dcerpc: {
          dcerpc_dcerpc_pkt_type: '11',
          dcerpc_dcerpc_cn_flags: '0x03',
          dcerpc_dcerpc_cn_bind_to_uuid: [
            '99fcfec4-5260-101b-bbcb-00aa0021347a',
            '00000143-0000-0000-c000-000000000046',
          ],
        },
        dcom: {
          dcom_dcom_oxid: '0xb5c018689dc8086e',
          dcom_dcom_hresult: '0x80004002',
          dcom_dcom_dualstringarray_network_addr: ['DC1', '192.168.56.101[49724]'],
          dcom_dcom_vt_i2: '-5',
          dcom_dcom_vt_r8: '0.5',
        },
        ipv6: { ipv6_ipv6_src: '2001:db8::1' },
      },
    });
  });

  it('makes an array of several PDUs in one frame, and a level of a protocol inside another', () => {
    const pdu = (n: number) =>
      node(F.dcerpc, null, [node(F.opnum, n), node(field('dcom', 'DCOM'), null, [node(F.hresult, n)])]);
    const body = ekLines(frameOf(1, [[pdu(3)], [pdu(4)]]), TABLE).split('\n')[1];
    expect(JSON.parse(body).layers.dcerpc).toEqual(
      [3, 4].map((n) => ({ dcerpc_dcerpc_opnum: `${n}`, dcom: { dcom_dcom_hresult: `0x0000000${n}` } })),
    );
  });

  it('makes long bytes in pieces, as it makes short ones', () => {
    const bytes = (n: number) => Uint8Array.from({ length: n }, (_, i) => i & 255);
    for (const n of [65_537, 131_072, 131_073]) {
      const text = made(frameOf(1, [[node(F.payload, bytes(n))]]), TABLE);
      const lines = [...text].join('');
      expect(lines).toHaveLength(text.length);
      const value = JSON.parse(lines.split('\n')[1]).layers.tcp.tcp_tcp_payload;
      expect(value).toBe(Buffer.from(bytes(n)).toString('hex').match(/../g)?.join(':'));
      expect(Math.max(...[...text].map((piece) => piece.length))).toBeLessThan(200_000);
    }
  });

  it('stays valid JSON whatever a string holds and however deep protocols nest', () => {
    let deep = node(F.address, '"\\\u0000\ud800\n');
    for (let i = 0; i < 20_000; i++) deep = node(F.dcerpc, null, [deep]);
    const body = ekLines(frameOf(1, [[deep]]), TABLE).split('\n')[1];
    expect(body).toContain('"\\"\\\\\\u0000\\ud800\\n"');
    expect(body.split('{').length).toBe(body.split('}').length);
  });
});
