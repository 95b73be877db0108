/** `frame.protocols`: what a frame is made of, its layers and its PDUs, asked for alone or with others. */
import { describe, expect, it } from 'vitest';
import { concat, ipv4, ipv6, pcapFile, tcp } from '../bytes.js';
import { ROOT } from '../cli.js';
import { columns, framesOf, withCapture } from '../columns.js';

const sample = (name: string): string => `${ROOT}samples/${name}/capture.pcap`;

describe('frame.protocols', () => {
  it.each([
    ['managed-object', ['eth:ethertype:ip:tcp', 'eth:ethertype:ip:tcp:dcerpc']],
    ['smb-pipes', ['eth:ethertype:ip:tcp:nbss:smb2', 'eth:ethertype:ip:tcp:nbss:smb2:dcerpc']],
    ['remoting-tcp', ['eth:ethertype:ip:tcp', 'eth:ethertype:ip:tcp:nrtp']],
  ])('of %s', async (name, wanted) => {
    const found = await columns(sample(name), ['frame.protocols']);
    expect([...new Set(found.flat())]).toEqual(expect.arrayContaining(wanted));
  });

  const segment = tcp(50_000, 135, 1, new Uint8Array(0));
  const ip = ipv4('10.0.0.1', '10.0.0.2', 6, segment);
  const six = (next: number, ...headers: readonly (readonly number[])[]): Uint8Array =>
    ipv6(new Uint8Array(16).fill(1), new Uint8Array(16).fill(2), next, concat(...headers, segment));
  const mac = new Uint8Array(12).fill(2);
  const cooked = (hardware: readonly number[], protocol: readonly number[]): Uint8Array =>
    concat([0, 4], hardware, [0, 6], new Uint8Array(8), protocol, ip);

  it.each([
    ['packets alone', 101, ip, 'raw:ip:tcp'],
    ['of IPv4, as the link says', 228, ip, 'ip:tcp'],
    [
      'extension headers',
      101,
      six(0, [43, 0, 0, 0, 0, 0, 0, 0], [60, 0, 0, 0, 0, 0, 0, 0], [6, 0, 0, 0, 0, 0, 0, 0]),
      'raw:ipv6:ipv6.hopopts:ipv6.routing:ipv6.dstopts:tcp',
    ],
    ['a lone fragment', 101, six(44, [6, 0, 0, 0, 0, 0, 0, 9]), 'raw:ipv6:ipv6.fraghdr:tcp'],
    ['what MACsec seals', 1, concat(mac, [0x88, 0xe5, 0x0c, 0, 0, 0, 0, 1], ip), 'eth:ethertype:macsec'],
    [
      'MACsec in clear',
      1,
      concat(mac, [0x88, 0xe5, 0, 0, 0, 0, 0, 1, 8, 0], ip),
      'eth:ethertype:macsec:ethertype:ip:tcp',
    ],
    ['jumbo frames', 1, concat(mac, [0x88, 0x70, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0], ip), 'eth:ethertype:llc:ip:tcp'],
    ['cooked frames', 113, cooked([0, 1], [8, 0]), 'sll:ethertype:ip:tcp'],
    ['cooked frames of IP over GRE', 113, cooked([3, 10], [8, 0]), 'sll:ip:tcp'],
    ['cooked frames of CAN', 113, cooked([1, 24], [0, 12]), 'sll'],
    ['netlink', 113, cooked([3, 56], [0, 4]), 'sll'],
  ] as const)('of %s', async (_, link, bytes, wanted) => {
    const found = await withCapture(pcapFile([{ bytes }], { link }), (file) => columns(file, ['frame.protocols']));
    expect(found).toEqual([[wanted]]);
  });

  it('is what filters find frames by', async () => {
    const rows = await columns(sample('managed-object'), ['frame.number', 'frame.protocols', 'dcerpc.pkt_type']);
    const rpc = rows.filter(([, , type]) => type !== '').map(([number]) => Number(number));
    expect(await framesOf(sample('managed-object'), 'frame.protocols contains "dcerpc"')).toEqual(rpc);
    expect(await framesOf(sample('managed-object'), 'frame.protocols == "eth:ethertype:ip:tcp"')).toEqual(
      rows.map(([number]) => Number(number)).filter((number) => !rpc.includes(number)),
    );
  });
});
