/** IRemoteDispatch: a serviced component's methods called with .NET remoting messages (MS-IOI 3.1.4.2). */

import { BSTR, bringsException, isBstr } from '../dcom/bstr.js';
import { tagged } from '../dcom/value.js';
import { type OperationSpec, operation, type RpcInterface } from '../ndr/interface.js';
import { IDispatch } from './IDispatch.js';
import { MS_IOI } from './ioi.js';

const MESSAGE: OperationSpec = {
  in: { s: BSTR },
  out: { pRetVal: BSTR },
  retval: 'pRetVal',
  tells: ({ in: asked, out }) => [
    { kind: 'remoted', message: tagged(asked?.s, 'bstr'), answer: tagged(out?.pRetVal, 'bstr') },
  ],
  threw: ({ pRetVal }) => bringsException(pRetVal),
  plausible: (p, side) => {
    const message = side === 'request' ? p.s : p.pRetVal;
    return isBstr(message) && message.nrbf !== null;
  },
};

export const IRemoteDispatch: RpcInterface = {
  name: 'IRemoteDispatch',
  uuid: '6619a740-8154-43be-a186-0319578e02db',
  version: '0.0',
  spec: 'MS-IOI 3.1.4.2',
  orpc: true,
  protocol: MS_IOI,
  ops: {
    ...IDispatch.ops,
    7: operation('ioi', 'RemoteDispatchAutoDone', { section: 'MS-IOI 3.1.4.2.1', ...MESSAGE }),
    8: operation('ioi', 'RemoteDispatchNotAutoDone', { section: 'MS-IOI 3.1.4.2.2', ...MESSAGE }),
  },
};
