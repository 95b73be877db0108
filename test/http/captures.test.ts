/** Real conversations of remoting over HTTP: cut, read and written again, against what their senders logged and against tshark. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HTTP_STREAM, headerValue, writeHttp } from '../../dissectors/http/index.js';
import { CAPTURES, framesOf, hasShared, lengthsOf, messageOf, type Sent, SHARED, streamsOf } from './support.js';

/** The messages of a stream. */
function messagesOf(sent: Sent) {
  let start = 0;
  return lengthsOf(sent.bytes, [sent.bytes.length]).map((length) => {
    const bytes = sent.bytes.slice(start, start + length);
    const found = messageOf(bytes);
    start += length;
    if (found.message === undefined) throw new Error('no message');
    return { ...found, message: found.message, bytes, frames: framesOf(sent, start - length, start) };
  });
}

type Content = { length: number; sha256: string } | null;

/** A call of a truth file. */
interface Truth {
  readonly oneWay: boolean;
  readonly request: Content;
  readonly response: Content;
  readonly located: { readonly frames: { readonly request: number[]; readonly response: number[] } };
}

function truthOf(name: string): Truth[] {
  return (JSON.parse(readFileSync(`${SHARED}/${name}.json`, 'utf8')) as { calls: Truth[] }).calls;
}

describe.skipIf(!hasShared)('captures of remoting over HTTP', () => {
  it.each(CAPTURES)('%s is cut into messages to its end, the same wherever segments end', (name) => {
    for (const { bytes } of streamsOf(name)) {
      const lengths = lengthsOf(bytes, [bytes.length]);
      expect(lengths.every((n) => n > 0)).toBe(true);
      expect(lengths.reduce((a, b) => a + b)).toBe(bytes.length);
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
          const arrivals = [...cuts.sort((a, b) => a - b), bytes.length];
          expect(lengthsOf(bytes, arrivals)).toEqual(lengths);
        }),
        { numRuns: 5 },
      );
    }
  });

  it.each(['http-odd', 'http-odd-soap'])('%s is cut the same byte by byte', (name) => {
    for (const { bytes } of streamsOf(name))
      expect(
        lengthsOf(
          bytes,
          Array.from(bytes, (_, i) => i + 1),
        ),
      ).toEqual(lengthsOf(bytes, [bytes.length]));
  });

  it.each(CAPTURES)('%s is written again byte by byte', (name) => {
    for (const sent of streamsOf(name))
      for (const { message, bytes } of messagesOf(sent)) {
        const { body } = message;
        const written = writeHttp(
          message,
          body === null ? new Uint8Array() : body.source.bytes.subarray(body.start, body.end),
        );
        expect(Buffer.from(written).equals(bytes)).toBe(true);
      }
  });

  it.each(CAPTURES)('%s has the contents that its programs logged, in the frames where they were found', (name) => {
    const seen = new Map<string, number[][]>();
    for (const sent of streamsOf(name))
      for (const { message, frames } of messagesOf(sent)) {
        const { content } = message;
        if (content === null) continue;
        const bytes = content.source.bytes.subarray(content.start, content.end);
        const key = `${message.kind} ${createHash('sha256').update(bytes).digest('hex')}`;
        seen.set(key, [...(seen.get(key) ?? []), frames]);
      }
    const calls = truthOf(name);
    expect(calls.length).toBeGreaterThan(10);
    for (const { request, response, oneWay, located } of calls) {
      expect(seen.get(`request ${request?.sha256}`)).toContainEqual(located.frames.request);
      if (response !== null && !oneWay)
        expect(seen.get(`response ${response.sha256}`)).toContainEqual(located.frames.response);
    }
  });

  it.each(CAPTURES)('%s is remoting from its first segments on', (name) => {
    const calling = new Set<string>();
    for (const sent of streamsOf(name)) {
      const [first] = messagesOf(sent);
      if (first.message.kind !== 'request') continue;
      calling.add(sent.from);
      const end = sent.segments[1]?.at ?? sent.bytes.length;
      expect(HTTP_STREAM.opens(sent.bytes, 0, end)).toBe(true);
    }
    expect(calling.size).toBeGreaterThan(4);
  });

  it('a connection captured from an answer on is remoting by its content, with its head in the same segment', () => {
    const opening = streamsOf('http-binary')
      .flatMap(messagesOf)
      .filter(({ message }) => message.kind === 'response' && message.content !== null)
      .map(({ bytes }) => HTTP_STREAM.opens(bytes, 0, bytes.length));
    expect(opening.length).toBeGreaterThan(60);
    expect(new Set(opening)).toEqual(new Set([true]));
    const soap = streamsOf('http-soap')
      .flatMap(messagesOf)
      .filter(({ message }) => message.kind === 'response' && message.content !== null);
    expect(soap.every(({ bytes }) => HTTP_STREAM.opens(bytes, 0, bytes.length))).toBe(true);
  });

  it('each request that expects it gets its 100 Continue, which has no body, before its answer', () => {
    const streams = streamsOf('http-binary');
    let continued = 0;
    for (const requests of streams) {
      const expecting = messagesOf(requests).filter(({ message }) => headerValue(message, 'expect') === '100-continue');
      const answers = streams.find(({ from, to }) => from === requests.to && to === requests.from);
      if (expecting.length === 0 || answers === undefined) continue;
      const codes = messagesOf(answers).map(({ message }) => message.kind === 'response' && message.status);
      expect(codes).toEqual(expecting.flatMap(() => [100, 200]));
      continued += expecting.length;
    }
    expect(continued).toBeGreaterThan(60);
  });

  it.each(CAPTURES)(
    '%s: every byte of a message is in a leaf, nothing is odd, and nothing is undissected but plain bodies',
    (name) => {
      for (const sent of streamsOf(name))
        for (const { message, recording } of messagesOf(sent)) {
          expect(recording.notes).toEqual([]);
          expect(message.isWhole).toBe(true);
          const { body, chunks } = message;
          const own = recording.roots.filter((n) => n.field.name === 'undissected');
          const plain = body === null || chunks !== null ? [] : [[body.start, body.end]];
          expect(own.map((n) => [n.start, n.end])).toEqual(plain);
        }
    },
  );

  it('headers are there in their spelling and order', () => {
    const messages = streamsOf('http-odd').flatMap(messagesOf);
    const lower = messages.find(({ message }) => message.headers[0]?.name === 'host');
    expect(lower?.message.headers.map(({ name }) => name)).toEqual(['host', 'content-type', 'content-length']);
    expect(headerValue(lower!.message, 'content-type')).toBe('application/octet-stream');
    const chunked = messages.find(({ message }) => message.chunks?.[0].line != null);
    expect(chunked?.message.chunks?.map(({ size, line }) => [size, line])).toEqual([
      [1, '1;note=x\r\n'],
      [16, '10;note=x\r\n'],
      [119, '77;note=x\r\n'],
      [0, null],
    ]);
    const old = messages.find(({ message }) => message.version === '1.0');
    expect(old?.message.keepsOpen).toBe(false);
    const targets = streamsOf('http-binary')
      .flatMap(messagesOf)
      .flatMap(({ message }) => (message.kind === 'request' ? [message.target] : []));
    expect(targets.some((t) => t.includes('%'))).toBe(true);
  });
});
