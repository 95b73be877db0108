/** IRemoteSCMActivator (ISystemActivator): activation with property blobs (MS-DCOM 3.1.2.5.2.2). */

import { named, operation, type RpcInterface } from '../dcerpc/interface.js';
import { INTERFACE_POINTER } from '../dcom/objref.js';

export const IRemoteSCMActivator: RpcInterface = {
  name: 'IRemoteSCMActivator',
  uuid: '000001a0-0000-0000-c000-000000000046',
  version: '0.0',
  spec: 'MS-DCOM 3.1.2.5.2.2',
  orpc: true,
  ops: {
    0: named('Opnum0NotUsedOnWire'),
    1: named('Opnum1NotUsedOnWire'),
    2: named('Opnum2NotUsedOnWire'),
    3: operation('isystemactivator', 'RemoteGetClassObject', {
      section: 'MS-DCOM 3.1.2.5.2.2.1',
      in: { pActProperties: INTERFACE_POINTER },
      out: { ppActProperties: INTERFACE_POINTER },
    }),
    4: operation('isystemactivator', 'RemoteCreateInstance', {
      section: 'MS-DCOM 3.1.2.5.2.2.2',
      in: { pUnkOuter: INTERFACE_POINTER, pActProperties: INTERFACE_POINTER },
      out: { ppActProperties: INTERFACE_POINTER },
    }),
  },
};
