/** The program's own streams with HTTP among their protocols: every message comes out, and holes cost no more than what they hit. */
import { describe, expect, it } from 'vitest';
import { HTTP_STREAM } from '../../dissectors/http/index.js';
import { createStreams } from '../../src/streams/index.js';
import { ACK, concat, ethernet, FIN, ipv4, SYN, tcp } from '../bytes.js';
import { datagram, Feeder, Outcome } from '../streams/support.js';
import { bytesOf, CAPTURES, framesOf, hasShared, lengthsOf, packetsOf, type Sent, streamsOf } from './support.js';

/** What comes of packets. */
function cutOf(packets: readonly Uint8Array[]): Outcome {
  const outcome = new Outcome();
  const streams = createStreams(
    { streams: [HTTP_STREAM], datagram },
    { pdu: (pdu) => outcome.pdus.push(pdu), note: (note) => outcome.notes.push(note) },
    {},
  );
  const feeder = new Feeder(streams);
  for (const bytes of packets) feeder.feed(bytes);
  streams.end();
  return outcome;
}

/** PDUs with who sent them and where, in no order. */
function sights({ pdus }: Outcome): string[] {
  return pdus
    .map(({ connection: { ends }, direction, bytes, frames }) => {
      const { address, port } = ends[direction];
      return `${address}:${port} ${frames.join()} ${Buffer.from(bytes).toString('latin1')}`;
    })
    .sort();
}

function expected(streams: readonly Sent[]): string[] {
  return streams
    .flatMap((sent) => {
      let at = 0;
      return lengthsOf(sent.bytes, [sent.bytes.length]).map((length) => {
        const start = at;
        at += length;
        const text = Buffer.from(sent.bytes.subarray(start, at)).toString('latin1');
        return `${sent.from} ${framesOf(sent, start, at).join()} ${text}`;
      });
    })
    .sort();
}

describe.skipIf(!hasShared)('captures', () => {
  it.each(CAPTURES)('%s: every message, in its frames', (name) => {
    const outcome = cutOf(packetsOf(name));
    expect(outcome.notes).toEqual([]);
    const found = sights(outcome);
    const wanted = expected(streamsOf(name));
    // where packets came again, either sight of them may be told
    if (name !== 'net-http-ooo') expect(found).toEqual(wanted);
    const bytes = (sight: string): string => sight.replace(/ [\d,]+ /, ' ');
    expect(found.map(bytes).sort()).toEqual(wanted.map(bytes).sort());
  });

  it('a lost packet takes along the messages that it carried, and no other', () => {
    const packets = packetsOf('http-odd');
    const wanted = expected(streamsOf('http-odd'));
    const carries = (sight: string, frame: number): boolean => sight.split(' ')[1].split(',').includes(String(frame));
    for (let lost = 30; lost < packets.length; lost++) {
      const found = cutOf(packets.map((p, i) => (i + 1 === lost ? p.subarray(0, 10) : p)));
      const missing = wanted.filter((sight) => !sights(found).includes(sight));
      expect(missing.filter((sight) => !carries(sight, lost))).toEqual([]);
    }
  });
});

/** A connection: who says what, in order; the server closes it. */
function talk(...said: readonly ['client' | 'server', string | Uint8Array][]): Uint8Array[] {
  const next = { client: 1000, server: 5000 };
  const packet = (from: 'client' | 'server', payload: Uint8Array, flags: number): Uint8Array => {
    const [other, source, target, a, b] =
      from === 'client'
        ? (['server', 40_000, 8080, '10.0.0.1', '10.0.0.2'] as const)
        : (['client', 8080, 40_000, '10.0.0.2', '10.0.0.1'] as const);
    const segment = tcp(source, target, next[from], payload, flags, next[other]);
    next[from] += payload.length + (flags & (SYN | FIN) ? 1 : 0);
    return ethernet(ipv4(a, b, 6, segment));
  };
  const none = new Uint8Array();
  return [
    packet('client', none, SYN),
    packet('server', none, SYN | ACK),
    ...said.map(([from, text]) => packet(from, bytesOf(text), ACK)),
    packet('server', none, FIN | ACK),
    packet('client', none, FIN | ACK),
  ];
}

describe('conversations', () => {
  const post = 'POST /x HTTP/1.1\r\nUser-Agent: Mono Remoting\r\nContent-Length: 4\r\n\r\n';
  const texts = ({ pdus }: Outcome): string[] => pdus.map(({ bytes }) => Buffer.from(bytes).toString('latin1'));

  it('an answer without a length is all that comes until the connection is closed', () => {
    const answer = 'HTTP/1.0 200 OK\r\nServer: x\r\n\r\n';
    const outcome = cutOf(talk(['client', `${post}body`], ['server', answer], ['server', 'much '], ['server', 'more']));
    expect([texts(outcome), outcome.notes]).toEqual([[`${post}body`, `${answer}much more`], []]);
    expect(outcome.pdus[1].length).toBe(outcome.pdus[1].bytes.length);
  });

  it('100 Continue comes before the body, or behind it', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\n';
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
    const before = cutOf(talk(['client', post], ['server', interim], ['client', 'body'], ['server', answer]));
    expect(texts(before).sort()).toEqual([interim, answer, `${post}body`].sort());
    const behind = cutOf(talk(['client', post], ['client', 'body'], ['server', interim + answer]));
    expect(texts(behind)).toEqual([`${post}body`, interim, answer]);
  });

  it('a head in several segments, the first of them short, is one', () => {
    const outcome = cutOf(
      talk(['client', 'POST'], ['client', ' /x HTTP/1.1\r\nUser-'], ['client', `${post.slice(23)}body`]),
    );
    expect(texts(outcome)).toEqual([`${post}body`]);
  });

  it('a picture of 1 MB between messages is passed over', () => {
    const picture = concat(
      bytesOf('HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 1048576\r\n\r\n'),
      new Uint8Array(1 << 20),
    );
    const segments = Array.from({ length: 20 }, (_, i) => picture.subarray(i * 60_000, (i + 1) * 60_000));
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
    const outcome = cutOf(
      talk(
        ['client', `${post}body`],
        ...segments.filter((s) => s.length > 0).map((s): ['server', Uint8Array] => ['server', s]),
        ['server', answer],
      ),
    );
    expect([texts(outcome), outcome.notes]).toEqual([[`${post}body`, answer], []]);
  });

  it.each([
    ['a download', ['GET /x HTTP/1.1\r\nHost: h\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody']],
    [
      'an upload',
      ['POST /x HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody', 'HTTP/1.1 204 No\r\n\r\n'],
    ],
  ])('nothing comes of %s', (_name, [asked, answered]) => {
    const outcome = cutOf(talk(['client', asked], ['server', answered], ['client', asked], ['server', answered]));
    expect([texts(outcome), outcome.notes]).toEqual([[], []]);
  });
});
