/** IErrorInfo and ISupportErrorInfo: what went wrong, in words (MS-OAUT 3.5 and the SDK). */

import { field } from '../../src/core/node.js';
import { BSTR } from '../dcom/bstr.js';
import { operation, type RpcInterface } from '../ndr/interface.js';
import { guid, u32 } from '../ndr/types.js';

const PROTOCOL = field('errorinfo', 'IErrorInfo');

export const IErrorInfo: RpcInterface = {
  name: 'IErrorInfo',
  uuid: '1cf2b120-547d-101b-8e65-08002b2bd119',
  version: '0.0',
  spec: 'MS-OAUT 3.5',
  orpc: true,
  protocol: PROTOCOL,
  ops: {
    3: operation('errorinfo', 'GetGUID', { out: { pGUID: guid } }),
    4: operation('errorinfo', 'GetSource', { out: { pBstrSource: BSTR } }),
    5: operation('errorinfo', 'GetDescription', { out: { pBstrDescription: BSTR } }),
    6: operation('errorinfo', 'GetHelpFile', { out: { pBstrHelpFile: BSTR } }),
    7: operation('errorinfo', 'GetHelpContext', { out: { pdwHelpContext: u32 } }),
  },
};

export const ISupportErrorInfo: RpcInterface = {
  name: 'ISupportErrorInfo',
  uuid: 'df0b3d60-548f-101b-8e65-08002b2bd119',
  version: '0.0',
  spec: 'SDK',
  orpc: true,
  protocol: PROTOCOL,
  ops: { 3: operation('errorinfo', 'InterfaceSupportsErrorInfo', { in: { riid: guid } }) },
};
