/** What goes through named pipes is DCE/RPC of its own: whatever SMB does with writes, reads, compounds and handles. */
import { describe, expect, test } from 'vitest';
import { type Said, SMB1_PIPES, SMB1_READ_WRITE, SMB2_PIPES, SMB3_ENCRYPTED } from './golden.js';
import {
  BIND,
  captureOf,
  closeRequest,
  closeResponse,
  compound,
  concat,
  createRequest,
  errorBody,
  le16,
  nbss,
  OTHER_FILE,
  openPipe,
  outcomeOf,
  read,
  readRequest,
  readResponse,
  rpcRequest,
  rpcResponse,
  smb1,
  smb2,
  treeConnect,
  valuesOf,
  write,
  writeRequest,
} from './support.js';

const PIPES = treeConnect(2);
const DISK = treeConnect(1);
const INHERITED = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/** The DCE/RPC among what was found. */
const rpcOf = (lines: readonly string[]): string[] =>
  lines.filter((l) => l.startsWith('DCERPC')).map((l) => l.slice(7));
const outcome = (said: readonly Said[]) => outcomeOf(captureOf(said));

describe('of other implementations', () => {
  test('SMB 2: PENDING, compounds, fragments in one compound, PDUs in two writes and in two reads', async () => {
    const { lines, found, problems, codes, all } = await outcome(SMB2_PIPES);
    expect(problems).toEqual([]);
    expect(codes).toEqual([]);
    expect(lines).toContain(
      'SMB2 Create Request, File: srvsvc; Write Request, File: srvsvc; Read Request, File: srvsvc',
    );
    expect(lines).toContain('SMB2 Create Response, File: srvsvc; Write Response, File: srvsvc, STATUS_INTERNAL_ERROR');
    expect(lines).toContain('SMB2 Read Response, File: srvsvc, STATUS_PENDING');
    expect(found.map(({ callId, request, response }) => [callId, request !== null, response !== null])).toEqual([
      [2, true, true],
      [8, true, true],
      [4, true, true],
      [9, true, true],
      [10, true, true],
      [11, true, false],
    ]);
    expect(new Set(found.map(({ connection }) => connection.endpoint))).toEqual(new Set(['\\pipe\\srvsvc']));
    expect(new Set(found.map(({ connection }) => connection.transport))).toEqual(new Set(['ncacn_np']));
    expect(new Set(valuesOf(all, 'smb2.acct'))).toEqual(new Set(['pia']));
    expect(new Set(valuesOf(all, 'smb2.domain'))).toEqual(new Set(['LABOR']));
  });

  test('SMB 1: a session of NetBIOS, UTF-16, TransactNmPipe', async () => {
    const { lines, found, problems } = await outcome(SMB1_PIPES);
    expect(problems).toEqual([]);
    expect(lines[0]).toBe('NBSS Session request, to 10.40.0.20<20> from PIPESRV<00>');
    expect(lines[1]).toBe('NBSS Positive session response');
    expect(lines).toContain('SMB Session Setup AndX Request, User: LABOR\\pia');
    expect(lines).toContain('SMB Trans Request TransactNmPipe, File: \\srvsvc');
    expect(rpcOf(lines)).toEqual([
      'Bind  srvsvc',
      'Bind ack  srvsvc accepted',
      expect.stringContaining('Request  call 2  srvsvc.NetrShareEnum'),
    ]);
    expect(found.map(({ connection }) => connection.endpoint)).toEqual(['\\pipe\\srvsvc']);
  });

  test('SMB 1: ASCII, WRITE_ANDX and READ_ANDX', async () => {
    const { lines, found, problems, codes } = await outcome(SMB1_READ_WRITE);
    expect(problems).toEqual([]);
    expect(codes).toEqual([]);
    expect(rpcOf(lines)).toHaveLength(4);
    expect(found.map(({ response }) => response?.stub?.length)).toEqual([120]);
  });

  test('SMB 3, encrypted: who it is and that nothing can be read is said, once', async () => {
    const { lines, found, codes, problems, all } = await outcome(SMB3_ENCRYPTED);
    expect(problems).toEqual([]);
    expect(codes).toEqual(['encrypted']);
    expect(lines.slice(-2)).toEqual(['SMB2 Encrypted SMB3', 'SMB2 Encrypted SMB3']);
    expect(found).toEqual([]);
    expect(valuesOf(all.slice(-2), 'smb2.acct')).toEqual(['pia', 'pia']);
  });
});

describe('handles', () => {
  test('a handle that is given again belongs to the pipe that was opened last', async () => {
    const first = [...openPipe('one', 1), write(2, BIND), write(3, rpcRequest(5))];
    const second = [...openPipe('two', 4), write(5, BIND), write(6, rpcRequest(5)), ...read(7, rpcResponse(5))];
    const { found } = await outcome([...PIPES, ...first, ...second]);
    expect(found.map(({ connection, response }) => [connection.endpoint, response !== null])).toEqual([
      ['\\pipe\\one', false],
      ['\\pipe\\two', true],
    ]);
  });

  test('pipes of a session go on side by side, with the same call ids', async () => {
    const { found } = await outcome([
      ...PIPES,
      ...openPipe('one', 1),
      ...openPipe('two', 2, OTHER_FILE),
      write(3, BIND),
      write(4, BIND, OTHER_FILE),
      write(5, rpcRequest(9, new Uint8Array(4))),
      write(6, rpcRequest(9, new Uint8Array(12)), OTHER_FILE),
      ...read(7, rpcResponse(9, new Uint8Array(24)), OTHER_FILE),
      ...read(8, rpcResponse(9, new Uint8Array(16))),
    ]);
    expect(found.map((c) => [c.connection.endpoint, c.request?.stub?.length, c.response?.stub?.length])).toEqual([
      ['\\pipe\\one', 4, 16],
      ['\\pipe\\two', 12, 24],
    ]);
  });

  test('answers to reads are told by the message id, in any order', async () => {
    const { found } = await outcome([
      ...PIPES,
      ...openPipe('one', 1),
      ...openPipe('two', 2, OTHER_FILE),
      [0, nbss(smb2(8, readRequest(), { id: 3 }))],
      [0, nbss(smb2(8, readRequest(OTHER_FILE), { id: 4 }))],
      write(5, concat(BIND, rpcRequest(1))),
      write(6, concat(BIND, rpcRequest(1)), OTHER_FILE),
      [1, nbss(smb2(8, readResponse(rpcResponse(1, new Uint8Array(20))), { id: 4, answer: true }))],
      [1, nbss(smb2(8, readResponse(rpcResponse(1, new Uint8Array(10))), { id: 3, answer: true }))],
    ]);
    expect(found.map((c) => [c.connection.endpoint, c.response?.stub?.length])).toEqual([
      ['\\pipe\\one', 10],
      ['\\pipe\\two', 20],
    ]);
  });

  test('what is written in the compound that opens a pipe goes through it, and ends where it could not be opened', async () => {
    const together = compound(
      smb2(5, createRequest('one'), { id: 1 }),
      smb2(9, writeRequest(concat(BIND, rpcRequest(1)), INHERITED), { id: 2, related: true }),
    );
    const refused = nbss(smb2(5, errorBody(), { id: 1, answer: true, status: 0xc0000022 }));
    const { found, lines } = await outcome([...PIPES, [0, together], [1, refused]]);
    expect(found.map((c) => [c.connection.endpoint, c.open])).toEqual([['\\pipe\\one', false]]);
    expect(lines.at(-1)).toBe('SMB2 Create Response, File: one, STATUS_ACCESS_DENIED');
  });

  test('nothing more comes of calls in a pipe that is closed', async () => {
    const { found } = await outcome([
      ...PIPES,
      ...openPipe('one', 1),
      write(2, concat(BIND, rpcRequest(1))),
      [0, nbss(smb2(6, closeRequest(), { id: 3 }))],
      [1, nbss(smb2(6, closeResponse(), { id: 3, answer: true }))],
      ...read(4, rpcResponse(1)),
    ]);
    expect(found.find((c) => c.request !== null)?.open).toBe(false);
    expect(found[0].response).toBeNull();
  });
});

describe('captures that begin later', () => {
  test('DCE/RPC in a pipe that was opened before is found, and its name is not known', async () => {
    const said = [write(2, BIND), write(3, rpcRequest(1)), ...read(4, rpcResponse(1))];
    const { found, codes } = await outcome(said);
    expect(found.map((c) => [c.connection.endpoint, c.connection.midstream, c.response !== null])).toEqual([
      [null, true, true],
    ]);
    expect(codes).toEqual(['midstream']);
  });

  test('files of trees that were connected to before are passed over', async () => {
    const { all } = await outcome([write(2, Buffer.from('text of a file')), ...read(3, Buffer.from('more of it'))]);
    expect(all).toEqual([]);
  });
});

describe('files', () => {
  test('nothing of a disk is shown or carried, though it look like DCE/RPC', async () => {
    const said = [...DISK, ...openPipe('a file', 1), write(2, BIND), ...read(3, rpcResponse(1))];
    const { lines, found } = await outcome(said);
    expect(lines).toHaveLength(2);
    expect(found).toEqual([]);
  });

  test('a pipe that speaks something else is left alone', async () => {
    const { lines } = await outcome([
      ...PIPES,
      ...openPipe('other', 1),
      write(2, Buffer.from('{"json": 1}')),
      write(3, BIND),
    ]);
    expect(rpcOf(lines)).toEqual([]);
  });
});

describe('what was not captured', () => {
  test('a message that is cut leaves a hole in its pipe, and the next PDU is found', async () => {
    const packets = captureOf([
      ...PIPES,
      ...openPipe('one', 1),
      write(2, BIND),
      write(3, rpcRequest(1, new Uint8Array(400))),
      write(4, rpcRequest(2)),
      ...read(5, rpcResponse(2)),
    ]);
    // a snap length that only the long write meets
    const at = packets.findIndex(({ bytes }) => bytes.length > 500);
    const cutAt = packets[at].bytes.length - 300;
    const cut = { ...packets[at], bytes: packets[at].bytes.subarray(0, cutAt), length: packets[at].bytes.length };
    const { found, problems, codes } = await outcomeOf(packets.map((p, i) => (i === at ? cut : p)));
    expect(problems).toEqual([]);
    expect(codes).toContain('truncated');
    expect(found.filter((c) => c.response !== null).map((c) => c.callId)).toEqual([2]);
  });

  describe('the request of a read', () => {
    const stray: Said = [1, nbss(smb2(8, readResponse(rpcResponse(1)), { id: 9, answer: true }))];

    test('what is read belongs to the pipe that is in use', async () => {
      const said = [...PIPES, ...openPipe('one', 1), write(2, BIND), write(3, rpcRequest(1)), stray];
      const { found, problems } = await outcome(said);
      expect(problems).toEqual([]);
      expect(found.map((c) => [c.callId, c.response !== null])).toEqual([[1, true]]);
    });

    test('where several pipes are in use, an answer that it may be a part of is not whole', async () => {
      const [first, last] = [rpcResponse(1), rpcResponse(1)];
      first[3] = 1;
      last[3] = 2;
      const other = [...openPipe('two', 2, OTHER_FILE), write(3, BIND, OTHER_FILE)];
      const asked = [...openPipe('one', 1), write(4, BIND), write(5, rpcRequest(1)), ...read(6, first)];
      const { found, codes } = await outcome([...PIPES, ...other, ...asked, stray, ...read(7, last)]);
      expect(found.map((c) => [c.callId, c.out, c.warnings.map(({ code }) => code)])).toEqual([
        [1, null, ['incomplete']],
      ]);
      expect(codes).not.toContain('malformed');
    });

    test('a file that was read is no part of a pipe', async () => {
      const file: Said = [1, nbss(smb2(8, readResponse(new Uint8Array(60).fill(7)), { id: 9, answer: true }))];
      const said = [...PIPES, ...openPipe('one', 1), write(2, BIND), write(3, rpcRequest(1)), file];
      const { found, codes } = await outcome([...said, ...read(4, rpcResponse(1))]);
      expect(codes).toEqual([]);
      expect(found.map((c) => [c.callId, c.response !== null])).toEqual([[1, true]]);
    });
  });
});

describe('SMB 1', () => {
  const connected: Said[] = [
    [
      0,
      nbss(smb1(0x75, concat([0xff, 0, 0, 0], le16(0), le16(1)), Buffer.from('\0\\\\s\\IPC$\0?????\0'), { tree: 0 })),
    ],
    [1, nbss(smb1(0x75, concat([0xff, 0, 0, 0], le16(1)), Buffer.from('IPC\0'), { answer: true }))],
    [0, nbss(smb1(0xa2, concat([0xff, 0, 0, 0, 0], new Uint8Array(43)), Buffer.from('\\epmapper\0')))],
    [
      1,
      nbss(
        smb1(0xa2, concat([0xff, 0, 0, 0, 0], le16(0x4001), new Uint8Array(61)), new Uint8Array(0), { answer: true }),
      ),
    ],
  ];
  const writeAndX = (data: Uint8Array, mode = 0): Uint8Array => {
    const words = concat([0xff, 0, 0, 0], le16(0x4001), new Uint8Array(8), le16(mode), le16(0), le16(0));
    return nbss(smb1(0x2f, concat(words, le16(data.length), le16(59)), data));
  };
  const transact = (data: Uint8Array, total: number, from = 0): Uint8Array => {
    if (from > 0) {
      const words = concat(le16(0), le16(total), le16(0), le16(0), le16(0), le16(data.length), le16(51), le16(from));
      return nbss(smb1(0x26, words, data, { mid: 3 }));
    }
    const words = concat(
      le16(0),
      le16(total),
      new Uint8Array(14),
      le16(0),
      le16(0),
      le16(data.length),
      le16(75),
      [2, 0],
    );
    return nbss(
      smb1(0x25, concat(words, le16(0x26), le16(0x4001)), concat(Buffer.from('\\PIPE\\\0\0'), data), { mid: 3 }),
    );
  };

  test('a write that begins a message has the length of all of it in front', async () => {
    const said: Said[] = [
      [0, writeAndX(concat(le16(BIND.length), BIND), 0x0c)],
      [0, writeAndX(rpcRequest(1))],
    ];
    const { lines, problems, codes } = await outcome([...connected, ...said]);
    expect(problems).toEqual([]);
    expect(codes).toEqual([]);
    expect(rpcOf(lines).map((l) => l.split('  ')[0])).toEqual(['Bind', 'Request']);
  });

  test('data of a transaction goes on in secondary requests', async () => {
    const request = rpcRequest(1, new Uint8Array(100));
    const all = concat(BIND, request);
    const { lines, problems, codes, found } = await outcome([
      ...connected,
      [0, transact(all.subarray(0, 90), all.length)],
      [1, nbss(smb1(0x25, new Uint8Array(0), new Uint8Array(0), { mid: 3, answer: true }))],
      [0, transact(all.subarray(90), all.length, 90)],
    ]);
    expect(problems).toEqual([]);
    expect(codes).toEqual([]);
    expect(rpcOf(lines).map((l) => l.split('  ')[0])).toEqual(['Bind', 'Request']);
    expect(found.map(({ connection }) => connection.endpoint)).toEqual(['\\pipe\\epmapper']);
  });
});

test('a name of a pipe is the same however it is written', async () => {
  for (const name of ['epmapper', '\\epmapper', '\\PIPE\\epmapper', 'pipe\\epmapper']) {
    const { found } = await outcome([...PIPES, ...openPipe(name, 1), write(2, concat(BIND, rpcRequest(1)))]);
    expect(found[0].connection.endpoint).toBe('\\pipe\\epmapper');
  }
});
