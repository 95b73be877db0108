/** `frame.protocols`: what a frame is made of, its layers and its PDUs, asked for alone or with others. */
import { describe, expect, it } from 'vitest';
import { ROOT } from '../cli.js';
import { columns, framesOf } from '../columns.js';

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

  it('is what filters find frames by', async () => {
    const rows = await columns(sample('managed-object'), ['frame.number', 'frame.protocols', 'dcerpc.pkt_type']);
    const rpc = rows.filter(([, , type]) => type !== '').map(([number]) => Number(number));
    expect(await framesOf(sample('managed-object'), 'frame.protocols contains "dcerpc"')).toEqual(rpc);
    expect(await framesOf(sample('managed-object'), 'frame.protocols == "eth:ethertype:ip:tcp"')).toEqual(
      rows.map(([number]) => Number(number)).filter((number) => !rpc.includes(number)),
    );
  });
});
