/** Extensions of ORPC headers (MS-DCOM 2.2.21), and what is in them. */

import { ERROR_EXTENSION } from '../../dissectors/dcom/error-info.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import type { NdrValue } from '../../dissectors/ndr/types.js';
import { concat, dword, guidBytes } from '../../src/core/bytes.js';
import type { FullValues } from './full-values.js';
import { errorInfo } from './objrefs.js';
import { INSIDE, plain, type Sight } from './sights.js';

const CONTEXT_EXTENSION = '00000334-0000-0000-c000-000000000046';
const C = 'dcom.extent.context';

function extension(id: string, bytes: Uint8Array, sights: readonly Sight[]): NdrValue {
  const data = concat(bytes, new Uint8Array(-bytes.length & 7));
  const value = { [KIND]: 'extension', id, size: bytes.length, data, errorInfo: null };
  INSIDE.set(value, [['dcom.extent.id', id], ['dcom.extent.size', bytes.length], ...sights]);
  return value;
}

/** Of a request: one that nobody knows, and a context with a policy's data (2.2.21.4), in the byte order of the PDU. */
export function requestExtensions(values: FullValues, littleEndian: boolean): NdrValue {
  const data = values.bytes(6);
  const policy = values.guid();
  const policyData = values.bytes(8);
  const words = (...numbers: number[]): Uint8Array => concat(...numbers.map((n) => dword(n, littleEndian)));
  const context = concat(
    words(0x414e554b, 0x10000, 1, 72, 72, 0x80004005, 0x80004004, 0),
    words(0x494e414e, policyData.length, 64, 0),
    guidBytes(policy, littleEndian),
    policyData,
  );
  return [
    extension(values.guid(), data, [['dcom.extent.data', plain(data)]]),
    extension(CONTEXT_EXTENSION, context, [
      [`${C}.signature`, 0x414e554b],
      [`${C}.version`, 0x10000],
      [`${C}.policies`, 1],
      [`${C}.cbbuffer`, 72],
      [`${C}.cbsize`, 72],
      [`${C}.hr`, 0x80004005],
      [`${C}.hrserver`, 0x80004004],
      [`${C}.signature`, 0x494e414e],
      [`${C}.policy_size`, policyData.length],
      [`${C}.policy_offset`, 64],
      [`${C}.policy`, policy],
      [`${C}.policy_data`, plain(policyData)],
    ]),
  ];
}

/** Of an answer: error information, and room for an even number. */
export function answerExtensions(values: FullValues): NdrValue {
  const { bytes, sights } = errorInfo(values);
  return [extension(ERROR_EXTENSION, bytes, sights), null];
}
