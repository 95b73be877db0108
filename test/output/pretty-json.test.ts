/** Pieces of a document are what `JSON.stringify` indents. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prettyJson } from '../../src/output/pretty-json.js';

test('pieces are those of JSON.stringify', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (document) => {
      expect([...prettyJson(document)].join('')).toBe(JSON.stringify(document, null, 2));
    }),
  );
  expect([...prettyJson({ a: undefined, b: [1, { c: 'x\ny', d: [] }], e: [] })].join('')).toBe(
    JSON.stringify({ b: [1, { c: 'x\ny', d: [] }], e: [] }, null, 2),
  );
});
