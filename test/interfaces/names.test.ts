/** The table of names: UUIDs and operations as the specifications have them, each interface once. */
import { describe, expect, it } from 'vitest';
import { INTERFACES } from '../../dissectors/index.js';
import { NAMED_INTERFACES, namedOperations } from '../../dissectors/names/interfaces.js';
import { hex, laboratory } from '../dcerpc/support.js';

const nameOf = (iface: string, opnum: number): string | undefined =>
  INTERFACES.find((i) => i.name === iface)?.ops[opnum]?.name;

describe('interface names', () => {
  it('every UUID stands once, lower case', () => {
    const uuids = INTERFACES.map((i) => i.uuid);
    expect(uuids.filter((u, i) => uuids.indexOf(u) !== i)).toEqual([]);
    for (const uuid of uuids) expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('every interface says its document', () => {
    expect(NAMED_INTERFACES.filter((i) => i.spec === '')).toEqual([]);
    expect(NAMED_INTERFACES.length).toBeGreaterThan(120);
  });

  it.each([
    ['samr', 64, 'SamrConnect5'],
    ['lsarpc', 44, 'LsarOpenPolicy2'],
    ['netlogon', 26, 'NetrServerAuthenticate3'],
    ['srvsvc', 15, 'NetrShareEnum'],
    ['svcctl', 64, 'ROpenSCManager2'],
    ['winreg', 17, 'BaseRegQueryValue'],
    ['drsuapi', 3, 'IDL_DRSGetNCChanges'],
    ['spoolss', 65, 'RpcRemoteFindFirstPrinterChangeNotificationEx'],
    ['IRemoteWinspool', 39, 'RpcAsyncAddPrinterDriver'],
    ['ITaskSchedulerService', 12, 'SchRpcRun'],
    ['IWbemServices', 20, 'ExecQuery'],
    ['IWbemServices', 24, 'ExecMethod'],
    ['IWbemLevel1Login', 6, 'NTLMLogin'],
    ['IOPCDataCallback', 3, 'OnDataChange'],
    ['_Object', 7, 'get_ToString'],
  ])('%s operation %i is %s', (iface, opnum, name) => {
    expect(nameOf(iface, opnum)).toBe(name);
  });

  it('a jump in the list leaves its gap unnamed', () => {
    const ops = namedOperations('A 4:B C', 0);
    expect(Object.entries(ops).map(([n, op]) => `${n} ${op.name}`)).toEqual(['0 A', '4 B', '5 C']);
  });

  it('a call has its name, and its stub stays bytes', () => {
    const { client } = laboratory().connection();
    client(
      hex(`05000b0310000000 48000000 01000000 d016d016 00000000 01000000 00000100
        81bb7a364498f135ad3298f038001003 02000000 045d888aeb1cc9119fe808002b104860 02000000`),
    );
    const pdu = client(hex('0500000310000000 1c000000 01000000 04000000 0000 0f00 00000000'));
    expect(`${pdu.call?.iface?.name}.${pdu.call?.operation?.name}`).toBe('svcctl.ROpenSCManagerW');
    expect(pdu.call?.request?.stub?.length).toBe(4);
    expect(pdu.recording.notes).toEqual([]);
  });
});
