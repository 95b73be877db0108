/** How the parts of a value become JSON and back: handed to what converts OBJREFs and SAFEARRAYs, which hold values again. */
import type { NdrType, NdrValue } from '../../dissectors/ndr/types.js';
import type { Json } from './error.js';

/** A value as JSON (values.ts). */
export type ToDocument = (type: NdrType, value: NdrValue | undefined) => Json;

/** JSON as a value; `path` is for messages, `ndr64` for numbers that are wider there (from-document.ts). */
export type FromDocument = (type: NdrType, json: Json | undefined, path: string, ndr64?: boolean) => NdrValue;
