/** Messages of .NET remoting over TCP: framing, headers and pairing, against messages written byte by byte. */
import { describe, expect, it } from 'vitest';
import { protocols } from '../../dissectors/index.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { StateStore } from '../../src/core/context.js';
import type { Limits } from '../../src/core/limits.js';
import type { Node } from '../../src/core/node.js';
import { createStreams, type Streams } from '../../src/streams/index.js';
import { ACK, concat, ipv4, SYN, tcp, u16, u32 } from '../bytes.js';
import { partitionProblems } from '../fuzz/partition.js';
import { Feeder } from '../streams/support.js';
import {
  chunk,
  counted,
  custom,
  END,
  header,
  LAST_CHUNK,
  NRBF_RETURN,
  type Nrtp,
  nrbfCall,
  nrtp,
  typeHeader,
} from './messages.js';

interface Sent {
  readonly way: 'up' | 'down';
  /** Null: bytes that were lost, so many. */
  readonly bytes: Uint8Array | number;
}
const up = (bytes: Uint8Array | number): Sent => ({ way: 'up', bytes });
const down = (bytes: Uint8Array | number): Sent => ({ way: 'down', bytes });
const call = (method: string, more: Nrtp = {}) => nrtp({ uri: '/a', content: nrbfCall(method), ...more });
const reply = (more: Nrtp = {}) => nrtp({ operation: 2, content: NRBF_RETURN, ...more });

/** All PDUs of one connection; packets of at most `mtu` bytes. */
function pdusOf(
  sent: readonly Sent[],
  o: { mtu?: number; syn?: boolean; record?: boolean; limits?: Partial<Limits> } = {},
) {
  const { mtu = 1400, syn = true, record = true, limits = {} } = o;
  const pdus: Pdu[] = [];
  const protocol = protocols({ limits });
  const run = protocol.start(new StateStore(), { open: (...inner) => streams.carriers.open(...inner) });
  const streams: Streams = createStreams(
    protocol,
    {
      pdu: (transport) => run.dissect(transport, record, (pdu) => pdus.push(pdu)),
      note: () => {},
      closed: (connection) => run.closed(connection),
    },
    limits,
  );
  const feeder = new Feeder(streams, 101);
  const at = { up: 1000, down: 5000 };
  const send = (way: Sent['way'], bytes?: Uint8Array, flags = ACK) => {
    const [a, b, from, to] =
      way === 'up' ? ['10.0.0.1', '10.0.0.2', 50_000, 8085] : ['10.0.0.2', '10.0.0.1', 8085, 50_000];
    feeder.feed(
      ipv4(
        String(a),
        String(b),
        6,
        tcp(Number(from), Number(to), at[way], bytes, flags, way === 'up' ? at.down : at.up),
      ),
    );
  };
  if (syn) {
    send('up', undefined, SYN);
    at.up++;
    send('down', undefined, SYN | ACK);
    at.down++;
  }
  for (const { way, bytes } of sent) {
    if (typeof bytes === 'number') at[way] += bytes;
    else
      for (let i = 0; i < bytes.length; i += mtu) {
        const part = bytes.subarray(i, i + mtu);
        send(way, part);
        at[way] += part.length;
      }
  }
  streams.end();
  for (const pdu of pdus) expect(partitionProblems(pdu.recording)).toEqual([]);
  return pdus;
}

const nodes = (roots: readonly Node[]): Node[] => roots.flatMap((n) => [n, ...nodes(n.children)]);
const values = (pdu: Pdu, name: string) =>
  nodes(pdu.recording.roots)
    .filter((n) => n.field.name === name)
    .map((n) => n.value);
const codes = (pdu: Pdu) => pdu.recording.notes.map((n) => n.code);
const says = (pdus: readonly Pdu[]) =>
  pdus.map((p) => [p.call?.operation?.name ?? null, p.call?.object ?? null, p.completes, p.call?.response !== null]);

describe('headers', () => {
  const every = call('M', {
    headers: [
      custom('X-Ä', 'ü'),
      header(2, 3, u16(1, true)),
      header(3, 1, counted('phrase')),
      header(5, 0),
      typeHeader(),
      header(7, 0),
      header(8, 2, [200]),
      header(9, 3, u16(65_000, true)),
      header(0x7fff, 4, u32(0xffffffff, true)),
      header(11, 1, counted('unknown', 0)),
    ],
  });

  it('of every token and format are read, unknown ones as their format says', () => {
    const [pdu] = pdusOf([up(every)]);
    expect(values(pdu, 'nrtp.header.token')).toEqual([4, 1, 2, 3, 5, 6, 7, 8, 9, 0x7fff, 11, 0]);
    expect(values(pdu, 'nrtp.request_uri')).toEqual(['/a']);
    expect(values(pdu, 'nrtp.custom.name')).toEqual(['X-Ä']);
    expect(values(pdu, 'nrtp.custom.value')).toEqual(['ü']);
    expect(values(pdu, 'nrtp.status_code')).toEqual([1]);
    expect(values(pdu, 'nrtp.status_phrase')).toEqual(['phrase']);
    expect(values(pdu, 'nrtp.content_type')).toEqual(['application/octet-stream']);
    expect(values(pdu, 'nrtp.unknown.number')).toEqual([200, 65_000, -1]);
    expect(values(pdu, 'nrtp.unknown.text')).toEqual(['unknown']);
    expect(codes(pdu)).toEqual([]);
    expect(pdu.call?.operation?.name).toBe('M');
  });

  it('a URI in UTF-16', () => {
    const message = nrtp({ headers: [header(4, 1, counted('größe.rem', 0))], content: nrbfCall('M') });
    expect(pdusOf([up(message)])[0].call?.object).toBe('größe.rem');
  });

  it('that stand twice: the last holds (Mono called the object of the second URI), and it is said', () => {
    const uri = (text: string) => header(4, 1, counted(text));
    const [pdu] = pdusOf([up(nrtp({ headers: [uri('/a'), uri('/b')], content: nrbfCall('M') }))]);
    expect([pdu.call?.object, codes(pdu)]).toEqual(['/b', ['header-twice']]);
    const status = (code: number) => header(2, 3, u16(code, true));
    const [, answer] = pdusOf([up(call('M')), down(reply({ headers: [status(0), status(1)] }))]);
    expect([answer.call?.fault, codes(answer)]).toEqual([1, ['header-twice']]);
    expect(
      codes(pdusOf([up(call('M', { headers: [custom('X', '1'), custom('X', '2'), custom('Y', '3')] }))])[0]),
    ).toEqual(['header-twice']);
  });

  it('whose format is not that of their token, and text in no encoding that there is', () => {
    expect(codes(pdusOf([up(call('M')), down(reply({ headers: [header(2, 1, counted('1'))] }))])[1])).toEqual([
      'header-format',
    ]);
    const odd = concat([7], counted('/a').subarray(1));
    expect(codes(pdusOf([up(nrtp({ headers: [header(4, 1, odd)], content: nrbfCall('M') }))])[0])).toEqual([
      'string-encoding',
    ]);
  });

  it('a thousand are read; a million cost neither time nor memory', () => {
    const many = (n: number) => call('M', { headers: [concat(...Array.from({ length: n }, () => header(7, 0)))] });
    expect(codes(pdusOf([up(many(900))])[0])).toEqual([]);
    const began = performance.now();
    const [pdu] = pdusOf([up(many(100_000)), up(call('Next'))]);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(codes(pdu)).toEqual(['limit']);
    expect(nodes(pdu.recording.roots).length).toBeLessThan(5000);
  });
});

describe('content', () => {
  it('in chunks is joined: of one byte, and cut anywhere', () => {
    const content = nrbfCall('Method');
    for (const size of [1, 3, content.length]) {
      const chunks = Array.from({ length: Math.ceil(content.length / size) }, () => size);
      const [pdu] = pdusOf([up(call('Method', { chunks }))]);
      expect([pdu.call?.operation?.name, pdu.call?.request?.stub]).toEqual(['Method', content]);
      expect(codes(pdu)).toEqual([]);
    }
  });

  it('in more chunks than are read: it ends there, and nothing throws', () => {
    const content = new Uint8Array(300_000);
    const one = chunk(Uint8Array.of(7));
    const body = new Uint8Array(one.length * content.length);
    for (let i = 0; i < content.length; i++) body.set(one, i * one.length);
    const start = nrtp({ uri: '/a', chunks: [] }).slice(0, -LAST_CHUNK.length);
    const began = performance.now();
    const [pdu] = pdusOf([up(concat(start, body, LAST_CHUNK))], { mtu: 60_000, record: false });
    expect(performance.now() - began).toBeLessThan(3000);
    expect(codes(pdu)).toContain('limit');
    expect(pdu.call?.request?.stub).toBe(null);
  });

  it('a delimiter that is none is shown, and the message read', () => {
    const start = nrtp({ uri: '/a', chunks: [] }).slice(0, -LAST_CHUNK.length);
    const [pdu] = pdusOf([up(concat(start, chunk(nrbfCall('M'), undefined, [10, 13]), LAST_CHUNK))]);
    expect([pdu.call?.operation?.name, codes(pdu)]).toEqual(['M', ['chunk-delimiter']]);
  });

  it('of another formatter than its type says, or of an answer in a request', () => {
    const soap = (method: string) =>
      Buffer.from(
        `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>
         <i:${method} xmlns:i="http://schemas.microsoft.com/clr/ns/A"/></SOAP-ENV:Body></SOAP-ENV:Envelope>`,
      );
    const said = (...headers: Uint8Array[]) => codes(pdusOf([up(call('M', { headers }))])[0]);
    const saidOfSoap = (...headers: Uint8Array[]) => codes(pdusOf([up(call('M', { headers, content: soap('M') }))])[0]);
    expect(said(typeHeader())).toEqual([]);
    expect(said(typeHeader('text/xml; charset="utf-8"'))).toEqual(['content-type']);
    expect(saidOfSoap(typeHeader('Text/XML'))).toEqual([]);
    expect(saidOfSoap(typeHeader())).toEqual(['content-type']);
    expect(saidOfSoap(custom('SOAPAction', '"http://schemas.microsoft.com/clr/ns/A#M"'))).toEqual([]);
    expect(saidOfSoap(custom('SOAPAction', '"http://schemas.microsoft.com/clr/ns/A#Other"'))).toEqual(['soap-action']);
    expect(codes(pdusOf([up(call('M', { content: NRBF_RETURN }))])[0])).toEqual(['wrong-content']);
    expect(codes(pdusOf([up(call('M')), down(reply({ content: nrbfCall('M') }))])[1])).toEqual(['wrong-content']);
  });

  it('of a transport fault is empty: the call has its code and phrase', () => {
    const fault = reply({
      content: new Uint8Array(0),
      headers: [header(2, 3, u16(1, true)), header(3, 1, counted('no such object')), header(5, 0)],
    });
    const [, pdu] = pdusOf([up(call('M')), down(fault)]);
    expect([pdu.call?.fault, pdu.call?.faultText, pdu.completes]).toEqual([1, 'no such object', 'fault']);
  });

  it('of no formatter that is known stays bytes', () => {
    const [pdu] = pdusOf([up(nrtp({ uri: '/a', content: new Uint8Array(30).fill(7) }))]);
    expect(codes(pdu)).toEqual(['content-unknown']);
    expect(pdu.call?.object).toBe('/a');
  });
});

describe('calls', () => {
  it('are answered in their order, several messages in a segment', () => {
    const pdus = pdusOf([up(concat(call('One'), call('Two'))), down(concat(reply(), reply()))]);
    expect(pdus.map((p) => p.call?.operation?.name)).toEqual(['One', 'Two', 'One', 'Two']);
  });

  it('one message in segments of a byte', () => {
    const pdus = pdusOf([up(call('One')), down(reply())], { mtu: 1 });
    expect(pdus.map((p) => p.call?.operation?.name)).toEqual(['One', 'One']);
  });

  it('one-way calls wait for no answer; one that comes all the same is said', () => {
    const oneWay = call('Fire', { operation: 1 });
    expect(says(pdusOf([up(concat(oneWay, call('Next'))), down(reply())]))).toEqual([
      ['Fire', '/a', 'request', false],
      ['Next', '/a', 'request', true],
      ['Next', '/a', 'response', true],
    ]);
    const [, answer] = pdusOf([up(oneWay), down(reply())]);
    expect(codes(answer)).toEqual(['answered-one-way']);
    expect(answer.call?.operation?.name).toBe('Fire');
  });

  it('an answer without a request is no call', () => {
    const [pdu] = pdusOf([down(reply())], { syn: false });
    expect([codes(pdu), pdu.call]).toEqual([['request-not-seen'], null]);
  });

  it('an answer behind one that was lost is that of the last request', () => {
    const pdus = pdusOf([
      up(call('Lost')),
      down(reply().length),
      up(call('Second')),
      down(reply()),
      up(call('Third')),
      down(reply()),
    ]);
    expect(pdus.filter((p) => p.completes === 'response').map((p) => p.call?.operation?.name)).toEqual([
      'Second',
      'Third',
    ]);
  });

  it('over the limit: the oldest are forgotten, which is said once', () => {
    const pdus = pdusOf([up(concat(call('A'), call('B'), call('C'))), down(reply())], { limits: { openCalls: 2 } });
    // the answer is that of the forgotten one, and not of the next
    expect(pdus.map(codes)).toEqual([[], [], ['limit'], ['request-not-seen']]);
    expect(pdus[3].call).toBeNull();
  });

  it('one-way calls are kept within the bound of what is kept', () => {
    const pdus = pdusOf([up(call('Fire', { operation: 1 })), down(reply())], { limits: { openBytes: 1 } });
    expect(pdus.map(codes)).toEqual([['limit'], ['request-not-seen']]);
  });
});

describe('damage', () => {
  it('a message cut at every byte: nothing throws, every byte lies in one leaf, and something says so', () => {
    const whole = [
      call('Method', { headers: [custom('a', 'b'), typeHeader()] }),
      call('Method', { headers: [typeHeader()], chunks: [5, 9, 100] }),
    ];
    for (const message of whole)
      for (let n = 10; n < message.length; n++) {
        const pdus = pdusOf([up(message.subarray(0, n))]);
        // shorter than what tells whose it is: nothing to show
        if (pdus.length === 0) expect(n).toBeLessThan(16);
        for (const pdu of pdus) expect(codes(pdu).length, `cut at ${n}`).toBeGreaterThan(0);
      }
  });

  it('the next message is found behind a hole, and in a stream without a beginning', () => {
    const [one, two] = [call('One'), call('Two')];
    const cut = pdusOf([up(one.slice(0, 30)), up(one.length - 30), up(two)]);
    expect(cut.map((p) => p.call?.operation?.name ?? null)).toEqual([null, 'Two']);
    const middle = pdusOf([up(one.slice(17)), up(two)], { syn: false });
    expect(middle.map((p) => p.call?.operation?.name)).toEqual(['Two']);
  });

  it.each([
    ['content of 2 GB', call('M', { length: 0x7fffffff })],
    ['content of -1', call('M', { length: -1 })],
    ['content a byte too long', call('M', { length: nrbfCall('M').length + 1 })],
    ['a string of 2 GB', nrtp({ headers: [header(4, 1, counted('x', 1, 0x7fffffff))] })],
    ['a string of -1', nrtp({ headers: [header(4, 1, counted('x', 1, -1))] })],
    ['a format that there is not', nrtp({ headers: [header(9, 77)], uri: '/a' })],
    ['a chunk of 2 GB', concat(nrtp({ uri: '/a', chunks: [] }).slice(0, -6), u32(0x7fffffff, true), new Uint8Array(9))],
    ['a chunk of -1', concat(nrtp({ uri: '/a', chunks: [] }).slice(0, -6), u32(-1, true), new Uint8Array(9))],
    ['headers without end', concat(nrtp({ uri: '/a' }).slice(0, -END.length))],
  ])('%s: nothing throws, and no memory is taken for it', (_, message) => {
    for (const mtu of [1, 7, 1400]) pdusOf([up(message), down(reply())], { mtu });
    const began = performance.now();
    const filler = new Uint8Array(1400).fill(0x41);
    pdusOf([up(message), ...Array.from({ length: 2000 }, () => up(filler))]);
    expect(performance.now() - began).toBeLessThan(4000);
  });

  it('a stream full of preambles is searched in a time that grows with its length', () => {
    // each begins a message whose headers go on over all that follow, to one that cannot be
    const unit = concat(Buffer.from('.NET'), [1, 0, 0, 0, 0, 0], u32(4, true), u16(7, true), [1, 1], u32(14, true));
    const bytes = concat(...Array.from({ length: 3000 }, () => unit), [9, 9, 9, 9]);
    const began = performance.now();
    pdusOf([up(call('M')), up(concat([1, 2, 3], bytes))], { mtu: 65_000, record: false });
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
