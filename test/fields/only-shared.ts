/** Fields of which neither samples nor made captures have a sight, only captures of `../shared`. */
export const ONLY_SHARED: ReadonlySet<string> = new Set([
  'nrbf.value.boolean',
  'nrbf.value.byte',
  'nrbf.value.char',
  'nrbf.value.datetime',
  'nrbf.value.decimal',
  'nrbf.value.double',
  'nrbf.value.int16',
  'nrbf.value.int64',
  'nrbf.value.sbyte',
  'nrbf.value.timespan',
  'nrbf.value.uint16',
  'nrbf.value.uint32',
  'nrbf.value.uint64',
]);
