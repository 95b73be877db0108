/** Attack: lengths, offsets and chains that lead nowhere, and more of everything than is kept. */
import { describe, expect, test } from 'vitest';
import { SMB_STREAM } from '../../dissectors/smb/stream.js';
import { NOT_YET } from '../../src/core/dissector.js';
import { DEFAULT_LIMITS, limitMessage } from '../../src/core/limits.js';
import { concat as joined } from '../bytes.js';
import { type Said, SMB1_PIPES, SMB1_READ_WRITE, SMB2_PIPES, SMB3_ENCRYPTED } from './golden.js';
import {
  BIND,
  captureOf,
  compound,
  createRequest,
  createResponse,
  le16,
  le32,
  nbss,
  openPipe,
  outcomeOf,
  readRequest,
  rpcRequest,
  smb1,
  smb2,
  treeConnect,
  write,
  writeRequest,
} from './support.js';

const PIPES = treeConnect(2);
const outcome = (said: readonly Said[]) => outcomeOf(captureOf(said));

/** Always the same numbers. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('damaged messages of other implementations', () => {
  test.each([
    ['SMB 2', SMB2_PIPES],
    ['SMB 1', SMB1_PIPES],
    ['SMB 1 in ASCII', SMB1_READ_WRITE],
    ['SMB 3', SMB3_ENCRYPTED],
  ])('%s: nothing throws, and each byte lies in one leaf', async (_, golden) => {
    const next = random(7);
    for (let round = 0; round < 150; round++) {
      const said = golden.map(([from, bytes]): Said => {
        if (next(3) > 0) return [from, bytes];
        const damaged = bytes.slice();
        for (let i = next(4); i >= 0; i--) damaged[4 + next(damaged.length - 4)] = [0, 0xff, 0x80, next(256)][next(4)];
        return [from, damaged];
      });
      const { problems } = await outcome(said);
      expect(problems, `round ${round}`).toEqual([]);
    }
  });
});

describe('compounds', () => {
  test.each([1, 63, 65, 4000, 0xffffffff])('a next message at %i ends the compound', async (next) => {
    const message = smb2(13, new Uint8Array(4), { next });
    const { problems, lines, codes } = await outcome([[0, nbss(message, new Uint8Array(80))]]);
    expect(problems).toEqual([]);
    expect(lines).toHaveLength(1);
    expect(codes).toContain('malformed');
  });

  test('as many messages as fit are read in a moment', async () => {
    const messages = Array.from({ length: 1000 }, (_, id) => smb2(13, new Uint8Array(8), { id, next: 72 }));
    const began = performance.now();
    const { problems } = await outcome([[0, nbss(...messages)]]);
    expect(problems).toEqual([]);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});

describe('offsets and counts', () => {
  test.each([0, 8, 64, 111, 4000, 0xffff])('data at %i of a write is not where it cannot be', async (offset) => {
    const body = writeRequest(BIND);
    body.set([offset & 0xff, offset >> 8], 2);
    const { problems, found, codes } = await outcome([
      ...PIPES,
      ...openPipe('one', 1),
      [0, nbss(smb2(9, body, { id: 2 }))],
    ]);
    expect(problems).toEqual([]);
    expect(found).toEqual([]);
    expect(codes).toContain('malformed');
  });

  test('a length of 4 GB takes what is there', async () => {
    const body = writeRequest(joined(BIND, rpcRequest(1)));
    body.set(le32(0xffffffff), 4);
    const { problems, found, codes } = await outcome([
      ...PIPES,
      ...openPipe('one', 1),
      [0, nbss(smb2(9, body, { id: 2 }))],
    ]);
    expect(problems).toEqual([]);
    expect(codes).toContain('malformed');
    expect(found).toHaveLength(1);
  });

  test('a chain of SMB 1 that leads back ends', async () => {
    for (const offset of [0, 32, 33, 0xffff]) {
      const words = joined([0x75, 0, offset & 0xff, offset >> 8], new Uint8Array(4));
      const { problems, codes } = await outcome([[0, nbss(smb1(0x75, words, Buffer.from('\0\\\\s\\IPC$\0IPC\0')))]]);
      expect(problems).toEqual([]);
      expect(codes).toContain('malformed');
    }
  });
});

describe('what is kept', () => {
  const keeps = async (
    said: Said[],
    name: 'smbRequests' | 'smbPipes' | 'smbTrees' | 'smbSessions' | 'smbBytes',
    most: number,
  ) => {
    const { all, problems } = await outcomeOf(captureOf(said), { [name]: most });
    expect(problems).toEqual([]);
    const notes = all.flatMap(({ recording }) => recording.notes).filter(({ code }) => code === 'limit');
    expect(notes.map(({ message }) => message)).toEqual([limitMessage(name, { ...DEFAULT_LIMITS, [name]: most })]);
  };

  test('requests without an answer', async () => {
    const said = Array.from({ length: 40 }, (_, id): Said => [0, nbss(smb2(8, readRequest(), { id: id + 2 }))]);
    await keeps([...PIPES, ...said], 'smbRequests', 20);
  });

  test('open pipes: the oldest is taken for closed', async () => {
    const file = (i: number): string => `00000000-0000-0000-0000-${String(i).padStart(12, '0')}`;
    const said = Array.from({ length: 30 }, (_, i) => openPipe('one', i + 1, file(i))).flat();
    await keeps([...PIPES, ...said], 'smbPipes', 10);
    const { found } = await outcomeOf(
      captureOf([...PIPES, ...openPipe('one', 1), write(2, joined(BIND, rpcRequest(1))), ...said]),
      { smbPipes: 10 },
    );
    expect(found.map(({ open }) => open)).toEqual([false]);
  });

  test('trees', async () => {
    const said = Array.from({ length: 30 }, (_, i) => treeConnect(2, { id: i, tree: i + 1 })).flat();
    await keeps(said, 'smbTrees', 10);
  });

  test('all of a capture together', async () => {
    const said = Array.from({ length: 100 }, (_, i) => treeConnect(2, { id: i, tree: i + 1 })).flat();
    await keeps(said, 'smbBytes', 50_000);
  });

  test('a name of 64 KB is kept shortened', async () => {
    const { found, problems } = await outcome([
      ...PIPES,
      [0, nbss(smb2(5, createRequest('x'.repeat(30_000)), { id: 1 }))],
      [1, nbss(smb2(5, createResponse(), { id: 1, answer: true }))],
      write(2, joined(BIND, rpcRequest(1))),
    ]);
    expect(problems).toEqual([]);
    expect(found[0].connection.endpoint?.length).toBeLessThan(300);
  });
});

describe('cutting', () => {
  const opens = (...b: number[]): boolean =>
    SMB_STREAM.opens(Uint8Array.from([...b, ...new Uint8Array(64)]), 0, b.length + 64);
  const claims = (b: number[], end = b.length): boolean => SMB_STREAM.claims(Uint8Array.from(b), 0, end);

  test('a stream is told by the letters behind its length, or by names in half-ASCII', () => {
    expect(opens(0, 0, 0, 68, 0xfe, 0x53, 0x4d, 0x42)).toBe(true);
    expect(opens(0, 0, 0, 68, 0xff, 0x53, 0x4d, 0x42)).toBe(true);
    expect(opens(0, 0, 0, 68, 0xfd, 0x53, 0x4d, 0x42)).toBe(true);
    expect(opens(0, 0, 0, 31, 0xfe, 0x53, 0x4d, 0x42)).toBe(false);
    expect(opens(0, 0, 0, 68, 0xfb, 0x53, 0x4d, 0x42)).toBe(false);
    expect(opens(0, 0, 0, 68, 0, 0, 0, 0)).toBe(false);
    expect(opens(0x81, 0, 0, 68, 32, ...Array(32).fill(0x43), 0)).toBe(true);
    expect(opens(0x81, 0, 0, 68, 32, ...Array(32).fill(0x51), 0)).toBe(false);
    expect(opens(0x81, 0, 0, 67, 32, ...Array(32).fill(0x43), 0)).toBe(false);
  });

  test('zeros are no message, and four bytes are not yet enough for one', () => {
    expect(claims(Array(8).fill(0))).toBe(false);
    expect(claims([0, 0, 0, 68])).toBe(true);
    const four = Uint8Array.of(0, 0, 0, 68);
    expect(SMB_STREAM.pduLength(four, 0, 4, { at: 0, state: 0 })).toBe(NOT_YET);
    expect(claims([0x85, 0, 0, 0])).toBe(true);
    expect(claims([0x85, 0, 0, 1])).toBe(false);
  });

  test('what no pipe needs is passed over, and what is behind it is found', async () => {
    const file = nbss(smb2(9, writeRequest(new Uint8Array(200_000)), { id: 1 }));
    const { lines, problems } = await outcome([...PIPES, [0, file], ...openPipe('one', 2)]);
    expect(problems).toEqual([]);
    expect(lines).toHaveLength(4);
  });
});

test('blocks of SMB 1 that are chained to themselves, and too short for what they should tell', async () => {
  // TREE_CONNECT_ANDX of two words: the chain, and no length of a password
  const loop = smb1(0x75, joined([0x75, 0], le16(32)), new Uint8Array(100));
  const { codes } = await outcome([[0, nbss(loop)]]);
  expect(codes).toContain('malformed');
});

describe('messages longer than those of pipes are', () => {
  const opened = [...PIPES, ...openPipe('\\srvsvc', 2)];
  const calls = (n: number) => joined(...Array.from({ length: n }, (_, i) => rpcRequest(i + 1, new Uint8Array(4000))));
  // as segments carry it
  const inSegments = (bytes: Uint8Array): Said[] =>
    Array.from({ length: Math.ceil(bytes.length / 1400) }, (_, i) => [0, bytes.slice(i * 1400, (i + 1) * 1400)]);

  test('calls in one long write are found', async () => {
    const { found } = await outcome([...opened, write(3, BIND), ...inSegments(write(4, calls(20))[1])]);
    expect(found).toHaveLength(20);
  });

  test('calls beside something long are found', async () => {
    const long = compound(
      smb2(9, writeRequest(joined(BIND, rpcRequest(1))), { id: 3 }),
      smb2(13, new Uint8Array(80_000), { id: 4 }),
    );
    const { found } = await outcome([...opened, ...inSegments(long)]);
    expect(found).toHaveLength(1);
  });
});
