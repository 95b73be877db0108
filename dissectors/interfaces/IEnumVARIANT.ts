/** IEnumVARIANT: the elements of a collection, as `foreach` asks for them (MS-OAUT 3.3). */

import { field } from '../../src/core/node.js';
import { INTERFACE_POINTER } from '../dcom/objref.js';
import { VARIANT } from '../dcom/variant.js';
import { operation, type RpcInterface } from '../ndr/interface.js';
import { counted, u32, varying } from '../ndr/types.js';

const PROTOCOL = field('enumvariant', 'IEnumVARIANT');

export const IEnumVARIANT: RpcInterface = {
  name: 'IEnumVARIANT',
  uuid: '00020404-0000-0000-c000-000000000046',
  version: '0.0',
  spec: 'MS-OAUT 3.3',
  orpc: true,
  protocol: PROTOCOL,
  ops: {
    3: operation('enumvariant', 'Next', {
      section: 'MS-OAUT 3.3.4.1',
      in: { celt: u32 },
      out: { rgVar: counted('pCeltFetched', varying(VARIANT)), pCeltFetched: u32 },
    }),
    4: operation('enumvariant', 'Skip', { section: 'MS-OAUT 3.3.4.2', in: { celt: u32 } }),
    5: operation('enumvariant', 'Reset', { section: 'MS-OAUT 3.3.4.3' }),
    6: operation('enumvariant', 'Clone', { section: 'MS-OAUT 3.3.4.4', out: { ppEnum: INTERFACE_POINTER } }),
  },
};
