/** What came of a call, and whether it is one of COM: one answer for all who ask. */
import { describe, expect, it } from 'vitest';
import type { Call } from '../../dissectors/call.js';
import { operation, type Told } from '../../dissectors/ndr/interface.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import { encodeValues, type ValueDocument } from '../../dissectors/nrbf/index.js';
import {
  describeResult,
  factsOf,
  hasFailed,
  isOrpc,
  isUnanswered,
  mayBeOrpc,
  outcome,
  readingOf,
} from '../../dissectors/outcome.js';
import { ObjectTable } from '../../src/analysis/objects/table.js';
import { Stats } from '../../src/analysis/stats/stats.js';
import { describeCallText } from '../../src/output/calls/text.js';
import { ipid, type Made, made } from '../analysis/support.js';
import { read } from '../nrbf/support.js';

const com = (more: Partial<Made> = {}): Call =>
  made({ iface: 'IManagedObject', operation: 'GetObjectIdentity', object: ipid(2), ...more });
const resolver = (result: number): Call => made({ iface: 'IObjectExporter', operation: 'SimplePing', result });
/** A call of a serviced component, whose answer is a message of remoting. */
const dispatch = (returned: Partial<NonNullable<ValueDocument['call']>>, more: Partial<Made> = {}): Call => {
  const nrbf = read(encodeValues({ call: { kind: 'return', args: [], ...returned } }));
  const pRetVal = { [KIND]: 'bstr', cBytes: 0, bytes: new Uint8Array(), nrbf } as never;
  return com({ iface: 'IRemoteDispatch', operation: 'RemoteDispatchAutoDone', out: { pRetVal }, ...more });
};
const text = (value: string) => ({ type: 'System.String', value });
const THROWN = { exception: text('it broke') };
const oldActivator = (result: number): Call => made({ iface: 'IActivation', operation: 'RemoteActivation', result });

describe('outcome', () => {
  it.each([
    ['S_OK', com(), 'succeeded'],
    ['S_FALSE', com({ result: 1 }), 'succeeded'],
    ['an HRESULT that is a success with a Win32 code in it', com({ result: 0x70005 }), 'succeeded'],
    ['E_NOINTERFACE', com({ result: 0x80004002 }), 'failed'],
    ['an exception in a message', dispatch(THROWN), 'failed'],
    ['a value in a message', dispatch({ returnValue: text('fine') }), 'succeeded'],
    ['a resolver that answers 0', resolver(0), 'succeeded'],
    ['a resolver that answers 5', resolver(5), 'failed'],
    ['RemoteActivation, which returns a status too', oldActivator(5), 'failed'],
    ['a fault of the method', com({ fault: 0x6be }), 'fault'],
    ['a fault that denies access', com({ fault: 5 }), 'refused'],
    ['a denial as HRESULT of Win32', com({ fault: 0x80070005 }), 'refused'],
    ['a denial of SSPI', com({ fault: 0x8009030c }), 'refused'],
    ['a fault of another facility that ends alike', com({ fault: 0x8009100c }), 'fault'],
    ['an operation that is not there', com({ fault: 0x1c010002 }), 'refused'],
    ['silence', com({ answer: null }), 'unanswered'],
    ['silence that was asked for', { ...com({ answer: null }), oneWay: true }, 'one-way'],
    ['a fault where none was asked for', { ...com({ fault: 0x6be }), oneWay: true }, 'fault'],
    ['an answer that nobody opens', { ...com(), result: null, auth: { ...com().auth, decrypted: false } }, 'sealed'],
    ['an answer of which no return value is read', { ...com(), result: null }, 'answered'],
  ] as [string, Call, string][])('%s', (_, call, came) => {
    expect(outcome(call)).toBe(came);
    expect(hasFailed(call)).toBe(['failed', 'fault', 'refused'].includes(came));
    expect(isUnanswered(call)).toBe(came === 'unanswered');
  });

  it('an exception in a message is told as one, not by the HRESULT that says nothing of it', () => {
    expect(describeCallText(dispatch(THROWN))).toMatch(/✗ threw .*it broke/);
    expect(describeCallText(dispatch(THROWN, { result: 0x80131500 }))).toContain('✗ 0x80131500');
  });

  it('is the same for all: a resolver that answers 5', () => {
    const call = { ...resolver(5), object: ipid(1), iface: { ...resolver(5).iface!, orpc: true } };
    const stats = new Stats();
    stats.add(call);
    expect(stats.report([]).interfaces[0]).toMatchObject({ failed: 1, faults: 0, unanswered: 0 });
    const table = new ObjectTable();
    table.add(call);
    expect(table.known('10.0.0.2', ipid(1))).toMatchObject({ calls: 1, failed: 1 });
    expect(describeCallText(call)).toContain('✗ 0x00000005 ERROR_ACCESS_DENIED');
  });

  it.each([
    ['a fault of the method', com({ fault: 0x6be }), { failed: 1, faults: 1, unanswered: 0 }],
    ['a fault that denies access', com({ fault: 5 }), { failed: 1, faults: 1, unanswered: 0 }],
    ['a return value', com({ result: 0x80004002 }), { failed: 1, faults: 0, unanswered: 0 }],
    ['silence', com({ answer: null }), { failed: 0, faults: 0, unanswered: 1 }],
    ['silence that was asked for', { ...com({ answer: null }), oneWay: true }, { failed: 0, faults: 0, unanswered: 0 }],
  ] as [string, Call, object][])('is counted by all alike: %s', (_, call, counts) => {
    const stats = new Stats();
    stats.add(call);
    expect(stats.report([]).interfaces[0]).toMatchObject(counts);
    const table = new ObjectTable();
    table.add(call);
    const { failed, unanswered } = table.known('10.0.0.2', ipid(2))!;
    expect(counts).toMatchObject({ failed, unanswered });
  });

  it('a status is named as one, and nobody throws for it', () => {
    expect(describeResult(5, resolver(5))).toMatchObject({ name: 'ERROR_ACCESS_DENIED', exception: null });
    expect(describeResult(5, oldActivator(5)).name).toBe('ERROR_ACCESS_DENIED');
    expect(describeResult(0x80004002, com()).exception).toBe('System.InvalidCastException');
  });
});

describe('how much of a call was read', () => {
  const stubs = (request: boolean, answer: boolean, more: Partial<Made> = {}): Call => {
    const call = com(more);
    return {
      ...call,
      request: { ...call.request!, isDecoded: request },
      response: call.response && { ...call.response, isDecoded: answer },
    };
  };
  const sealed = (call: Call): Call => ({ ...call, request: { ...call.request!, stub: null, isDecoded: false } });
  it.each([
    ['both its stubs', stubs(true, true), 'whole'],
    ['its request, and there is no answer', stubs(true, false, { answer: null }), 'whole'],
    ['its request, and a fault has no stub', stubs(true, false, { fault: 5 }), 'whole'],
    ['its request alone', stubs(true, false), 'partly'],
    ['neither to its end', stubs(false, false), 'partly'],
    ['its answer, where the request stayed sealed', sealed(stubs(true, true)), 'partly'],
    ['nothing, as the operation is not known', { ...stubs(false, false), operation: null }, 'no'],
    ['nothing, as there is nothing in the clear', sealed(stubs(true, true, { answer: null })), null],
  ] as [string, Call, string | null][])('%s', (_, call, reading) => {
    expect(readingOf(call)).toBe(reading);
  });
});

describe('whether a call is one of COM', () => {
  const unknown = { ...com(), iface: null, iid: null, interfaceFrom: 'unknown' } as Call;
  const unseen: Call = { ...unknown, request: { ...unknown.request!, stub: null } };
  it.each([
    ['its interface says so', com(), true],
    ['its interface says no', resolver(0), false],
    ['its request looked so', { ...unknown, causality: 'c' }, true],
    ['its request did not', unknown, false],
    ['its object was given as an interface pointer', { ...unknown, interfaceFrom: 'ipid' }, true],
    ['nobody can read its request', unseen, false],
    ['it names no object', { ...unknown, object: null, request: null }, false],
  ] as [string, Call, boolean][])('%s', (_, call, is) => expect(isOrpc(call)).toBe(is));

  it('one that nobody can read may be', () => {
    expect([unseen, unknown, { ...unseen, object: null }].map(mayBeOrpc)).toEqual([true, false, false]);
  });
});

it('facts of a call that failed are told without its answer', () => {
  const told: Told[] = [];
  const op = operation('x', 'X', {
    tells: (call) => {
      told.push(call);
      return [];
    },
  });
  for (const result of [0, 0x80004005]) factsOf({ ...com({ out: { a: 1 }, result }), operation: op });
  expect(told.map(({ out, answer }) => [out, answer])).toEqual([
    [{ a: 1 }, { a: 1 }],
    [{ a: 1 }, null],
  ]);
});
