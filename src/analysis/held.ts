/** What the parameters of a call hold that has a meaning of its own: streams, object references, texts, messages. */
import type { Call } from '../../dissectors/call.js';
import { type Bstr, bstrText, isBstr } from '../../dissectors/dcom/bstr.js';
import type { Formatted } from '../../dissectors/dcom/facts.js';
import type { Objref } from '../../dissectors/dcom/objref.js';
import type { Side } from '../../dissectors/ndr/interface.js';
import { kindOf } from '../../dissectors/ndr/kinds.js';
import type { NrbfStream } from '../../dissectors/nrbf/index.js';
import { soapOf } from '../../dissectors/remoting/meaning.js';
import type { SoapMessage } from '../../dissectors/soap/index.js';

/** Something inside a call's parameters, and which way it went. */
export interface Held<T> {
  readonly side: Side;
  readonly value: T;
}

/** All that a call's parameters hold of these. */
export interface Holdings {
  readonly streams: readonly Held<NrbfStream>[];
  readonly objrefs: readonly Held<Objref>[];
  /** BSTRs that are text. */
  readonly texts: readonly Held<string>[];
  /** Messages of remoting, whatever formatter wrote them; those of the binary one are among `streams` too. */
  readonly messages: readonly Held<Formatted>[];
  readonly soaps: readonly Held<SoapMessage>[];
  /** BSTRs of any kind that are not empty. */
  readonly bstrs: readonly Held<Bstr>[];
}

/** Values of one call that are looked at. */
const MOST_VALUES = 100_000;

/** What a call that is over holds. */
export function heldBy(call: Call): Holdings {
  const streams: Held<NrbfStream>[] = [];
  const objrefs: Held<Objref>[] = [];
  const texts: Held<string>[] = [];
  const bstrs: Held<Bstr>[] = [];
  const messages: Held<Formatted>[] = [];
  const soaps: Held<SoapMessage>[] = [];
  let left = MOST_VALUES;
  for (const side of ['request', 'response'] as const) {
    const todo: unknown[] = [side === 'request' ? call.in : call.out];
    for (let value = todo.pop(); todo.length > 0 || value !== undefined; value = todo.pop()) {
      if (left-- <= 0) break;
      if (typeof value !== 'object' || value === null || value instanceof Uint8Array) continue;
      const kind = kindOf(value);
      if (kind === 'bstr' && isBstr(value)) {
        if (value.bytes.length > 0) bstrs.push({ side, value });
        if (value.nrbf !== null) streams.push({ side, value: value.nrbf });
        else {
          const text = bstrText(value);
          if (text !== null && text !== '') texts.push({ side, value: text });
        }
        continue;
      }
      if (kind === 'nrbf' || kind === 'soap') {
        const message = value as Formatted;
        const soap = soapOf(message);
        messages.push({ side, value: message });
        if (message.nrbf !== null) streams.push({ side, value: message.nrbf });
        if (soap !== null) soaps.push({ side, value: soap });
        continue;
      }
      if (kind === 'objref') {
        const objref = value as Objref;
        objrefs.push({ side, value: objref });
        if (objref.properties !== undefined) todo.push(objref.properties);
        continue;
      }
      const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
      for (let i = Math.min(inner.length, left) - 1; i >= 0; i--)
        if (typeof inner[i] === 'object' && inner[i] !== null) todo.push(inner[i]);
    }
  }
  return { streams, objrefs, texts, bstrs, messages, soaps };
}
