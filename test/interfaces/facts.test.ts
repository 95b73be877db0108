/** Facts that operations tell out of their parameters: typical ones, and none that break where parameters are missing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../dissectors/dcom/facts.js';
import { INTERFACES } from '../../dissectors/index.js';
import type { Params } from '../../dissectors/ndr/interface.js';
import { KIND } from '../../dissectors/ndr/kinds.js';

const IID = '00020400-0000-0000-c000-000000000046';
const IPID = '00001c02-03c5-07ed-7311-d8a3c2ce6f44';
const [OXID, OID] = ['0x0000000000001111', '0x0000000000002222'];
const NOTHING = '0x0000000000000000';

/** What an operation tells of a call that came back with `result`. */
function facts(name: string, request: Params | null, out: Params | null, result = 0): readonly Fact[] {
  const [iface, op] = name.split('.');
  const { ops } = INTERFACES.find((i) => i.name === iface)!;
  const { tells } = Object.values(ops).find((o) => o.name === op)!;
  return tells!({ in: request, out, answer: result === 0 ? out : null, result });
}

const bindings = { [KIND]: 'bindings', bindings: [], securityBindings: [] };
const objref = { [KIND]: 'objref', type: 'standard', iid: IID, ipid: IPID, oxid: OXID, oid: OID, publicRefs: 5 };
const std = { flags: 0, cPublicRefs: 5, oxid: OXID, oid: OID, ipid: IPID };
const given = { ipid: IPID, oxid: OXID, oid: OID, publicRefs: 5, bindings: undefined };
const bstr = (text: string) => {
  const bytes = Buffer.from(text, 'utf16le');
  return { [KIND]: 'bstr', cBytes: bytes.length, bytes, nrbf: null };
};

const OTHER = '00000000-0000-0000-c000-000100000046';

describe('an interface that is asked for', () => {
  const asked = { ripid: IPID, iids: [IID, IPID] };
  it.each([
    [
      'RemQueryInterface',
      {
        ppQIResults: [
          { hResult: '0x00000000', std },
          { hResult: '0x80004002', std },
        ],
      },
    ],
    ['RemQueryInterface2', { phr: ['0x00000000', '0x80004002'], ppMIF: [objref, null] }],
  ])('%s: given with its pointer, or refused without', (name, out) => {
    expect(facts(`IRemUnknown2.${name}`, asked, out)).toEqual([
      { kind: 'asked', ipid: IPID, iid: IID, hresult: 0, pointer: given },
      { kind: 'asked', ipid: IPID, iid: IPID, hresult: 0x80004002, pointer: null },
    ]);
    expect(facts(`IRemUnknown2.${name}`, asked, null)).toMatchObject([{ hresult: null }, { hresult: null }]);
  });

  it('of a new object: by either way to activate one', () => {
    const InstantiationInfo = { classId: IPID, pIID: [IID], clientCOMVersion: { MajorVersion: 5, MinorVersion: 7 } };
    const remoteReply = { Oxid: OXID, pdsaOxidBindings: bindings, ipidRemUnknown: IPID, authnHint: 5 };
    const PropsOutInfo = { piid: [IID], phresults: ['0x00000000'], ppIntfData: [objref] };
    const properties = (p: object) => ({ [KIND]: 'objref', type: 'custom', iid: IID, properties: p });
    const create = facts(
      'IRemoteSCMActivator.RemoteCreateInstance',
      { pActProperties: properties({ InstantiationInfo }) },
      { ppActProperties: properties({ PropsOutInfo, ScmReplyInfo: { remoteReply } }) },
    );
    const old = facts(
      'IActivation.RemoteActivation',
      { Clsid: IPID, pIIDs: [IID] },
      { pOxid: OXID, ppdsaOxidBindings: bindings, pipidRemUnknown: IPID, ppInterfaceData: [objref], pResults: [] },
    );
    for (const told of [create, old])
      expect(told).toMatchObject([
        { kind: 'activated', clsid: IPID },
        { kind: 'exported', oxid: OXID, remUnknown: IPID },
        { kind: 'asked', ipid: null, iid: IID, hresult: 0, pointer: given },
      ]);
    expect(create).toMatchObject([{ version: '5.7' }, { authnHint: 5 }, {}]);
    // an OBJREF knows better what it is than the list of what was asked for
    const other = { ...PropsOutInfo, piid: [OTHER] };
    const odd = facts(
      'IRemoteSCMActivator.RemoteCreateInstance',
      { pActProperties: properties({ InstantiationInfo: { ...InstantiationInfo, pIID: [OTHER] } }) },
      { ppActProperties: properties({ PropsOutInfo: other, ScmReplyInfo: { remoteReply } }) },
    );
    expect(odd).toMatchObject([{}, {}, { kind: 'asked', iid: IID }]);
    // what failed exports nothing
    const failed = { pOxid: NOTHING, pipidRemUnknown: IPID, phr: '0x80040154', pResults: ['0x80040154'] };
    expect(facts('IActivation.RemoteActivation', { Clsid: IPID, pIIDs: [IID] }, failed)).toMatchObject([
      { kind: 'activated' },
      { kind: 'asked', hresult: 0x80040154, pointer: null },
    ]);
  });
});

it.each([
  [
    'IRemUnknown.RemAddRef',
    { InterfaceRefs: [IPID, IID].map((ipid) => ({ ipid, cPublicRefs: 5, cPrivateRefs: 1 })) },
    { pResults: ['0x00000000', '0x80010114'] },
    [{ kind: 'references', change: 'added', ipid: IPID, publicRefs: 5, privateRefs: 1 }],
  ],
  [
    'IObjectExporter.ComplexPing',
    { pSetId: NOTHING, AddToSet: [OID], DelFromSet: null },
    { pSetId: OXID },
    [{ kind: 'pinged', set: OXID, added: [OID], removed: [] }],
  ],
  [
    'IObjectExporter.ServerAlive2',
    {},
    { pComVersion: { MajorVersion: 5, MinorVersion: 6 }, ppdsaOrBindings: bindings },
    [{ kind: 'exported', oxid: null, resolver: true, bindings, version: '5.6' }],
  ],
  [
    'IServicedComponentInfo.GetComponentInfo',
    { infoMask: 7 },
    { infoMask: 5, infoArray: { [KIND]: 'safearray', elements: [bstr('42'), bstr('/x')] } },
    [{ kind: 'component', processId: '42', appDomain: null, uri: '/x' }],
  ],
  [
    // which of the three is missing nothing tells
    'IServicedComponentInfo.GetComponentInfo',
    { infoMask: 7 },
    { infoMask: 7, infoArray: { [KIND]: 'safearray', elements: [bstr('42'), bstr('/x')] } },
    [{ kind: 'component', processId: null, appDomain: null, uri: null }],
  ],
  [
    'IDispatch.GetIDsOfNames',
    { rgszNames: ['GetType', 'No'] },
    { rgDispId: [7, -1] },
    [
      { kind: 'named', name: 'GetType', dispId: 7 },
      { kind: 'named', name: 'No', dispId: null },
    ],
  ],
  ['epmapper.ept_lookup', { inquiry_type: 1 }, { num_ents: 3 }, [{ kind: 'listed', all: false, endpoints: 3 }]],
] as [string, Params, Params, Fact[]][])('%s', (name, request, out, told) => {
  expect(facts(name, request, out)).toEqual(told);
});

function line(name: string, request: Params | null, out: Params | null) {
  const [iface, op] = name.split('.');
  const { summarize } = Object.values(INTERFACES.find((i) => i.name === iface)!.ops).find((o) => o.name === op)!;
  return summarize!({ in: request, out, nameOf: (iid: string) => (iid === IID ? 'IDispatch' : iid) } as never);
}

it('GetComponentInfo names what the mask says, where there are so many (MS-IOI 3.1.4.3.1)', () => {
  const told = (infoMask: number) =>
    line('IServicedComponentInfo.GetComponentInfo', { infoMask: 7 }, {
      infoMask,
      infoArray: { [KIND]: 'safearray', elements: [bstr('42'), bstr('/x')] },
    } as never).result;
  expect(told(5)).toBe('process id "42", URI "/x"');
  expect(told(7)).toBe('element 0 "42", element 1 "/x"');
});

describe('interface pointers in a line', () => {
  const NIL = '00000000-0000-0000-0000-000000000000';

  it('are the ends of their IPIDs; one that was given nowhere is null', () => {
    const answers = (ipid: string) => ({ ppQIResults: [{ hResult: '0x00000000', std: { ...std, ipid } }] });
    const asked = { ripid: IPID, iids: [IID] };
    expect(line('IRemUnknown.RemQueryInterface', asked, answers(IPID))).toEqual({
      arguments: '…ce6f44 for IDispatch',
      result: 'IDispatch …ce6f44',
    });
    expect(line('IRemUnknown.RemQueryInterface', asked, answers(NIL)).result).toBe('IDispatch null');
    expect(line('IRemUnknown.RemQueryInterface', { ...asked, ripid: NIL }, null).arguments).toBe(
      '…000000 for IDispatch',
    );
  });

  it('that have no IPID are so much and no more', () => {
    const custom = { [KIND]: 'objref', type: 'custom', iid: IID };
    const made = (pointer: object) =>
      line('IActivation.RemoteActivation', null, { phr: '0x00000000', pOxid: OXID, ppInterfaceData: [pointer] }).result;
    expect(made(objref)).toBe(`OXID ${OXID}: IDispatch …ce6f44`);
    expect(made(custom)).toBe(`OXID ${OXID}: IDispatch …`);
  });
});

it('IDispatch.Invoke throws what EXCEPINFO says, where it says a failure', () => {
  const invoked = (scode: string) =>
    facts('IDispatch.Invoke', { dispIdMember: 3 }, { pExcepInfo: { scode, bstrDescription: bstr('no') } }, 0x80020009);
  expect(invoked('0x80131500')).toEqual([
    { kind: 'invoked', dispId: 3 },
    { kind: 'threw', hresult: 0x80131500, message: 'no' },
  ]);
  expect(invoked('0x00000000')[1]).toMatchObject({ hresult: 0x80020009 });
});

it('are told of calls whose parameters are missing, or read in part, or of another kind', () => {
  const leaf = fc.constantFrom(null, undefined, 0, 7, '', IPID, OXID, '0x80004002', objref, std, bindings, bstr('x'));
  const value = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.record({ hResult: leaf, std: leaf, ipid: leaf }));
  const all = INTERFACES.flatMap((i) => Object.values(i.ops)).filter((op) => op.tells !== undefined);
  expect(all.length).toBeGreaterThan(15);
  for (const { request, response, tells } of all) {
    const params = (names: readonly { name: string }[]) =>
      fc.option(fc.record(Object.fromEntries(names.map((m) => [m.name, value])), { requiredKeys: [] }));
    fc.assert(
      fc.property(params(request), params(response), (asked, out) => {
        tells?.({ in: asked as Params | null, out: out as Params | null, answer: out as Params | null, result: 0 });
      }),
      { numRuns: 200 },
    );
  }
});
