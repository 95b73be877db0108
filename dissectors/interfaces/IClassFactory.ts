/** IClassFactory: a class object that makes instances; over the wire without an outer object. */

import { field } from '../../src/core/node.js';
import { INTERFACE_POINTER } from '../dcom/objref.js';
import { tagged } from '../dcom/value.js';
import { shortId } from '../dcom/value-text.js';
import { operation, type RpcInterface, type Summarized, type Summary } from '../ndr/interface.js';
import { as, guid, i32 } from '../ndr/types.js';

const PROTOCOL = field('classfactory', 'IClassFactory');

function summarize({ in: asked, out, nameOf }: Summarized): Summary {
  const made = tagged(out?.ppvObject, 'objref');
  return {
    ...(typeof asked?.riid === 'string' ? { arguments: nameOf(asked.riid) } : {}),
    ...(made ? { result: `${nameOf(made.iid)} ${shortId(made.ipid ?? '')}` } : {}),
  };
}

export const IClassFactory: RpcInterface = {
  name: 'IClassFactory',
  uuid: '00000001-0000-0000-c000-000000000046',
  version: '0.0',
  spec: 'SDK',
  orpc: true,
  protocol: PROTOCOL,
  notInWireshark: true,
  ops: {
    3: operation('classfactory', 'CreateInstance', {
      in: { riid: as(guid, { name: 'classfactory.riid' }) },
      out: { ppvObject: INTERFACE_POINTER },
      summarize,
    }),
    4: operation('classfactory', 'LockServer', { in: { fLock: i32 } }),
  },
};
