/** What stands in front of a connection's first PDU: the greeting of ncacn_http (MS-RPCH 2.1.1.1.1), zero bytes. */
import { describe, expect, it } from 'vitest';
import { Ptype } from '../../dissectors/dcerpc/pdu.js';
import { protocols } from '../../dissectors/index.js';
import { pass } from '../../src/analysis/pass.js';
import { latin1Bytes } from '../../src/core/bytes.js';
import { bindAckBody, bindBody } from '../../src/encode/pdu.js';
import { concat } from '../bytes.js';
import { capture, half, OFFER, pdu, REQUEST, RESPONSE, Talk } from '../worst/talk.js';

const GREETING = latin1Bytes('ncacn_http/1.0');
const zeros = (n: number) => new Uint8Array(n);
const BIND = pdu(Ptype.bind, 1, bindBody(true, 5840, 0, [OFFER]));
const ACK = pdu(Ptype.bindAck, 1, bindAckBody(true, 5840, 7, '49700', [{ syntax: OFFER.syntaxes[0] }]));

/** PDU types, calls and notes of a conversation: what each side sends, one packet each. */
async function told(script: readonly (readonly [0 | 1, Uint8Array])[]) {
  const packets: Uint8Array[] = [];
  const talk = new Talk(packets);
  for (const [side, bytes] of script) talk.send(side, bytes);
  talk.send(0, half(0, 2, REQUEST));
  talk.send(1, half(1, 2, RESPONSE));
  const [types, calls, notes]: [unknown[], string[], string[]] = [[], [], []];
  await pass(
    capture(packets),
    protocols(),
    {},
    {
      pdu: ({ header, recording }) => {
        types.push(header?.type);
        notes.push(...recording.notes.map(({ code }) => code));
      },
      call: ({ operation, connection, response }) =>
        calls.push(`${connection.transport} ${operation?.name} ${response !== null}`),
      note: ({ code }) => notes.push(code),
    },
  );
  return { types: types.join(' '), calls, notes };
}

describe('in front of the first PDU', () => {
  it.each([
    [
      'the greeting',
      [
        [1, GREETING],
        [0, BIND],
        [1, ACK],
      ],
    ],
    [
      'the greeting behind a bind that did not wait for it',
      [
        [0, BIND],
        [1, GREETING],
        [1, ACK],
      ],
    ],
    [
      'the greeting in one segment with the answer',
      [
        [0, BIND],
        [1, concat(GREETING, ACK)],
      ],
    ],
  ] as const)('%s makes it ncacn_http', async (_, script) => {
    expect(await told(script)).toEqual({
      types: '11 12 0 2',
      calls: ['ncacn_http GetObjectIdentity true'],
      notes: [],
    });
  });

  it.each([
    [
      'in its segment',
      [
        [0, concat(zeros(8), BIND)],
        [1, ACK],
      ],
    ],
    [
      'in a segment of their own',
      [
        [0, zeros(4)],
        [0, BIND],
        [1, ACK],
      ],
    ],
    [
      'in several, longer than a header',
      [
        [0, zeros(40)],
        [0, concat(zeros(3), BIND)],
        [1, ACK],
      ],
    ],
    [
      'of both',
      [
        [1, zeros(14)],
        [0, BIND],
        [1, concat(zeros(2), ACK)],
      ],
    ],
  ] as const)('zero bytes %s are passed over', async (_, script) => {
    expect(await told(script)).toEqual({
      types: '11 12 0 2',
      calls: ['ncacn_ip_tcp GetObjectIdentity true'],
      notes: [],
    });
  });

  it('something like a greeting is none', async () => {
    const { calls } = await told([
      [1, latin1Bytes('ncacn_http/1.1')],
      [0, BIND],
      [1, ACK],
    ]);
    expect(calls).toEqual(['ncacn_ip_tcp GetObjectIdentity true']);
  });
});
