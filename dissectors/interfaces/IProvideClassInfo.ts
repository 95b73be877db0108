/** IProvideClassInfo, IProvideClassInfo2: the type of an object's class, which a CLR asks for to make its wrapper. */

import { field } from '../../src/core/node.js';
import { INTERFACE_POINTER } from '../dcom/objref.js';
import { operation, type RpcInterface, type RpcOperation } from '../ndr/interface.js';
import { as, guid, u32 } from '../ndr/types.js';

const PROTOCOL = field('provideclassinfo', 'DCOM IProvideClassInfo');

const ops: Record<number, RpcOperation> = {
  3: operation('provideclassinfo', 'GetClassInfo', {
    out: { ppTI: as(INTERFACE_POINTER, { name: 'provideclassinfo.itypeinfo' }) },
  }),
};

export const IProvideClassInfo: RpcInterface = {
  name: 'IProvideClassInfo',
  uuid: 'b196b283-bab4-101a-b69c-00aa00341d07',
  version: '0.0',
  spec: 'SDK',
  orpc: true,
  protocol: PROTOCOL,
  ops,
};

export const IProvideClassInfo2: RpcInterface = {
  name: 'IProvideClassInfo2',
  uuid: 'a6bc3ac0-dbaa-11ce-9de3-00aa004bb851',
  version: '0.0',
  spec: 'SDK',
  orpc: true,
  protocol: PROTOCOL,
  ops: { ...ops, 4: operation('provideclassinfo', 'GetGUID', { in: { dwGuidKind: u32 }, out: { pGUID: guid } }) },
};
