/** IConnectionPointContainer and IConnectionPoint: how a client has an object's events sent to itself. */

import { field } from '../../src/core/node.js';
import { INTERFACE_POINTER } from '../dcom/objref.js';
import { operation, type RpcInterface } from '../ndr/interface.js';
import { as, guid, u32 } from '../ndr/types.js';

const PROTOCOL = field('connectionpoint', 'IConnectionPoint');

const COOKIE = as(u32, { hex: true });

export const IConnectionPointContainer: RpcInterface = {
  name: 'IConnectionPointContainer',
  uuid: 'b196b284-bab4-101a-b69c-00aa00341d07',
  version: '0.0',
  spec: 'SDK',
  orpc: true,
  protocol: PROTOCOL,
  ops: {
    3: operation('connectionpoint', 'EnumConnectionPoints', { out: { ppEnum: INTERFACE_POINTER } }),
    4: operation('connectionpoint', 'FindConnectionPoint', { in: { riid: guid }, out: { ppCP: INTERFACE_POINTER } }),
  },
};

export const IConnectionPoint: RpcInterface = {
  name: 'IConnectionPoint',
  uuid: 'b196b286-bab4-101a-b69c-00aa00341d07',
  version: '0.0',
  spec: 'SDK',
  orpc: true,
  protocol: PROTOCOL,
  ops: {
    3: operation('connectionpoint', 'GetConnectionInterface', { out: { pIID: guid } }),
    4: operation('connectionpoint', 'GetConnectionPointContainer', { out: { ppCPC: INTERFACE_POINTER } }),
    5: operation('connectionpoint', 'Advise', { in: { pUnkSink: INTERFACE_POINTER }, out: { pdwCookie: COOKIE } }),
    6: operation('connectionpoint', 'Unadvise', { in: { dwCookie: COOKIE } }),
    7: operation('connectionpoint', 'EnumConnections', { out: { ppEnum: INTERFACE_POINTER } }),
  },
};
