import type { Cursor } from '../../../src/core/cursor.js';
import type { Reading } from '../reading.js';
export function readSmb1(_c: Cursor, _reading: Reading): void {}
