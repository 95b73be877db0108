/** Calls of the SOAP formatter read as those of the binary formatter do. */
import { describe, expect, it } from 'vitest';
import { describeSoapCall, describeSoapReturn } from '../../dissectors/soap/index.js';
import { callOf, envelope, reading } from './support.js';

const call = (args: string, objects = '') => describeSoapCall(reading(callOf(args, objects)).message);
const answer = (inside: string, objects = '') =>
  describeSoapReturn(reading(envelope(`<MResponse>${inside}</MResponse>${objects}`)).message);

const N = 'xmlns:a1="http://schemas.microsoft.com/clr/nsassem/N/A"';
const COLLECTIONS = 'xmlns:a2="http://schemas.microsoft.com/clr/ns/System.Collections"';

describe('a SOAP message in a line', () => {
  it('says type, method and arguments', () => {
    expect(call('<x xsi:type="xsd:int">2</x><s id="r" xsi:type="SOAP-ENC:string">a "b"</s><n xsi:null="1"/>')).toEqual({
      target: 'T',
      method: 'M',
      args: ['2', '"a \\"b\\""', 'null'],
    });
  });

  it.each([
    ['<x xsi:type="xsd:decimal">1.5</x>', '1.5m'],
    ['<x xmlns:s="http://schemas.microsoft.com/clr/ns/System" xsi:type="s:Char">"</x>', "'\"'"],
    [`<x ${N} xsi:type="a1:Grade">Fine</x>`, 'Grade.Fine'],
    [`<x ${N} xsi:type="a1:Grade">Fine, Raw</x>`, '"Fine, Raw"'],
    ['<x xsi:type="SOAP-ENC:base64">AQID</x>', 'byte[3] { 01 02 03 }'],
    ['<x xsi:type="SOAP-ENC:base64"></x>', 'byte[0]'],
    ['<x xsi:type="SOAP-ENC:base64">?</x>', '"?"'],
    ['<x href="#none"/>', '(missing)'],
    ['<x>line\nbreak</x>', '"line\\nbreak"'],
  ])('%s is %s', (arg, text) => {
    expect(call(arg)?.args).toEqual([text]);
  });

  it.each([
    ['an object', `<a1:P id="o" ${N}><A>1</A><B href="#o"/></a1:P>`, /^P \{ A = 1, B = P \{ A = 1, B = P /],
    [
      'an array',
      '<SOAP-ENC:Array id="o" SOAP-ENC:arrayType="xsd:int[2]"><i>1</i><i>2</i></SOAP-ENC:Array>',
      /^int\[2\] \{ 1, 2 \}$/,
    ],
    [
      'an array that ends with nulls',
      '<SOAP-ENC:Array id="o" SOAP-ENC:arrayType="xsd:anyType[5]"><i xsi:type="xsd:int">1</i><i xsi:null="1"/><i id="x">x</i></SOAP-ENC:Array>',
      /^object\[5\] \{ 1, null, "x", 2 × null \}$/,
    ],
    [
      'an array of nulls',
      '<SOAP-ENC:Array id="o" SOAP-ENC:arrayType="SOAP-ENC:string[1]"/>',
      /^string\[1\] \{ null \}$/,
    ],
    [
      'a list that ends with nulls',
      `<a2:ArrayList id="o" ${COLLECTIONS}><_items href="#i"/><_size>3</_size></a2:ArrayList><SOAP-ENC:Array id="i" SOAP-ENC:arrayType="xsd:anyType[4]"><i xsi:type="xsd:int">1</i></SOAP-ENC:Array>`,
      /^ArrayList \{ 1, 2 × null \}$/,
    ],
    [
      'a table whose last value is null',
      `<a2:Hashtable id="o" ${COLLECTIONS}><Keys href="#k"/><Values href="#v"/></a2:Hashtable><SOAP-ENC:Array id="k" SOAP-ENC:arrayType="xsd:anyType[1]"><i id="s">k</i></SOAP-ENC:Array><SOAP-ENC:Array id="v" SOAP-ENC:arrayType="xsd:anyType[1]"/>`,
      /^Hashtable \{ "k": null \}$/,
    ],
    ['an empty array', '<SOAP-ENC:Array id="o" SOAP-ENC:arrayType="xsd:int[2,3]"/>', /^int\[2, 3\]$/],
    [
      'a list',
      `<a2:ArrayList id="o" ${COLLECTIONS}><_items href="#i"/><_size>1</_size></a2:ArrayList><SOAP-ENC:Array id="i" SOAP-ENC:arrayType="xsd:anyType[4]"><i xsi:type="xsd:int">1</i></SOAP-ENC:Array>`,
      /^ArrayList \{ 1 \}$/,
    ],
    [
      'a table',
      `<a2:Hashtable id="o" ${COLLECTIONS}><Keys href="#i"/><Values href="#i"/></a2:Hashtable><SOAP-ENC:Array id="i" SOAP-ENC:arrayType="xsd:anyType[1]"><i id="s">k</i></SOAP-ENC:Array>`,
      /^Hashtable \{ "k": "k" \}$/,
    ],
    [
      'an exception',
      `<a1:E id="o" ${N}><ClassName>N.E</ClassName><Message>m</Message><HResult>1</HResult></a1:E>`,
      /^E: "m"$/,
    ],
  ])('%s', (_, object, text) => {
    expect(call('<x href="#o"/>', object)?.args[0]).toMatch(text);
  });

  it('is no longer than was asked for', () => {
    const texts = call('<x id="a">long</x>'.repeat(100).replaceAll('"a"', '"a"'))?.args ?? [];
    expect(texts.at(-1)).toBe('…');
    expect(texts.join(', ').length).toBeLessThan(160);
  });

  it('an answer has its value, or void, and what is out', () => {
    expect(answer('<return xsi:type="xsd:int">1</return><o xsi:type="xsd:int">2</o>')).toEqual({
      value: '1',
      args: ['2'],
      exception: null,
    });
    expect(answer('')?.value).toBe('void');
    expect(answer('<return xsi:null="1"/>')?.value).toBe('null');
  });

  it('a fault has its exception', () => {
    const fault = (detail: string, objects = '') =>
      describeSoapReturn(
        reading(
          envelope(
            `<SOAP-ENV:Fault><faultcode>SOAP-ENV:Server</faultcode><faultstring> **** N.E - it - broke</faultstring>${detail}</SOAP-ENV:Fault>${objects}`,
          ),
        ).message,
      )?.exception;
    expect(fault('')).toBe('E: "it - broke"');
    expect(
      fault(
        '<detail href="#f"/>',
        '<F id="f"><exception href="#e"/></F><E id="e"><ClassName>N.E</ClassName><Message>out</Message><InnerException href="#i"/></E><I id="i"><ClassName>N.I</ClassName><Message>in</Message></I>',
      ),
    ).toBe('E: "out" (inner I: "in")');
  });

  it('a call is no answer', () => {
    const { message } = reading(callOf(''));
    expect(describeSoapReturn(message)).toBeNull();
    expect(describeSoapCall(reading(envelope('')).message)).toBeNull();
  });
});
