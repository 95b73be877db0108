/**
 * How fast NRBF is read: MB/s of three shapes and of remoting streams, and how that compares with JSON.parse of the
 * same values and with another reader where one is given. Runs on compiled output:
 *   node test/bench/nrbf.mjs [--peer MODULE]     MODULE exports deserialize(bytes), as ms-nrbf-js does
 * CLRSCOPE_DIST names the compiled output where it is not dist/.
 */
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const dist = process.env.CLRSCOPE_DIST ?? new URL('../../dist', import.meta.url).pathname;
const load = (path) => import(pathToFileURL(`${dist}/${path}`).href);
const { readNrbf, recordAt, rootValue, describeNrbf, typedElements, writeNrbf } =
  await load('dissectors/nrbf/index.js');
const { Cursor } = await load('src/core/cursor.js');
const { Recording } = await load('src/core/recording.js');
const { fileSource } = await load('src/core/source.js');

const at = process.argv.indexOf('--peer');
const peer = at < 0 ? null : await import(pathToFileURL(process.argv[at + 1]).href);

const HEADER = { type: 'SerializedStreamHeader', rootId: 1, headerId: -1, majorVersion: 1, minorVersion: 0 };
const END = { type: 'MessageEnd' };

/** Laid out as .NET does: an array of references, then the objects. */
function smallObjects(count) {
  const members = ['Id', 'Tag'];
  const types = ['Int32', 'Byte'].map((primitive) => ({ type: 'Primitive', primitive }));
  const objects = Array.from({ length: count }, (_, i) => ({
    type: 'ClassWithId',
    objectId: i + 3,
    metadataId: 3,
    values: [i, i & 0xff],
  }));
  objects[0] = {
    ...objects[0],
    type: 'ClassWithMembersAndTypes',
    className: 'Vec.Alpha.Small',
    memberNames: members,
    memberTypes: types,
    libraryId: 2,
  };
  return writeNrbf({
    records: [
      HEADER,
      { type: 'ArraySingleObject', objectId: 1, arrayLength: count },
      ...objects.map(({ objectId }) => ({ type: 'MemberReference', idRef: objectId })),
      {
        type: 'BinaryLibrary',
        libraryId: 2,
        libraryName: 'VecAlpha, Version=1.2.3.4, Culture=neutral, PublicKeyToken=null',
      },
      ...objects,
      END,
    ],
  });
}

function strings(count) {
  const texts = Array.from({ length: count }, (_, i) => ({
    type: 'BinaryObjectString',
    objectId: i + 2,
    value: `${'customer name, street, city and the like'.slice(0, 1 + ((i * 7) % 40))} ${i}`,
  }));
  return writeNrbf({
    records: [HEADER, { type: 'ArraySingleString', objectId: 1, arrayLength: count }, ...texts, END],
  });
}

function numbers(primitive, size, count) {
  const data = Buffer.alloc(count * size);
  for (let i = 0; i < count; i++)
    if (primitive === 'Double') data.writeDoubleLE(i / 7, i * 8);
    else data.writeInt32LE(i * 7, i * 4);
  return writeNrbf({
    records: [
      HEADER,
      { type: 'ArraySinglePrimitive', objectId: 1, arrayLength: count, primitive, hex: data.toString('hex') },
      END,
    ],
  });
}

const read = (bytes, options) => readNrbf(new Cursor(fileSource('NRBF', bytes), new Recording(false)), options);

/** Best time of a few runs, in seconds a run. */
function time(run) {
  let best = Number.POSITIVE_INFINITY;
  const until = performance.now() + 1500;
  for (let i = 0; i < 4 || performance.now() < until; i++) {
    const from = performance.now();
    run();
    best = Math.min(best, performance.now() - from);
  }
  return best / 1000;
}

/** The values as a program would write them in JSON. */
function plainJson(value) {
  return JSON.stringify(value, (_, v) => {
    if (v === null || typeof v !== 'object') return v;
    if (v.members !== undefined) return v.members;
    if (v.elements !== undefined) return v.elements;
    return v.value !== undefined ? v.value : v;
  });
}

const rows = [];
function shape(name, bytes) {
  const mb = bytes.length / 1e6;
  const { root } = rootValue(read(bytes));
  const valueText = JSON.stringify(root);
  const plainText = plainJson(root);
  const primitive = read(bytes).root?.data != null;
  const check = time(() => read(bytes, { validate: true }));
  const decode = time(() => {
    const stream = read(bytes);
    if (primitive) typedElements(stream.root);
  });
  // objects and strings stay offsets until somebody asks: here somebody asks for each
  const made = time(() => {
    const stream = read(bytes);
    for (let i = 0; i < stream.records.length; i++) recordAt(stream, i);
    if (primitive) typedElements(stream.root);
  });
  const values = time(() => rootValue(read(bytes)));
  const plain = time(() => JSON.parse(plainText));
  const value = time(() => JSON.parse(valueText));
  // primitive arrays stay the bytes that they are until somebody asks
  const rate = (seconds) => (mb / seconds > 20_000 ? 'not touched' : `${(mb / seconds).toFixed(0)} MB/s`);
  let theirs = '';
  if (peer !== null) {
    try {
      theirs = `${(time(() => peer.deserialize(bytes)) / decode).toFixed(1)} x`;
    } catch (error) {
      theirs = `cannot: ${String(error.message).slice(0, 40)}`;
    }
  }
  rows.push({
    shape: name,
    MB: Number(mb.toFixed(1)),
    validate: rate(check),
    decode: rate(decode),
    'all made': rate(made),
    VALUEs: rate(values),
    'decode / JSON.parse of plain JSON': `${(plain / decode).toFixed(2)} x`,
    'all made / JSON.parse of plain JSON': `${(plain / made).toFixed(2)} x`,
    'VALUEs / JSON.parse of VALUEs': `${(value / values).toFixed(2)} x`,
    ...(peer === null ? {} : { 'decode / peer': theirs }),
  });
}

shape('small objects', smallObjects(200_000));
shape('Int32[4,000,000]', numbers('Int32', 4, 4_000_000));
shape('Double[2,000,000]', numbers('Double', 8, 2_000_000));
shape('strings', strings(200_000));
console.table(rows);

const folder = new URL('../nrbf/vectors', import.meta.url).pathname;
if (existsSync(folder)) {
  const streams = ['v-call-send-address', 'v-return-outref', 'v-objref-tcp', 'v-return-throw', 'v-call-add-int'].map(
    (name) => readFileSync(`${folder}/${name}.nrbf`),
  );
  const bytes = streams.reduce((sum, s) => sum + s.length, 0) * 1000;
  const line = (what, run) => {
    const seconds = time(() => {
      for (let i = 0; i < 1000; i++) for (const s of streams) run(s);
    });
    console.log(
      `remoting streams, ${what}: ${(bytes / 1e6 / seconds).toFixed(0)} MB/s, ${((seconds / 5000) * 1e6).toFixed(1)} µs a stream of ${Math.round(bytes / 5000)} bytes`,
    );
  };
  line('read', (s) => read(s));
  line('read and described', (s) => describeNrbf(read(s)));
}
