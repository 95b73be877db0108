/** NegotiateStream (MS-NNS): tokens and messages of other implementations in its frames, and .NET remoting inside. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../dissectors/call.js';
import { describer, plainProtocols, protocols } from '../../dissectors/index.js';
import { MessageId, NNS_FIELDS } from '../../dissectors/nns/frame.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { encodeDocument } from '../../src/encode/documents/document.js';
import { nnsData, nnsExchange, nnsHandshake, nnsSealed } from '../../src/encode/scenarios/nns.js';
import { ntlmExchange } from '../../src/encode/scenarios/ntlm.js';
import { MadeConnection, Network, pcap } from '../../src/encode/scenarios/packets.js';
import { scan } from '../../src/engine/scan.js';
import { pduToJson } from '../../src/output/tree/pdu-json.js';
import { pduSummary } from '../../src/output/tree/summary.js';
import type { Secrets } from '../../src/security/index.js';
import { KNOWN } from '../encode/support.js';
import { nodes, partitionFaults } from '../security/tree.js';
import { type ForeignSession, foreignSecrets, foreignSession, SESSIONS } from './sessions.js';

const secrets = await foreignSecrets();
const ENDS = [
  { address: '10.9.0.10', port: 50000 },
  { address: '10.9.0.20', port: 8085 },
] as const;

interface Sent {
  readonly from: 'client' | 'server';
  readonly bytes: Uint8Array;
}

/** A capture of one connection on which these bytes were sent, each in segments of their own. */
function capture(sent: readonly Sent[], segmentSize = 1460, isKept = (_packet: Uint8Array) => true): Uint8Array {
  const network = new Network(1_767_323_045_000_000n);
  const tcp = new MadeConnection(network, ENDS, segmentSize, 1);
  tcp.open();
  for (const { from, bytes } of sent) tcp.data(from === 'client' ? 0 : 1, bytes);
  tcp.end('close');
  return pcap(network.packets.filter(({ bytes }) => isKept(bytes)));
}

async function pdusOf(file: Uint8Array, known: Secrets | null): Promise<Pdu[]> {
  const pdus: Pdu[] = [];
  await scan(file, protocols({ secrets: known }), { record: true }, { onPdu: (pdu) => void pdus.push(pdu) });
  for (const pdu of pdus) expect(partitionFaults(pdu.recording)).toEqual([]);
  return pdus;
}

const callsIn = (pdus: readonly Pdu[]): Call[] => [...new Set(pdus.flatMap((pdu) => pdu.call ?? []))];
const notesIn = (pdus: readonly Pdu[]) => pdus.flatMap((pdu) => pdu.recording.notes);

/** The frames of a foreign session's handshake. */
function handshakeOf({ steps }: ForeignSession): Sent[] {
  return steps.map(({ from, bytes }, i) => ({
    from,
    bytes: nnsHandshake(i < Math.max(1, steps.length - 2) ? MessageId.inProgress : MessageId.done, bytes.token),
  }));
}

describe.each(SESSIONS)('%s', (name, sealed, user) => {
  const session = foreignSession(name);
  const sent = [
    ...handshakeOf(session),
    ...session.messages.map(({ from, bytes }) => ({ from, bytes: nnsData(bytes.wrapped) })),
  ];

  it.each([1460, 7, 1])('in segments of %i: who it is, and the clear bytes', async (segmentSize) => {
    const pdus = (await pdusOf(capture(sent, segmentSize), secrets)).filter((pdu) => pdu.protocol === 'NNS');
    expect(pdus.map((pdu) => pdu.transport.bytes.length)).toEqual(sent.map(({ bytes }) => bytes.length));
    expect(pdus.flatMap((pdu) => pdu.recording.notes)).toEqual([]);
    expect(pdus.map(pduSummary).join('\n')).toContain(user);
    const clear = pdus.flatMap((pdu) =>
      [...nodes(pdu.recording.roots)].filter((n) => n.field.name === 'nns.data').map((n) => n.value),
    );
    expect(clear.map((b) => Buffer.from(b as Uint8Array).toString('hex'))).toEqual(
      session.messages.map(({ bytes }) => bytes.clear.toString('hex')),
    );
  });

  it('without secrets: once it is said that it cannot be read, and whose it is', async () => {
    const pdus = await pdusOf(capture(sent), null);
    const notes = notesIn(pdus).filter((n) => n.code === 'encrypted');
    expect(notes).toHaveLength(sealed ? 1 : 0);
    // Kerberos names the account inside the ticket alone
    if (sealed && name.includes('ntlm')) expect(notes[0].message).toContain(user);
  });

  it('is described later as it was on the spot', async () => {
    const { pdu: describe } = describer();
    const file = capture(sent);
    const same: boolean[] = [];
    await scan(
      file,
      plainProtocols({ secrets }),
      { record: true },
      {
        onPdu({ pdu, plain }) {
          const again = describe(structuredClone(plain), true);
          expect(pduToJson(again, true)).toEqual(pduToJson(pdu, true));
          same.push(pduSummary(again) === pduSummary(pdu));
        },
      },
    );
    expect(same.length).toBeGreaterThanOrEqual(sent.length);
    expect(same).not.toContain(false);
  });
});

/** A message of MS-NRTP, and its content. */
function nrtp(operation: number, headers: Uint8Array, content: Uint8Array): Uint8Array {
  const head = Buffer.alloc(14);
  head.write('.NET\x01\0', 'latin1');
  head.writeUInt16LE(operation, 6);
  head.writeInt32LE(content.length, 10);
  return Buffer.concat([head, headers, content]);
}

const URI = Buffer.concat([
  Buffer.from('0400 01 01 07000000'.replaceAll(' ', ''), 'hex'),
  Buffer.from('Server1'),
  Buffer.alloc(2),
]);
const text = (length: number) => ({ type: 'System.String', value: 'x'.repeat(length) });
const nrbf = (call: object) => encodeDocument({ kind: 'nrbf', call }, KNOWN);
const request = (length: number) =>
  nrtp(0, URI, nrbf({ kind: 'call', method: 'Say', type: 'Lab.Server, Lab', args: [text(length)] }));
const reply = (length: number) =>
  nrtp(2, Buffer.alloc(2), nrbf({ kind: 'return', returnValue: text(length), args: [] }));

const ACCOUNT = { user: 'alice', domain: 'LAB', password: 'Sealed-7' };
const newExchange = () => ntlmExchange(ACCOUNT, 'nns', 'SERVER', 134_118_000_000_000_000n);

/** Three calls, the last of them with more than a data message holds. */
const TALK: readonly Sent[] = [
  { from: 'client', bytes: request(5) },
  { from: 'server', bytes: reply(7) },
  { from: 'client', bytes: request(60) },
  { from: 'server', bytes: reply(1) },
  { from: 'client', bytes: request(70_000) },
  { from: 'server', bytes: reply(130_000) },
];

function sealedTalk(talk: readonly Sent[] = TALK): Sent[] {
  const exchange = newExchange();
  return [
    ...nnsExchange(exchange),
    ...talk.map(({ from, bytes }) => ({ from, bytes: nnsSealed(exchange, from, bytes) })),
  ];
}

const stubsOf = (calls: readonly Call[]) =>
  calls.map(({ request, response }) => [request?.stub, response?.stub].map((b) => b && Buffer.from(b).toString('hex')));

describe('.NET remoting inside, as encode writes it', () => {
  it('is read like the same without a channel, and says what protects it', async () => {
    const plain = callsIn(await pdusOf(capture(TALK), null));
    const pdus = await pdusOf(capture(sealedTalk()), secrets);
    const calls = callsIn(pdus);
    expect(notesIn(pdus)).toEqual([]);
    expect(plain).toHaveLength(3);
    expect(stubsOf(calls)).toEqual(stubsOf(plain));
    for (const { auth, connection, object, operation } of calls) {
      expect(auth).toMatchObject({ type: 'NTLM', level: 6, user: 'LAB\\alice', decrypted: true, verified: true });
      expect([connection.transport, connection.ends, connection.client]).toEqual(['nrtp_tcp', ENDS, 0]);
      expect([object, operation?.name]).toEqual(['Server1', 'Say']);
    }
  });

  it('each PDU stands behind the message that completed it', async () => {
    const pdus = await pdusOf(capture(sealedTalk(TALK.slice(0, 2))), secrets);
    expect(pdus.map(({ protocol }) => protocol)).toEqual(['NNS', 'NNS', 'NNS', 'NNS', 'NNS', 'NRTP', 'NNS', 'NRTP']);
    const frames = pdus.map(({ transport }) => transport.frames.at(-1));
    expect([frames[4], frames[6]]).toEqual([frames[5], frames[7]]);
  });

  it('without secrets nothing of it is read, and that is said', async () => {
    const pdus = await pdusOf(capture(sealedTalk()), null);
    expect(callsIn(pdus)).toEqual([]);
    const [note, ...more] = notesIn(pdus);
    expect(more).toEqual([]);
    expect([note.code, note.message]).toEqual([
      'encrypted',
      'the data on this channel of LAB\\alice is sealed and cannot be read: no secrets were given',
    ]);
  });

  it('several messages in a segment, a message of .NET over several, several of .NET in one', async () => {
    const exchange = newExchange();
    const both = Buffer.concat([request(3), request(4)]);
    const sent: Sent[] = [
      ...nnsExchange(exchange),
      {
        from: 'client',
        bytes: Buffer.concat(
          [both.subarray(0, 3), both.subarray(3, 100), both.subarray(100)].map((part) =>
            nnsSealed(exchange, 'client', part),
          ),
        ),
      },
      { from: 'server', bytes: nnsSealed(exchange, 'server', Buffer.concat([reply(1), reply(2)])) },
    ];
    const calls = callsIn(await pdusOf(capture(sent), secrets));
    expect(stubsOf(calls)).toEqual(
      stubsOf(
        callsIn(
          await pdusOf(
            capture([
              { from: 'client', bytes: both },
              { from: 'server', bytes: Buffer.concat([reply(1), reply(2)]) },
            ]),
            null,
          ),
        ),
      ),
    );
    expect(calls).toHaveLength(2);
  });

  it('without frames, where only the authentication was wanted', async () => {
    const pdus = await pdusOf(capture([...nnsExchange(newExchange()), ...TALK]), secrets);
    const calls = callsIn(pdus);
    expect(notesIn(pdus)).toEqual([]);
    expect(calls.map(({ auth }) => [auth.level, auth.user, auth.decrypted])).toEqual(
      Array(3).fill([2, 'LAB\\alice', null]),
    );
    expect(stubsOf(calls)).toEqual(stubsOf(callsIn(await pdusOf(capture(TALK), null))));
  });

  it('goes on behind a message that was lost', async () => {
    const sent = sealedTalk([...TALK.slice(0, 4), ...TALK.slice(0, 2)]);
    const second = sent[6];
    const wanted = stubsOf(callsIn(await pdusOf(capture(TALK.slice(0, 2)), null)))[0];
    // not captured; and unknown to TCP, as if somebody had taken it out
    const start = Buffer.from(second.bytes.subarray(0, 30));
    const has = (packet: Uint8Array) => Buffer.from(packet).includes(start);
    for (const file of [capture(sent, 1460, (packet) => !has(packet)), capture(sent.filter((m) => m !== second))]) {
      const pdus = await pdusOf(file, secrets);
      expect(stubsOf(callsIn(pdus)).at(-1)).toEqual(wanted);
      expect(notesIn(pdus).map((n) => n.code)).toEqual(['request-not-seen']);
    }
  });
});

const REMOTING = '../shared/captures/remoting/tcp-large.pcap';
it.skipIf(!existsSync(REMOTING))('what Mono said is the same inside of a channel', async () => {
  const pdus = await pdusOf(readFileSync(REMOTING), null);
  const [{ transport }] = pdus;
  const talk = pdus
    .filter((pdu) => pdu.transport.connection === transport.connection)
    .map(
      (pdu): Sent => ({
        from: pdu.transport.direction === transport.connection.client ? 'client' : 'server',
        bytes: pdu.transport.bytes,
      }),
    );
  expect(talk.length).toBeGreaterThan(3);
  const calls = callsIn(await pdusOf(capture(sealedTalk(talk)), secrets));
  expect(stubsOf(calls)).toEqual(stubsOf(callsIn(await pdusOf(capture(talk), null))));
  expect(calls.every(({ auth }) => auth.verified === true)).toBe(true);
});

describe('what it is', () => {
  it('.NET writes the header of a handshake message apart', async () => {
    const sent = nnsExchange(newExchange()).flatMap(({ from, bytes }) => [
      { from, bytes: bytes.subarray(0, 5) },
      ...(bytes.length > 5 ? [{ from, bytes: bytes.subarray(5) }] : []),
    ]);
    const pdus = await pdusOf(capture(sent), null);
    expect(pdus.map(pduSummary)).toEqual([
      'Handshake in progress  NTLM',
      'Handshake in progress  NTLM',
      'Handshake done  NTLM  LAB\\alice',
      'Handshake done  NTLM  LAB\\alice',
    ]);
  });

  it.each([0x113, 0x114, 0x115, 0x116, 0x117])('data of %i bytes is no handshake', async (size) => {
    const exchange = newExchange();
    const clear = Buffer.alloc(size - 16, 'x');
    const sent: Sent[] = [...nnsExchange(exchange), { from: 'client', bytes: nnsSealed(exchange, 'client', clear) }];
    for (const segmentSize of [1460, 5]) {
      const pdus = (await pdusOf(capture(sent, segmentSize), secrets)).filter(({ protocol }) => protocol === 'NNS');
      expect(pdus).toHaveLength(5);
      expect(pduSummary(pdus[4])).toBe(`Data, ${size - 16} bytes, decrypted`);
    }
  });

  it('a refusal says why', async () => {
    const [negotiate, challenge, authenticate] = nnsExchange(newExchange());
    const refused = nnsHandshake(MessageId.error, Buffer.from('ffffffff8009030c', 'hex'));
    const pdus = await pdusOf(capture([negotiate, challenge, authenticate, { from: 'server', bytes: refused }]), null);
    expect(pduSummary(pdus[3])).toMatch(/^Handshake error: .*(8009030c|LOGON_DENIED)/i);
  });

  it('begins with a token of a client: TLS does not, nor what only looks so', async () => {
    for (const start of [
      '160301020060',
      '16010000226070',
      '160100000560030102',
      '140100000860070203',
      '1601000009500000000000000000',
    ])
      expect(
        await pdusOf(capture([{ from: 'client', bytes: Buffer.from(start.padEnd(200, '0'), 'hex') }]), null),
      ).toEqual([]);
  });
});

it('hostile lengths end where the bytes do', async () => {
  const exchange = newExchange();
  const start = nnsExchange(exchange);
  const sizes = [
    '00000000',
    '01000000',
    '10000000',
    '11000000',
    '30fc0000',
    '31fc0000',
    'ffffffff',
    '00000080',
    '2e4e4554',
  ];
  const kinds = ['', '01000000', '0504', '05040600ffffffff', '60', '6082ffff06092a864886f712010202', '60ff', '00'];
  for (const size of sizes)
    for (const kind of kinds)
      for (const length of [1, 30, 300]) {
        const bytes = Buffer.alloc(8 + kind.length / 2 + length, 0xee);
        bytes.write(size + kind, 'hex');
        await pdusOf(capture([...start, { from: 'client', bytes }]), secrets);
      }
  for (const head of [
    '160100ffff',
    '140100ffff60',
    '150100ffff',
    '1501000004',
    '1501000008',
    '1601000001',
    '1401000000',
  ])
    await pdusOf(
      capture([...start, { from: 'server', bytes: Buffer.from(`${head}4e544c4d535350000200`, 'hex') }]),
      secrets,
    );
});

it('fields have one declaration each', () => {
  expect(new Set(NNS_FIELDS.map((f) => f.name)).size).toBe(NNS_FIELDS.length);
});
