/** Targets that are messages of HTTP, SOAP, SMB and NegotiateStream: cut, read and described; and conversations of them. */
import { HTTP_STREAM, readHttp } from '../../dissectors/http/index.js';
import { nnsStream } from '../../dissectors/nns/frame.js';
import { NRTP_STREAM } from '../../dissectors/remoting/frame.js';
import { SMB_STREAM } from '../../dissectors/smb/stream.js';
import { describeSoapCall, describeSoapReturn, readSoap, soapToJson } from '../../dissectors/soap/index.js';
import { Cursor } from '../../src/core/cursor.js';
import type { StreamProtocol } from '../../src/core/dissector.js';
import { limitsWith } from '../../src/core/limits.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';
import { nnsData, nnsExchange, nnsSealed } from '../../src/encode/scenarios/nns.js';
import { ntlmExchange } from '../../src/encode/scenarios/ntlm.js';
import { safe } from '../../src/output/terminal.js';
import { renderTree } from '../../src/output/tree/tree.js';
import { connection } from '../fields/wire.js';
import { nrtp, typeHeader } from '../remoting/messages.js';
import { type Said, SMB1_PIPES, SMB1_READ_WRITE, SMB2_PIPES, SMB3_ENCRYPTED } from '../smb/golden.js';
import type { Corpus } from './corpus.js';
import { addFields, type Extension, type Input, MOST_KEPT, shape } from './input.js';
import { mutateBytes } from './mutate.js';
import { rawProblems } from './outputs.js';
import { packetInput } from './packets.js';
import { partitionProblems } from './partition.js';
import type { Random } from './random.js';
import { pass } from './way.js';

/** Messages of the corpus, by what they are of. */
interface Messages {
  readonly http: Uint8Array[];
  readonly soap: Uint8Array[];
  readonly nrtp: Uint8Array[];
}

/** Longer ones are not sealed: that takes its time. */
const LONGEST_SEALED = 2000;

let gathered: Messages | null = null;

/** What the packets of the corpus hold, once they are first asked for. */
function messagesOf(corpus: Corpus): Messages {
  gathered ??= gather(corpus);
  return gathered;
}

function gather(corpus: Corpus): Messages {
  const messages: Messages = {
    http: [Buffer.from('POST /a.rem HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n')],
    soap: [Buffer.from('<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"/>')],
    nrtp: [nrtp({ uri: 'tcp://server/a', headers: [typeHeader()], content: new Uint8Array(20), chunks: [3, 17] })],
  };
  for (const packets of corpus.packets)
    pass(packets, {
      record: false,
      check: false,
      onPdu({ protocol, transport: { bytes } }) {
        if (protocol === 'NRTP' && bytes.length < LONGEST_SEALED) messages.nrtp.push(bytes);
        if (protocol !== 'HTTP') return;
        messages.http.push(bytes);
        const body = Buffer.from(bytes).indexOf('<SOAP-ENV:Envelope');
        if (body >= 0) messages.soap.push(bytes.subarray(body));
      },
    });
  return messages;
}

/** Asks for the length of what begins a stream whenever a piece has come: it has to be the same as asked at once. */
function cutProblems(protocol: StreamProtocol, bytes: Uint8Array, r: Random): string[] {
  const { headerLength } = protocol;
  if (bytes.length < headerLength || !protocol.claims(bytes, 0, bytes.length)) return [];
  const whole = protocol.pduLength(bytes, 0, bytes.length, { at: 0, state: 0 });
  const measuring = { at: 0, state: 0 };
  let length = 0;
  for (let end = headerLength; ; end = Math.min(bytes.length, end + 1 + r.below(40))) {
    length = protocol.pduLength(bytes, 0, end, measuring);
    if (length >= 0 || end === bytes.length) break;
  }
  return length === whole ? [] : [`${protocol.name}: a length of ${length} in pieces, and of ${whole} at once`];
}

/** Reads bytes as a message, with its tree or without. */
function readInput(
  bytes: Uint8Array,
  r: Random,
  extension: Extension,
  read: (c: Cursor, problems: string[]) => void,
  pool?: Uint8Array[],
): Input {
  const features = new Set<string>();
  return {
    features,
    run() {
      const problems: string[] = [];
      const recording = new Recording(!r.once(3), limitsWith(r.once(8) ? { stubBytes: 100, nrbfKept: 500 } : {}));
      const c = new Cursor(fileSource('PDU', bytes), recording, bytes.length + (r.once(4) ? r.below(100) : 0));
      read(c, problems);
      recording.finish();
      for (const note of recording.notes) {
        if (note.code === 'bug') problems.push(`bug: ${note.message}`);
        features.add(shape(note.code, note.message));
      }
      if (!recording.on) return problems;
      addFields(features, recording);
      problems.push(...partitionProblems(recording));
      if (r.once(8)) problems.push(...rawProblems('tree', renderTree(recording.roots, { color: false, width: 100 })));
      return problems;
    },
    save: () => ({ bytes, extension }),
    keep: pool && (() => void (pool.length < MOST_KEPT && bytes.length < 20_000 && pool.push(bytes))),
  };
}

/** One of a list, damaged now and then. */
function damaged(pool: readonly Uint8Array[], r: Random): Uint8Array {
  return mutateBytes(r.pick(pool), r, () => r.pick(pool));
}

export function http(corpus: Corpus, r: Random): Input {
  const pool = messagesOf(corpus).http;
  return httpInput(damaged(pool, r), r, pool);
}

export function httpInput(bytes: Uint8Array, r: Random, pool?: Uint8Array[]): Input {
  const read = (c: Cursor, problems: string[]): void => {
    problems.push(...cutProblems(HTTP_STREAM, bytes, r));
    c.frame(null, c.claimedLeft, (inner) => {
      const { content } = readHttp(inner);
      if (content?.source === inner.source) inner.pos = content.start;
    });
  };
  return readInput(bytes, r, 'http', read, pool);
}

export function soap(corpus: Corpus, r: Random): Input {
  const pool = messagesOf(corpus).soap;
  return soapInput(damaged(pool, r), r, pool);
}

export function soapInput(bytes: Uint8Array, r: Random, pool?: Uint8Array[]): Input {
  const read = (c: Cursor, problems: string[]): void => {
    const message = readSoap(c, r.pick(['call', 'return', null]));
    const texts = [describeSoapCall(message), describeSoapReturn(message)];
    problems.push(...rawProblems('soap', safe(JSON.stringify(texts))));
    if (r.once(2)) JSON.stringify(soapToJson(message, { full: r.once(2) }));
  };
  return readInput(bytes, r, 'soap', read, pool);
}

/** A conversation with one to three of its messages damaged, sent as packets. */
function conversation(said: readonly Said[], protocol: StreamProtocol, corpus: Corpus, r: Random, port: number): Input {
  const all = said.map(([from, bytes]): Said => [from, bytes]);
  const pool = said.map(([, bytes]) => bytes);
  const problems: string[] = [];
  for (let times = 1 + r.below(3); times > 0; times--) {
    const i = r.below(all.length);
    const bytes = mutateBytes(all[i][1], r, () => r.pick(pool), r.once(3) ? 0 : protocol.headerLength);
    problems.push(...cutProblems(protocol, bytes, r));
    all[i] = [all[i][0], bytes];
  }
  const packets = connection(50_000 + r.below(1000), all, port).map(({ bytes }, i) => ({
    ...{ link: 1, bytes, length: bytes.length },
    ...{ sec: 1_700_000_000 + i, nsec: 0 },
  }));
  const input = packetInput(packets, corpus, r);
  return { ...input, run: async () => [...problems, ...(await input.run())] };
}

/** Puts the length that the session service says right again. */
function sized([from, bytes]: Said): Said {
  const message = bytes.slice();
  if (message.length >= 4 && message[0] === 0) {
    const length = message.length - 4;
    message.set([length >> 16, (length >> 8) & 0xff, length & 0xff], 1);
  }
  return [from, message];
}

const SMB = [SMB1_PIPES, SMB1_READ_WRITE, SMB2_PIPES, SMB3_ENCRYPTED];

export function smb(corpus: Corpus, r: Random): Input {
  const said = r.pick(SMB).map((one) => {
    if (!r.once(12)) return one;
    const [from, bytes] = one;
    return sized([from, mutateBytes(bytes, r, () => r.pick(SMB2_PIPES)[1], 4)]);
  });
  return conversation(said, SMB_STREAM, corpus, r, 445);
}

const ACCOUNT = { user: 'alice', domain: 'LAB', password: 'Sealed-7' };
const NNS_STREAM = nnsStream(NRTP_STREAM);

export function nns(corpus: Corpus, r: Random): Input {
  const exchange = ntlmExchange(ACCOUNT, 'fuzz', 'SERVER', 134_118_000_000_000_000n);
  const sides = ['client', 'server'] as const;
  const said = nnsExchange(exchange).map(({ from, bytes }): Said => [from === 'client' ? 0 : 1, bytes]);
  const pool = messagesOf(corpus).nrtp;
  for (let i = 0; i < 4; i++) {
    const from = i & 1;
    const bytes = r.once(2) ? r.pick(pool) : damaged(pool, r);
    said.push([from as 0 | 1, r.once(6) ? nnsData(bytes) : nnsSealed(exchange, sides[from], bytes)]);
  }
  // with the password, all of it is read
  const secrets = { ...corpus.secrets, accounts: [...corpus.secrets.accounts, { ...ACCOUNT, ntHash: null }] };
  return conversation(said, NNS_STREAM, { ...corpus, secrets }, r, 8085);
}
