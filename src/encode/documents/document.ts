/** Any document that `encode` takes, told apart by `kind`, or by what it holds. */

import { EncodeError, type Json, objectAt } from '../error.js';
import { encodeMessage } from '../messages/message.js';
import { nrbfBytes } from '../nrbf.js';
import { encodePdu } from '../pdu.js';
import { encodeScenario } from '../scenarios/capture.js';
import { encodeStub, type Interfaces } from '../stub.js';
import { checked } from './schema.js';
import { kind } from './shapes.js';

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
  switch (o.kind === undefined ? guess(o) : checked(kind, o.kind, 'kind')) {
    case 'nrbf':
      return nrbfBytes(o, '');
    case 'stub':
      return encodeStub(o, interfaces);
    case 'pdu':
      return encodePdu(o, interfaces);
    case 'message':
      return encodeMessage(o, '');
    case 'scenario':
      return encodeScenario(o, interfaces);
    default:
      throw new EncodeError('kind', 'it is missing: nrbf, stub, pdu, message or scenario is wanted');
  }
}

function guess(o: { [member: string]: Json }): string | null {
  if ('connections' in o) return 'scenario';
  if ('side' in o) return 'stub';
  if ('transport' in o) return 'message';
  if ('records' in o || 'root' in o || 'call' in o) return 'nrbf';
  return 'callId' in o ? 'pdu' : null;
}
