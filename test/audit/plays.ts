/** Small hand-made conversations, out of which the cases of the rules are put together. */
import { NO_AUTH } from '../../dissectors/call.js';
import type { NdrValue } from '../../dissectors/ndr/types.js';
import { bstr, dual, FIRST, graph, IPID, LAST, type Network, ORPCTHIS, object, SERVER, trailer } from './support.js';

export const IMANAGED = 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4';
export const IREMOTE = '6619a740-8154-43be-a186-0319578e02db';
const ICOMPONENT = '8165b19e-8d3a-4d0b-80c8-97de310db583';
const IDISPATCH = '00020400-0000-0000-c000-000000000046';
const IREMUNKNOWN = '00000131-0000-0000-c000-000000000046';
const IEXPORTER = '99fcfec4-5260-101b-bbcb-00aa0021347a';
const EPMAPPER = 'e1af8308-5d1f-11c9-91a4-08002b14a0fa';
export const MGMT = 'afa8bd80-7d8a-11c9-bef4-08002b102989';
export const OBJECT_IID = '65074f7f-63c0-304e-af0a-d51741cb4a8d';
export const OTHER_IID = '12345678-1234-1234-1234-123456789abc';
export const COUNTED = 'b196b28f-bab4-101a-b69c-00aa00341d07';

export type Play = (net: Network) => void;

/** A remote message as a request of IRemoteDispatch, and its answer. */
export const message =
  (s: NdrValue, answer: NdrValue = null): Play =>
  (net) =>
    void net.connect().bind(IREMOTE).call('IRemoteDispatch.RemoteDispatchAutoDone', { s }, { pRetVal: answer });

/** What GetSerializedBuffer returns. */
export const buffer =
  (pBSTR: NdrValue, server = SERVER): Play =>
  (net) =>
    void net.connect(net.client, server).bind(IMANAGED).call('IManagedObject.GetSerializedBuffer', {}, { pBSTR });

export const objRef = (
  uris: readonly string[],
  type = 'Svc, Svc, Version=1.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089',
) =>
  object(
    'System.Runtime.Remoting.ObjRef',
    {
      uri: 'svc.rem',
      objrefFlags: { type: 'System.Int32', value: 0 },
      typeInfo: object('System.Runtime.Remoting.TypeInfo', { serverType: type }, null),
      channelInfo: object(
        'System.Runtime.Remoting.ChannelInfo',
        {
          channelData: {
            type: 'System.Object[]',
            rank: 1,
            lengths: [1],
            elements: [
              object(
                'System.Runtime.Remoting.Channels.ChannelDataStore',
                {
                  _channelURIs: {
                    type: 'System.String[]',
                    rank: 1,
                    lengths: [uris.length],
                    elements: uris.map((value) => ({ type: 'System.String', value })),
                  },
                },
                null,
              ),
            ],
          },
        },
        null,
      ),
    },
    null,
  );

export const call = (type: string, ...args: NonNullable<ReturnType<typeof object>>[]): NdrValue =>
  graph({ call: { kind: 'call', method: 'Do', type, args } });

export const bytes = (...values: readonly number[]) => ({
  type: 'System.Byte[]',
  rank: 1,
  lengths: [values.length],
  elements: values.map((value) => ({ type: 'System.Byte', value })),
});

/** RemQueryInterface with its result for one interface. */
export const query =
  (iid: string, hResult: string): Play =>
  (net) =>
    void net
      .connect()
      .bind(IREMUNKNOWN)
      .call(
        'IRemUnknown.RemQueryInterface',
        { ripid: IPID, cRefs: 5, cIids: 1, iids: [iid] },
        {
          ppQIResults: [
            {
              hResult,
              std: { flags: 0, cPublicRefs: 5, oxid: '0x0000000000001111', oid: '0x0000000000002222', ipid: IPID },
            },
          ],
        },
      );

/** A resolver's answer for an OXID. */
export const resolve =
  (server: string, ...addresses: readonly string[]): Play =>
  (net) =>
    void net
      .connect(net.client, server, 135)
      .bind(IEXPORTER)
      .call(
        'IObjectExporter.ResolveOxid',
        { pOxid: '0x0000000000001111', cRequestedProtseqs: 1, arRequestedProtseqs: [7] },
        { ppdsaOxidBindings: dual(...addresses), pipidRemUnknown: IPID, pAuthnHint: 5 },
      );

/** A resolver tells of itself. */
export const alive: Play = (net) =>
  void net
    .connect(net.client, SERVER, 135)
    .bind(IEXPORTER)
    .call(
      'IObjectExporter.ServerAlive2',
      {},
      { pComVersion: { MajorVersion: 5, MinorVersion: 7 }, ppdsaOrBindings: dual(SERVER), pReserved: 0 },
    );

/** A call to an object through an interface that nobody bound; the request begins with these numbers. */
export const unbound =
  (major: number, minor: number, reserved = 0): Play =>
  (net) => {
    const orpcThis = Uint8Array.of(major, 0, minor, 0, 0, 0, 0, 0, reserved, 0, 0, 0, ...ORPCTHIS.subarray(12));
    net.connect().request(3, orpcThis, { ipid: IPID });
  };

/** A request that is no more than the beginning of an ORPCTHIS, on an interface that a bind named. */
export const damaged =
  (iid: string): Play =>
  (net) =>
    net.connect().bind(iid).request(3, ORPCTHIS.subarray(0, 10), { ipid: IPID });

/** GetTypeInfo's answer, an interface pointer. */
export const pointer =
  (ppTInfo: NdrValue): Play =>
  (net) =>
    void net.connect().bind(IDISPATCH).call('IDispatch.GetTypeInfo', { iTInfo: 0, lcid: 0 }, { ppTInfo });

export const names =
  (name: string, id: number): Play =>
  (net) =>
    void net
      .connect()
      .bind(IDISPATCH)
      .call(
        'IDispatch.GetIDsOfNames',
        { riid: '00000000-0000-0000-0000-000000000000', rgszNames: [name], cNames: 1, lcid: 0 },
        { rgDispId: [id] },
      );

/** A request in two fragments. */
export const fragments =
  (second: { opnum?: number; auth?: boolean }): Play =>
  (net) => {
    const talk = net.connect().bind(IMANAGED);
    talk.request(3, ORPCTHIS.subarray(0, 16), { flags: FIRST, ipid: IPID, auth: trailer(5) });
    const auth = second.auth === false ? undefined : trailer(5);
    talk.request(second.opnum ?? 3, ORPCTHIS.subarray(16), { flags: LAST, ipid: IPID, auth });
  };

/** A request whose verification trailer names an interface. */
export const verification =
  (iid: string): Play =>
  (net) => {
    const guid = (text: string): number[] => {
      const b = Buffer.from(text.replaceAll('-', ''), 'hex');
      return [
        ...b.subarray(0, 4).reverse(),
        ...b.subarray(4, 6).reverse(),
        ...b.subarray(6, 8).reverse(),
        ...b.subarray(8),
      ];
    };
    const ndr = guid('8a885d04-1ceb-11c9-9fe8-08002b104860');
    const trail = [
      0x8a,
      0xe3,
      0x13,
      0x71,
      0x02,
      0xf4,
      0x36,
      0x71,
      2,
      0x40,
      40,
      0,
      ...guid(iid),
      0,
      0,
      0,
      0,
      ...ndr,
      2,
      0,
      0,
      0,
    ];
    const talk = net.connect().bind(IMANAGED);
    talk.request(3, Uint8Array.from([...ORPCTHIS, ...trail]), { ipid: IPID });
  };

/** A call to a COM object, and the fault or the HRESULT that comes back; at `level` where that is not none. */
export const refused =
  (answer: { fault: number } | { result: number }, level = 0): Play =>
  (net) => {
    const talk = net.connect().bind(IMANAGED, level === 0 ? {} : { auth: trailer(level) });
    talk.request(4, ORPCTHIS, { ipid: IPID, auth: level < 4 ? undefined : trailer(level) });
    if ('fault' in answer) talk.fault(answer.fault);
    else {
      const result = new Uint8Array(12);
      new DataView(result.buffer).setUint32(8, answer.result, true);
      talk.response(result);
    }
  };

/** ept_lookup: of all elements or by interface, with so many entries as the answer. */
export const lookup =
  (entries: number, o: { inquiry?: number; auth?: boolean; times?: number } = {}): Play =>
  (net) => {
    const talk = net.connect(net.client, SERVER, 135).bind(EPMAPPER, o.auth === true ? { auth: trailer(2) } : {});
    const handle = { context_handle_attributes: 0, context_handle_uuid: '00000000-0000-0000-0000-000000000000' };
    const asked = { inquiry_type: o.inquiry ?? 0, object: null, interface_id: null, vers_option: 1, max_ents: 500 };
    for (let i = 0; i < (o.times ?? 1); i++)
      talk.call(
        'epmapper.ept_lookup',
        { ...asked, entry_handle: handle },
        {
          entry_handle: handle,
          num_ents: entries,
          entries: Array.from({ length: entries }, () => ({ object: OTHER_IID, tower: null, annotation: 'x' })),
        },
      );
  };

/** Binds to so many interfaces, one connection each. */
export const probe =
  (count: number, o: { refused?: boolean; auth?: Uint8Array } = {}): Play =>
  (net) => {
    for (let i = 0; i < count; i++)
      net.connect(net.client, SERVER, 49152).bind(`0000${(0x1000 + i).toString(16)}${OTHER_IID.slice(8)}`, o);
  };

export const bind =
  (client: string, asked: number, given: number): Play =>
  (net) =>
    void net.connect(client).bind(IMANAGED, { asked, given });

export const both =
  (...plays: readonly Play[]): Play =>
  (net) => {
    for (const play of plays) play(net);
  };

/** The same through pipes: in a user's session of SMB, or in one whose setup was not captured. */
export const inPipes =
  (play: Play, isKnown = true): Play =>
  (net) => {
    const user = { carrier: 'smb', type: 'NTLM', user: 'LAB\\pia', level: 5 } as const;
    net.protection = { ...NO_AUTH, ...(isKnown ? user : { isCut: true }) };
    play(net);
  };

export const ADDRESS = object('Address', { Street: 'One Way' });
export const DELEGATE = object('System.DelegateSerializationHolder', { target: 'x' }, null);
export const component =
  (elements: readonly string[]): Play =>
  (net) =>
    void net
      .connect()
      .bind(ICOMPONENT)
      .call(
        'IServicedComponentInfo.GetComponentInfo',
        { infoMask: 1 },
        {
          infoMask: 1,
          infoArray: {
            vt: 'VT_BSTR',
            features: ['FADF_BSTR', 'FADF_HAVEVARTYPE'],
            bounds: [{ lower: 0, count: elements.length }],
            elements: elements.map(bstr),
            cbElements: 4,
            cLocks: 0x80000,
            sfType: 8,
            pointers: 1,
          } as unknown as NdrValue,
        },
      );

export const manyNulls = (count: number): Uint8Array => {
  // header, ArraySingleObject of `count`, one run of as many nulls, MessageEnd
  const b = Buffer.alloc(17 + 9 + 5 + 1);
  b.set([0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0, 0, 0]);
  b.writeInt32LE(count, 22);
  b[26] = 14;
  b.writeInt32LE(count, 27);
  b[31] = 11;
  return Uint8Array.from(b);
};

/** Arrays in arrays, a null in the innermost. */
export const nested = (depth: number): Uint8Array => {
  const b = [0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0];
  for (let id = 1; id <= depth; id++) b.push(16, id & 255, id >> 8, 0, 0, 1, 0, 0, 0);
  return Uint8Array.from([...b, 10, 11]);
};
