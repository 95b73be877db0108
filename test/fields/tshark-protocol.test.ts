/** `_ws.col.Protocol` is tshark's: calls have the name of the dissector that takes their parameters. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../cli.js';
import { columns, TSHARK } from '../columns.js';

const fileOf = (sample: string): string => `${ROOT}samples/${sample}/capture.pcap`;
const protocolsOf = async (sample: string): Promise<string[]> =>
  (await columns(fileOf(sample), ['_ws.col.Protocol'])).map(([name]) => name);

describe('the column of protocols', () => {
  it('names the interface of requests and answers, and neither of binds nor of faults', async () => {
    const found = await protocolsOf('managed-object');
    const at = (...frames: number[]): string[] => frames.map((frame) => found[frame - 1]);
    expect(at(8, 9, 12, 13)).toEqual(['IOXIDResolver', 'IOXIDResolver', 'ISystemActivator', 'ISystemActivator']);
    expect(at(23, 24, 64)).toEqual(['IRemUnknown2', 'IRemUnknown2', 'IRemUnknown2']);
    // bind and its answer, an interface that Wireshark does not know, a fault; a frame without a PDU
    expect(at(4, 6, 27, 53, 1)).toEqual(['DCERPC', 'DCERPC', 'DCERPC', 'DCERPC', 'TCP']);
    expect(new Set(await protocolsOf('smb-pipes'))).toEqual(
      new Set(['TCP', 'SMB2', 'SMB', 'DCERPC', 'LSARPC', 'WINREG']),
    );
  });

  it.skipIf(TSHARK !== '4.0').each(['managed-object', 'smb-pipes'])('is as tshark has it: %s', async (sample) => {
    const asked = ['-r', fileOf(sample), '-T', 'fields', '-e', '_ws.col.Protocol'];
    expect(await protocolsOf(sample)).toEqual(spawnSync('tshark', asked).stdout.toString().trimEnd().split('\n'));
  });
});
