/**
 * What an RPC interface is written with, as `clrscope/interfaces`: an operation, NDR types (C706 14), the types of COM,
 * and what its operations tell facts with, out of their parameters. A library user hands the interface in:
 * `calls(input, { interfaces: [ICounter] })`.
 * @module clrscope/interfaces
 */

export { BSTR, type Bstr, bstrText, isBstr } from '../dissectors/dcom/bstr.js';
export { DUALSTRINGARRAY } from '../dissectors/dcom/dual-string-array.js';
export { exported, type Fact, type GivenPointer, givenPointer } from '../dissectors/dcom/facts.js';
export { INTERFACE_POINTER } from '../dissectors/dcom/objref.js';
export { SAFEARRAY } from '../dissectors/dcom/safearray.js';
export { elementsOf, numberOf, structOf, tagged, textOf, textsOf } from '../dissectors/dcom/value.js';
export { VARIANT } from '../dissectors/dcom/variant.js';
export type { OperationSpec, RpcInterface, RpcOperation, Told } from '../dissectors/ndr/interface.js';
export { operation } from '../dissectors/ndr/interface.js';
export { KIND, kindOf, type Tagged, type ValueKind } from '../dissectors/ndr/kinds.js';
export * from '../dissectors/ndr/types.js';
// a `CustomType` reads with a cursor, and declares its fields
export type { Cursor } from './core/cursor.js';
export { type Field, field } from './core/node.js';
