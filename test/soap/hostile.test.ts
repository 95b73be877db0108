/** SOAP that was made to hurt, or was cut off: bounded work, notes that say where, every byte in one leaf. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeSoapCall,
  describeSoapReturn,
  soapException,
  soapObjRefs,
  soapToJson,
  soapTypes,
} from '../../dissectors/soap/index.js';
import { partitionProblems } from '../fuzz/partition.js';
import { bodies, callOf, envelope, hasShared, nodesOf, reading } from './support.js';

/** Everything that can be asked of a document; what it noted. */
function all(bytes: Uint8Array | string, claimed = 0) {
  const { message, recording } = reading(bytes, { record: true, claimed });
  expect(partitionProblems(recording)).toEqual([]);
  const fast = reading(bytes, { claimed });
  const json = JSON.stringify(soapToJson(message, { full: true }));
  expect(JSON.stringify(soapToJson(fast.message, { full: true }))).toBe(json);
  expect(fast.recording.notes).toEqual(recording.notes);
  expect(recording.notes.filter((note) => note.code === 'bug')).toEqual([]);
  JSON.stringify(soapToJson(message));
  for (const line of [describeSoapCall(message), describeSoapReturn(message)])
    for (const text of line?.args ?? []) expect(text.length).toBeLessThanOrEqual(120);
  soapTypes(message);
  soapObjRefs(message);
  soapException(message);
  return { message, recording, notes: recording.notes };
}

describe('entities', () => {
  it('a DOCTYPE ends the reading where it begins', () => {
    const lol = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
    const document = `<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY l0 "lol">${lol}]>${callOf('<x>&l9;</x>')}`;
    const { message, notes } = all(document);
    expect(notes).toMatchObject([{ code: 'malformed', offset: document.indexOf('<!DOCTYPE') }]);
    expect(notes[0].message).toContain('DOCTYPE');
    expect(message.kind).toBeNull();
  });

  it('an entity that XML does not have ends the reading', () => {
    const { message, notes } = all(callOf('<x>1</x><y>&file;</y>'));
    expect(notes.map((note) => note.code)).toEqual(['malformed']);
    expect(message.args.map((arg) => arg.name)).toEqual(['x', 'y'].slice(0, 1));
  });
});

describe('too much', () => {
  it('a million elements inside each other', () => {
    const { message, notes } = all(callOf('<x>'.repeat(1_000_000)));
    expect(notes.map((note) => note.code)).toEqual(['limit']);
    expect(notes[0].message).toContain('--limit depth');
    expect(message.complete).toBe(false);
  });

  it('a million attributes', () => {
    const many = Array.from({ length: 1_000_000 }, (_, i) => ` a${i}=""`).join('');
    expect(all(callOf(`<x${many}/>`)).notes.map((note) => note.code)).toEqual(['limit']);
  });

  it('more elements than a tree shows', () => {
    const { message, recording } = all(callOf('<x>1</x>'.repeat(50_000)));
    expect(recording.notes).toMatchObject([]);
    expect(message.args.length).toBe(50_000);
    expect(nodesOf(recording.roots, 'soap.more').length).toBe(1);
    expect(nodesOf(recording.roots, 'soap.arg').length).toBeLessThan(20_001);
  });

  it('text beside each of many elements', () => {
    const { recording } = all(callOf('<x/>text'.repeat(20_000)));
    expect(recording.notes.length).toBe(21);
  });

  it('a namespace that is copied for each name in it', () => {
    const document = callOf(
      `<x xmlns:n="http://schemas.microsoft.com/clr/ns/${'N'.repeat(1_000_000)}">${'<n:x n:y=""/>'.repeat(100_000)}</x>`,
    );
    expect(all(document).notes).toMatchObject([{ code: 'limit', offset: document.indexOf('<x xmlns:n') }]);
  });

  it('two namespaces in turn', () => {
    const ns = (p: string) =>
      `xmlns:${p}="http://schemas.microsoft.com/clr/nsassem/${'N'.repeat(100)}/${'%2C'.repeat(2600)}"`;
    const { notes } = all(callOf(`<x ${ns('n')} ${ns('m')}>${'<n:x/><m:x/>'.repeat(5000)}</x>`));
    expect(notes).toEqual([]);
  });

  it('the memory that elements take is bounded', () => {
    const { message, recording } = reading(callOf('<x/>'.repeat(10_000)), { limits: { nrbfKept: 200_000 } });
    expect(recording.notes).toMatchObject([{ code: 'limit' }]);
    expect(message.args.length).toBeLessThan(2000);
  });

  it('also that of ids and references, which cost as much again', () => {
    const objects = (text: string) => reading(callOf('', text.repeat(300)), { limits: { nrbfKept: 90_000 } });
    const codes = ({ recording }: ReturnType<typeof reading>) => recording.notes.map(({ code }) => code);
    expect(codes(objects('<A/>'))).not.toContain('limit');
    expect(codes(objects('<A id="a"/>'))).toContain('limit');
    expect(codes(objects('<A href="#ref-1"/>'))).toContain('limit');
  });

  it('a chain of objects that is longer than JSON is deep', () => {
    const count = 4000;
    const links = Array.from(
      { length: count },
      (_, i) =>
        `<SOAP-ENC:Array id="i${i}" SOAP-ENC:arrayType="xsd:anyType[1]"><item href="#i${i + 1}"/></SOAP-ENC:Array>`,
    ).join('');
    const { message } = all(callOf('<x href="#i0"/>', `${links}<SOAP-ENC:string id="i${count}">end</SOAP-ENC:string>`));
    const { soap } = soapToJson(message, { full: true });
    expect(soap.objects?.length).toBe(count / 200 - 1);
    expect(JSON.stringify(soap)).toContain('"value":"end"');
  });

  it('values that are shown again and again', () => {
    const text = 'x'.repeat(10_000);
    const { message } = reading(
      callOf('<x href="#s"/>'.repeat(10_000), `<SOAP-ENC:string id="s">${text}</SOAP-ENC:string>`),
      {
        limits: { output: 1_600_000 },
      },
    );
    const json = soapToJson(message);
    expect(JSON.stringify(json).length).toBeLessThan(1_000_000);
    expect(json.soap.warnings?.[0].code).toBe('limit');
  });
});

describe('circles and holes', () => {
  it('references to references are followed to their end, however many, in whichever order they stand', () => {
    const count = 50_000;
    const links = Array.from({ length: count }, (_, i) => `<A id="i${i}" href="#i${i + 1}"/>`);
    const end = `<SOAP-ENC:string id="i${count}">end</SOAP-ENC:string>`;
    for (const order of [links, [...links].reverse()]) {
      const { message } = reading(callOf('<x href="#i0"/>', order.join('') + end));
      expect(describeSoapCall(message)?.args).toEqual(['"end"']);
      const open = reading(callOf('<x href="#i0"/>', order.join(''))).message;
      expect(describeSoapCall(open)?.args).toEqual(['(missing)']);
    }
  });

  it.each([
    ['an object in itself', '<x href="#a"/>', '<A id="a"><m href="#a"/></A>'],
    ['references in a circle', '<x href="#a"/>', '<A id="a" href="#b"/><B id="b" href="#a"/>'],
    ['a reference to itself', '<x id="a" href="#a"/>', ''],
    ['a reference to the call', '<x href="#ref-1"/>', ''],
    ['a reference elsewhere', '<x href="http://example.com/x"/>', ''],
  ])('%s', (_, arg, objects) => {
    expect(all(callOf(arg, objects)).message.complete).toBe(true);
  });

  it('exceptions in a circle', () => {
    const fault =
      '<SOAP-ENV:Fault><faultstring>s</faultstring><detail href="#e"/></SOAP-ENV:Fault><E id="e"><ClassName>E</ClassName><HResult>1</HResult><InnerException href="#e"/></E>';
    expect(soapException(all(envelope(fault)).message)).toEqual({ type: 'E', message: null, stack: null, inner: [] });
  });
});

describe('what is no message', () => {
  it.each([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['text', 'hello'],
    ['other XML', '<html><body/></html>'],
    ['an empty envelope', envelope('')],
    ['two roots', `${envelope('')}<x/>`],
    ['a prefix without a namespace', callOf('<q:x/>')],
    ['an end without a beginning', callOf('</x>')],
    ['wrong nesting', callOf('<x><y></x></y>')],
    ['a control character', callOf('<x>\u0001</x>')],
    ['half a pair', Buffer.from('\ufeff<a>\ud83d</a>', 'utf16le')],
    ['zeros', new Uint8Array(100)],
    ['a mark and nothing', Buffer.from('\ufeff', 'utf16le')],
    ['a return at the end', `${envelope('')}\r`],
    ['text behind the end', `${envelope('')}x`],
  ])('%s', (_, bytes) => {
    all(bytes);
  });

  it('says where, also behind what is no ASCII', () => {
    const before = callOf('<x id="a">\u00fc\u{1f600}</x><y id="a" odd="\u00fc">').split('</i2:M>')[0];
    const { notes } = all(`${before}</y></z>`);
    expect(notes.map(({ code, offset }) => [code, offset])).toEqual([
      ['soap-attribute', Buffer.from(before).indexOf('<y')],
      ['duplicate-id', Buffer.byteLength(before)],
      ['malformed', Buffer.byteLength(before) + 8],
    ]);
  });

  it('says where XML ends to be XML, and keeps what stood before', () => {
    const document = callOf('<x>1</x><y>2</z>');
    const { message, notes } = all(document);
    expect(message.args.map((arg) => arg.name)).toEqual(['x', 'y']);
    expect(notes).toMatchObject([{ code: 'malformed', offset: document.indexOf('</z>') + 4 }]);
  });
});

describe('cut anywhere', () => {
  const samples = [
    callOf(
      '<x xsi:type="xsd:string">ü😀</x><y href="#a"/>',
      '<A id="a"> <m>1</m><!-- c --><n><![CDATA[d]]></n>\r\n</A>',
    ),
    ...(hasShared
      ? bodies('tcp-soap')
          .filter(({ bytes }) => bytes.length < 700)
          .slice(0, 3)
      : []
    ).map(({ bytes }) => bytes),
  ];

  it.each(samples)('sample %#: what was read stays, the rest is said to be missing', (sample) => {
    const bytes = typeof sample === 'string' ? Buffer.from(sample) : sample;
    for (let length = 0; length < bytes.length; length++) {
      const { message, notes } = all(bytes.slice(0, length), bytes.length);
      expect(message.complete).toBe(false);
      expect(notes.map((note) => note.code)).toEqual(['truncated']);
    }
  });

  it('whatever is put into a message, nothing is thrown and nothing is lost', () => {
    const document = Buffer.from(samples[0] as string);
    const bits = [
      '<',
      '>',
      '</x>',
      '<x>',
      '&',
      ';',
      '"',
      ' id="a"',
      ' href="#a"',
      '<!--',
      ']]>',
      '\r',
      '\u00ff',
      ' xmlns=""',
      '<?x?>',
    ];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(document.length), fc.constantFrom(...bits), fc.nat(3)), {
          minLength: 1,
          maxLength: 4,
        }),
        (changes) => {
          let bytes = document;
          for (const [at, bit, less] of changes)
            bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(bit, 'latin1'), bytes.subarray(at + less)]);
          all(bytes);
        },
      ),
      { numRuns: 300 },
    );
  });
});
