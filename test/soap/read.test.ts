/** Readings that SOAP 1.1 section 5 and .NET's names ask for, each decided by a small document. */
import { describe, expect, it } from 'vitest';
import { type SoapMessage, soapToJson, soapTypes, startsAsXml } from '../../dissectors/soap/index.js';
import { partitionProblems } from '../fuzz/partition.js';
import { callOf, envelope, leaves, nodesOf, reading } from './support.js';

const ASSEMBLY = 'A%2C%20Version%3D1.0.0.0';
const OURS = `xmlns:a1="http://schemas.microsoft.com/clr/nsassem/N/${ASSEMBLY}"`;
const SYSTEM = 'xmlns:a2="http://schemas.microsoft.com/clr/ns/System"';

/** The one argument of a call as JSON, and its warnings. */
function argument(arg: string, objects = '') {
  const { message, recording } = reading(callOf(arg, objects), { record: true });
  expect(partitionProblems(recording)).toEqual([]);
  const [first] = soapToJson(message, { full: true }).soap.args;
  return { name: first?.name, value: first?.value, notes: recording.notes.map((note) => note.code) };
}

const value = (arg: string, objects = '') => {
  const got = argument(arg, objects);
  expect(got.notes).toEqual([]);
  return got.value;
};

describe('values', () => {
  it.each([
    ['<x xsi:type="xsd:int">-5</x>', 'System.Int32', '-5'],
    ['<x xsi:type="xsd:byte">-5</x>', 'System.SByte', '-5'],
    ['<x xsi:type="xsd:unsignedByte">5</x>', 'System.Byte', '5'],
    ['<x id="ref-2" xsi:type="SOAP-ENC:string">a &lt;&#x62;&amp; é 你 😀</x>', 'System.String', 'a <b& é 你 😀'],
    ['<x xsi:type="SOAP-ENC:string">  </x>', 'System.String', '  '],
    ['<x xsi:type="SOAP-ENC:string"><![CDATA[<b>]]> and <!-- not this -->more</x>', 'System.String', '<b> and more'],
    ['<x xsi:type="xsd:string" />', 'System.String', ''],
    ['<x id="ref-3">no type, but an id</x>', 'System.String', 'no type, but an id'],
    ['<x>7</x>', null, '7'],
    ['<x xsi:type="SOAP-ENC:base64">AQID</x>', 'System.Byte[]', 'AQID'],
    [`<x ${SYSTEM} xsi:type="a2:Char"> </x>`, 'System.Char', ' '],
    [`<x ${SYSTEM} xsi:type="a2:Char">&#x0;</x>`, 'System.Char', '\0'],
    [
      '<x xsi:type="xsd:string">&#0;&#xFFFF;\u0001&quot;&#x110000;\r\n&lt;]]></x>',
      'System.String',
      '\0\uffff\u0001"&#x110000;\r\n<]]>',
    ],
    ['<x xsi:type="xsd:string"><![CDATA[&lt;\r\n]]></x>', 'System.String', '&lt;\r\n'],
    ['<x xsi:type="SOAP-ENC:base64">\n  AQ\r\nID </x>', 'System.Byte[]', 'AQID'],
    [`<x ${OURS} xsi:type="a1:Grade">Fine</x>`, 'N.Grade', 'Fine'],
    [`<x ${OURS} xsi:type="a1:Outer_x002B_Kind">One</x>`, 'N.Outer+Kind', 'One'],
    // as Mono's XmlConvert writes and reads them: pairs have eight digits, and what only looks so has its _ encoded
    [`<x ${OURS} xsi:type="a1:a_x0001F600__X002B_">One</x>`, 'N.a😀+', 'One'],
    [`<x ${OURS} xsi:type="a1:_x005F_x0020__x00110000_">One</x>`, 'N._x0020__x00110000_', 'One'],
    ['<x xsi:type="xsd:QName">a:b</x>', 'xsd:QName', 'a:b'],
    ['<x xsi:type="xsd:duration">PT1S</x>', 'System.TimeSpan', 'PT1S'],
  ])('%s', (arg, type, text) => {
    expect(value(arg)).toEqual({ type, value: text });
  });

  it.each(['<x xsi:null="1" />', '<x xsi:nil="true"></x>'])('%s is null', (arg) => {
    expect(value(arg)).toBeNull();
  });

  it('an object stands where it is first referred to, and a ref where it is met again', () => {
    const part = `<a1:Part id="ref-2" ${OURS}><Name id="ref-3">p</Name><Next href="#ref-2" /></a1:Part>`;
    const { message } = reading(callOf('<x href="#ref-2" /><y href="#ref-2" />', part));
    expect(soapToJson(message).soap.args).toEqual([
      {
        name: 'x',
        value: {
          id: 'ref-2',
          type: 'N.Part',
          members: { Name: { type: 'System.String', value: 'p' }, Next: { ref: 'ref-2' } },
        },
      },
      { name: 'y', value: { ref: 'ref-2' } },
    ]);
    expect(soapTypes(message)).toEqual([
      { type: 'N.T', assembly: 'A' },
      { type: 'N.Part', assembly: 'A, Version=1.0.0.0' },
      { type: 'System.String', assembly: null },
    ]);
  });

  it('an object without members is blank, a structure stands where it is used', () => {
    expect(value('<x href="#ref-2" />', `<a1:Empty id="ref-2" ${OURS}>\n  </a1:Empty>`)).toEqual({
      id: 'ref-2',
      type: 'N.Empty',
      members: {},
    });
    expect(value(`<x ${OURS} xsi:type="a1:Point"><X>1</X><Y>2</Y></x>`)).toEqual({
      type: 'N.Point',
      members: { X: { type: null, value: '1' }, Y: { type: null, value: '2' } },
    });
  });

  it('a boxed value may be an element of its own', () => {
    expect(value('<x href="#ref-2" />', '<SOAP-ENC:string id="ref-2">far away</SOAP-ENC:string>')).toEqual({
      type: 'System.String',
      value: 'far away',
    });
    expect(value('<x href="#ref-2" />', `<a1:Grade id="ref-2" ${OURS}>Fine</a1:Grade>`)).toEqual({
      type: 'N.Grade',
      value: 'Fine',
    });
  });

  it('names of members are those of .NET, and are all there', () => {
    const json = value(
      '<x href="#ref-2" />',
      `<a1:P id="ref-2" ${OURS}><__proto__>1</__proto__><Base_x002B_f>2</Base_x002B_f><f>3</f><f>4</f></a1:P>`,
    );
    expect(Object.entries(json?.members ?? {}).map(([name, one]) => [name, one?.value])).toEqual([
      ['__proto__', '1'],
      ['Base+f', '2'],
      ['f', '3'],
      ['f (2)', '4'],
    ]);
  });
});

describe('arrays', () => {
  const array = (attributes: string, items: string) =>
    value('<x href="#ref-2" />', `<SOAP-ENC:Array id="ref-2" ${OURS} ${attributes}>${items}</SOAP-ENC:Array>`);

  it('elements have the type of the array', () => {
    expect(array('SOAP-ENC:arrayType="xsd:int[2]"', '<item>1</item>\n<item>2</item>')).toEqual({
      id: 'ref-2',
      type: 'System.Int32[]',
      elements: [
        { type: 'System.Int32', value: '1' },
        { type: 'System.Int32', value: '2' },
      ],
    });
    expect(array('SOAP-ENC:arrayType="a1:Point[1]"', '<item><X>1</X></item>')?.elements).toEqual([
      { type: 'N.Point', members: { X: { type: null, value: '1' } } },
    ]);
    expect(
      array('SOAP-ENC:arrayType="xsd:anyType[2]"', '<item xsi:type="xsd:int">1</item><item xsi:null="1"/>'),
    ).toEqual({
      id: 'ref-2',
      type: 'System.Object[]',
      elements: [{ type: 'System.Int32', value: '1' }, null],
    });
  });

  it.each([
    ['xsd:int[2,3]', 'System.Int32[,]', [2, 3]],
    ['xsd:int[][2]', 'System.Int32[][]', [2]],
    ['a1:Part[,][4]', 'N.Part[,][]', [4]],
    ['xsd:string[]', 'System.String[]', undefined],
    ['xsd:int[1000000000]', 'System.Int32[]', [1000000000]],
  ])('%s', (told, type, lengths) => {
    const json = array(`SOAP-ENC:arrayType="${told}"`, '');
    expect(json).toMatchObject({ id: 'ref-2', type, elements: [] });
    expect(json?.lengths).toEqual(lengths);
  });

  it.each([
    ['xsd:anyType[5]', 3],
    ['SOAP-ENC:string[3]', 1],
    ['xsd:anyType[2,2]', 2],
    ['a1:Part[][4]', 2],
    ['a1:Part[2]', undefined],
    ['a1:Part[1]', undefined],
    ['a1:Part[]', undefined],
    // never left out, as they are never null
    ['xsd:int[5]', undefined],
    [`a1:Part[${'9'.repeat(30)}]`, undefined],
  ])('%s with two elements says how many nulls are left out', (told, nulls) => {
    const json = array(`SOAP-ENC:arrayType="${told}"`, '<item xsi:null="1"/><item id="i">a</item>');
    expect([json?.elements?.length, json?.nulls]).toEqual([2, nulls]);
  });

  it('says where elements belong that are not one behind the other', () => {
    const items = '<item SOAP-ENC:position="[3]">7</item><item>8</item>';
    expect(array('SOAP-ENC:arrayType="xsd:int[9]" SOAP-ENC:offset="[2]"', items)).toMatchObject({
      lengths: [9],
      offset: '[2]',
      positions: ['[3]', null],
      elements: [{ value: '7' }, { value: '8' }],
    });
  });
});

describe('messages', () => {
  const answer = (inside: string) =>
    envelope(`<i2:MResponse xmlns:i2="http://schemas.microsoft.com/clr/ns/System.IFoo">${inside}</i2:MResponse>`);
  const told = ({ kind, method, typeName, assembly }: SoapMessage) => [kind, method, typeName, assembly];

  it('names the type that is called, and its assembly', () => {
    const { message } = reading(callOf('<x>1</x>'));
    expect(told(message)).toEqual(['call', 'M', 'N.T', 'A']);
    expect(soapToJson(message).soap).not.toHaveProperty('returnValue');
    expect(told(reading(answer('')).message)).toEqual(['return', 'MResponse', 'System.IFoo', null]);
  });

  it('a method may be called Response: the transport knows which way it goes', () => {
    expect(reading(answer('<return>1</return>'), { expected: 'call' }).message).toMatchObject({
      kind: 'call',
      args: [{ name: 'return' }],
      returnValue: null,
    });
  });

  it('the return value is the first element, what follows is out and ref', () => {
    const { message } = reading(answer('<return xsi:null="1"/><a>1</a><return>2</return>'));
    expect(message.returnValue).toEqual({ kind: 'null' });
    expect(message.args.map((arg) => arg.name)).toEqual(['a', 'return']);
    expect(soapToJson(message).soap.returnValue).toBeNull();
    expect(reading(answer('<a>1</a>')).message).toMatchObject({ returnValue: null, args: [{ name: 'a' }] });
  });

  it('headers are told from the objects that they refer to', () => {
    const header =
      '<h4:__CallContext href="#ref-3" xmlns:h4="http://schemas.microsoft.com/clr/soap/messageProperties" SOAP-ENC:root="1"/>' +
      '<a1:LogicalCallContext id="ref-3" xmlns:a1="http://schemas.microsoft.com/clr/ns/System.Runtime.Remoting.Messaging"><k>v</k></a1:LogicalCallContext>';
    const { message, recording } = reading(envelope('<M/>', header));
    expect(recording.notes).toEqual([]);
    expect(soapToJson(message).soap.headers).toEqual([
      {
        name: '__CallContext',
        value: {
          id: 'ref-3',
          type: 'System.Runtime.Remoting.Messaging.LogicalCallContext',
          members: { k: { type: null, value: 'v' } },
        },
      },
    ]);
  });

  it('a fault has its code, its text and its detail, also in the form of .NET', () => {
    const fault = `<SOAP-ENV:Fault id="ref-1"><faultcode id="ref-2">SOAP-ENV:Server</faultcode><faultstring id="ref-3"> **** E - m</faultstring><detail xmlns:a1="http://schemas.microsoft.com/clr/ns/System.Runtime.Serialization.Formatters" xsi:type="a1:ServerFault"><exceptionType>N.E, A</exceptionType><message>m</message></detail></SOAP-ENV:Fault>`;
    const { message, recording } = reading(envelope(fault), { record: true });
    expect(message.kind).toBe('fault');
    expect(soapToJson(message).soap).toMatchObject({
      method: 'Fault',
      args: [],
      returnValue: null,
      fault: {
        code: 'SOAP-ENV:Server',
        string: ' **** E - m',
        detail: { members: { message: { value: 'm' } } },
      },
    });
    expect(nodesOf(recording.roots, 'soap.faultcode').map((node) => node.value)).toEqual(['SOAP-ENV:Server']);
    expect(nodesOf(recording.roots, 'soap.faultstring').map((node) => node.value)).toEqual([' **** E - m']);
  });
});

describe('what is not understood is said', () => {
  it.each([
    ['an attribute', '<x odd="1">1</x>', '', 'soap-attribute'],
    ['a type of another world', '<x xmlns:w="urn:w" xsi:type="w:T">1</x>', '', 'soap-attribute'],
    ['text beside elements', '<x>text<y>1</y></x>', '', 'soap-text'],
    ['text behind elements', '<x><y>1</y>text</x>', '', 'soap-text'],
    ['an element that nothing refers to', '', '<lonely/>', 'soap-element'],
    ['a second element with an id', '<x id="a">1</x><y id="a">2</y>', '', 'duplicate-id'],
    ['a reference to nothing', '<x href="#nowhere"/>', '', 'missing-object'],
  ])('%s', (_, arg, objects, code) => {
    expect(argument(arg, objects).notes).toEqual([code]);
  });

  it('the first of two elements with an id is meant', () => {
    expect(argument('<x href="#a"/><y id="a">1</y><z id="a">2</z>').value).toEqual({
      type: 'System.String',
      value: '1',
    });
  });

  it('text that belongs nowhere is shown as such', () => {
    const { recording } = reading(callOf('<x><y>1</y>lost</x>'), { record: true });
    expect(leaves(recording.roots)).toContain('soap.text: lost');
  });

  it('another envelope', () => {
    const soap12 =
      '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><M><a>1</a></M></e:Body></e:Envelope>';
    const { message, recording } = reading(soap12);
    expect(recording.notes.map((note) => note.code)).toEqual(['soap-version']);
    expect(message.args.map((arg) => arg.name)).toEqual(['a']);
  });

  it('no more than so many warnings of a kind', () => {
    const { recording } = reading(callOf('<x odd="1"/>'.repeat(1000)));
    expect(recording.notes.length).toBe(21);
    expect(recording.notes.at(-1)?.message).toBe('980 more of this kind');
  });
});

describe('the tree', () => {
  it('has tags, attributes and texts with their bytes, blanks as padding', () => {
    const { recording } = reading(callOf('\n <é id="ref-2">ü&lt;</é>\r\n'), { record: true });
    const all = leaves(recording.roots);
    expect(all.slice(all.indexOf('padding: \n '), -3)).toEqual([
      'padding: \n ',
      'soap.markup: <é',
      'soap.id:  id="ref-2"',
      'soap.markup: >',
      'soap.value: ü&lt;',
      'soap.markup: </é>',
      'padding: \r\n',
    ]);
    const [arg] = nodesOf(recording.roots, 'soap.arg');
    expect([arg.value, arg.display]).toEqual(['é', 'é = "ü<"']);
    expect(nodesOf(recording.roots, 'soap.value')[0].value).toBe('ü<');
  });

  it('says method, type and assembly', () => {
    const { recording } = reading(callOf(''), { record: true });
    expect(recording.roots[0].display).toBe('call N.T.M');
    for (const [field, told] of [
      ['soap.method', 'M'],
      ['soap.type', 'N.T'],
      ['soap.assembly', 'A'],
    ])
      expect(nodesOf(recording.roots, field)[0].value).toBe(told);
  });
});

describe('encodings', () => {
  const document = callOf('<x xsi:type="xsd:string">ü你😀</x>');
  const text = (bytes: Uint8Array) => {
    const { message, recording } = reading(bytes, { record: true });
    expect(partitionProblems(recording)).toEqual([]);
    return [message.complete, soapToJson(message).soap.args[0]?.value?.value, recording.notes.map((n) => n.code)];
  };

  it('UTF-8 with a mark', () => {
    expect(text(Buffer.from(`\ufeff<?xml version="1.0" encoding="utf-8"?>\n${document}`))).toEqual([true, 'ü你😀', []]);
  });

  it('UTF-16 of both orders', () => {
    const little = Buffer.from(`\ufeff${document}`, 'utf16le');
    expect(text(little)).toEqual([true, 'ü你😀', []]);
    expect(text(Buffer.from(little).swap16())).toEqual([true, 'ü你😀', []]);
  });

  it('what is no UTF-8 is read byte by byte, and said', () => {
    expect(text(Buffer.from(callOf('<x>gr\u00fcn</x>'), 'latin1'))).toEqual([true, 'gr\u00fcn', ['encoding']]);
  });

  it('a document is told by how it begins', () => {
    for (const begin of ['<a', ' \r\n<?xml', '\ufeff<a'])
      expect([begin, startsAsXml(Buffer.from(begin))]).toEqual([begin, true]);
    expect(startsAsXml(Buffer.from('\ufeff<a', 'utf16le'))).toBe(true);
    for (const begin of ['', 'a<', '\0', ' ']) expect([begin, startsAsXml(Buffer.from(begin))]).toEqual([begin, false]);
  });
});
