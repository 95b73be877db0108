/** Any document that `encode` takes, told apart by `kind`, or by what it holds. */
import { encodeScenario } from './capture.js';
import { bytesAt, EncodeError, type Json, objectAt } from './error.js';
import { encodePdu } from './pdu.js';
import { encodeStub, type Interfaces } from './stub.js';
import { nrbfBytes } from './values.js';

/** The bytes of a document. Throws EncodeError where it cannot be encoded. */
export function encodeDocument(json: unknown, interfaces: Interfaces): Uint8Array {
  try {
    return encodeKind(json, interfaces);
  } catch (e) {
    // the tables throw for values that do not fit them
    if (e instanceof TypeError || e instanceof RangeError || e instanceof SyntaxError)
      throw new EncodeError('', `a value does not fit its type: ${e.message}`);
    throw e;
  }
}

function encodeKind(json: unknown, interfaces: Interfaces): Uint8Array {
  const o = objectAt(json, '');
  switch (o.kind ?? guess(o)) {
    case 'nrbf':
      return o.bytes === undefined ? nrbfBytes(o, '') : bytesAt(o.bytes, 'bytes');
    case 'stub':
      return encodeStub(o, interfaces);
    case 'pdu':
      return encodePdu(o, interfaces);
    case 'scenario':
      return encodeScenario(o, interfaces);
    default:
      throw new EncodeError('kind', `nrbf, stub, pdu or scenario, not ${JSON.stringify(o.kind ?? null)}`);
  }
}

function guess(o: { [member: string]: Json }): string | null {
  if ('connections' in o) return 'scenario';
  if ('side' in o) return 'stub';
  if ('records' in o || 'root' in o || 'call' in o) return 'nrbf';
  return 'callId' in o ? 'pdu' : null;
}
