/** SOAP messages of Mono (../shared/captures/remoting), against what its programs logged of them. */
import { describe, expect, it } from 'vitest';
import { soapException, soapObjRefs, soapToJson } from '../../dissectors/soap/index.js';
import { partitionProblems } from '../fuzz/partition.js';
import { type Body, bodies, hasShared, reading } from './support.js';

type Json = { [name: string]: unknown };

const isObject = (x: unknown): x is Json => typeof x === 'object' && x !== null;

/** Texts of the scalars in a value of the truth or of ours, references followed; enumerations and times are left out. */
function scalars(x: unknown, ids: ReadonlyMap<unknown, Json> = new Map(), met = new Set<unknown>()): string[] {
  if (Array.isArray(x)) return x.flatMap((one) => scalars(one, ids, met));
  if (!isObject(x)) return x === null || x === undefined ? [] : [plain(x)];
  if ('ref' in x && ids.has(x.ref)) {
    if (met.has(x.ref)) return [];
    met.add(x.ref);
    return scalars(ids.get(x.ref), ids, met);
  }
  if (x.type === 'System.Byte[]' && Array.isArray(x.elements))
    return [Buffer.from(x.elements.map((e: unknown) => Number(isObject(e) ? e.value : e))).toString('base64')];
  if (isObject(x.members)) {
    if (Object.keys(x.members).join() === 'value__' || String(x.type).startsWith('System.Runtime.Remoting')) return [];
    return Object.values(x.members).flatMap((one) => scalars(one, ids, met));
  }
  if ('elements' in x) return scalars(x.elements, ids, met);
  return 'value' in x && x.value !== null ? [plain(x.value)] : [];
}

function plain(x: unknown): string {
  const text = String(x)
    .replace(/^INF$/, 'Infinity')
    .replace(/^-INF$/, '-Infinity');
  const number = Number(text);
  return text.trim() === '' || Number.isNaN(number) ? text : number.toPrecision(6);
}

function byId(x: unknown, found = new Map<unknown, Json>()): Map<unknown, Json> {
  if (Array.isArray(x)) for (const one of x) byId(one, found);
  else if (isObject(x)) {
    if (typeof x.id === 'string' && !found.has(x.id)) found.set(x.id, x);
    for (const one of Object.values(x)) byId(one, found);
  }
  return found;
}

/** What of the truth's scalars is not among ours. */
function lost(want: unknown, got: unknown, document: unknown): string[] {
  const have = new Set(scalars(got, byId(document)));
  return scalars(want).filter((text) => !have.has(text));
}

const nameOf = (parameter: string): string => parameter.split(' ').at(-1) ?? '';

describe.skipIf(!hasShared)('SOAP of Mono (skipped: no ../shared/captures)', () => {
  const all = hasShared ? ['tcp-soap', 'http-soap', 'http-odd-soap'].flatMap(bodies) : [];
  const only = (side: Body['side']) => all.filter((body) => body.side === side);

  it('finds the bodies', () => {
    expect(all.length).toBe(203);
  });

  it.each(all)('$name is read whole, without a warning, every byte in one leaf', ({ bytes }) => {
    const { message, recording } = reading(bytes, { record: true });
    expect(recording.notes).toEqual([]);
    expect(message.complete).toBe(true);
    expect(partitionProblems(recording)).toEqual([]);
    expect(reading(bytes).message).toEqual(message);
  });

  it.each(only('request'))('$name: method, arguments and context', ({ call, bytes }) => {
    const { message } = reading(bytes);
    const { soap } = soapToJson(message, { full: true });
    expect(message.kind).toBe('call');
    expect(message.typeName).toBe(call.type);
    expect(soap.method).toBe(call.method);
    const parameters = call.parameters ?? [];
    const sent = parameters.flatMap((parameter, i) => (parameter.startsWith('out ') ? [] : [i]));
    if (call.argsPartial !== true) {
      expect(soap.args.map((arg) => arg.name)).toEqual(sent.map((i) => nameOf(parameters[i])));
      expect(
        lost(
          sent.map((i) => call.args[i]),
          soap.args.map((arg) => arg.value),
          soap,
        ),
      ).toEqual([]);
    }
    expect(
      lost(
        call.context,
        soap.headers.map((header) => header.value),
        soap,
      ),
    ).toEqual([]);
  });

  it.each(only('response'))('$name: return value, out arguments and exception', ({ call, bytes }) => {
    const { message } = reading(bytes);
    const { soap } = soapToJson(message, { full: true });
    if (call.exception != null) {
      expect(soap.fault?.string).toContain(call.exception.message);
      const thrown = soapException(message);
      const chain = thrown === null ? [] : [thrown, ...thrown.inner];
      const want = [];
      for (let e = call.exception; e != null; e = e.inner as typeof e) want.push([e.type, e.message]);
      expect(chain.map(({ type, message }) => [type, message])).toEqual(want);
      return;
    }
    expect(soap.fault).toBeNull();
    expect(soap.method).toBe(`${call.method}Response`);
    if (call.returnVoid === true) expect(message.returnValue).toBeNull();
    else if (call.returnPartial !== true) {
      if (call.returnValue === null) expect(soap.returnValue).toBeNull();
      expect(lost(call.returnValue, soap.returnValue, soap)).toEqual([]);
    }
    if (call.outArgs != null && call.returnPartial !== true) {
      const names = call.outArgs.indices.map((i) => nameOf(call.parameters[i]));
      expect(soap.args.map((arg) => arg.name).sort()).toEqual(names.sort());
      expect(
        lost(
          call.outArgs.values,
          soap.args.map((arg) => arg.value),
          soap,
        ),
      ).toEqual([]);
    }
  });

  it('finds the ObjRefs that are handed out and taken', () => {
    const found = all
      .flatMap(({ bytes }) => soapObjRefs(reading(bytes).message))
      .map(({ uri, type, interfaces, channels, activation, processId }) => [
        uri?.replace(/[0-9a-f]{4,}/g, 'x'),
        type?.split(',')[0],
        interfaces.map((name) => name.split(',')[0]).join(),
        channels.join(),
        activation,
        processId?.length,
      ]);
    expect(found.length).toBe(6);
    expect(new Set(found.map((one) => one.slice(1, 3).join()))).toEqual(
      new Set(['Depot.Contract.Shelf,Depot.Contract.IReport']),
    );
    expect(new Set(found.map((one) => one[3]))).toEqual(new Set(['http://10.30.0.20:8080', 'http://10.30.0.10:8096']));
    expect(new Set(found.map((one) => one[4]))).toEqual(new Set(['client-activated or marshalled']));
    expect(new Set(found.map((one) => one[5]))).toEqual(new Set([36]));
  });
});
