/** Traffic that only carries others: copies of files by SMB 2, downloads by HTTP; and .NET remoting. */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { bigCapture, OUT, ROOT } from './inputs.mjs';
import { aim, compare } from './measure.mjs';
import { before, clrscope, only, tcpdump } from './programs.mjs';

const MSS = 1460;

/** Writes Ethernet frames of TCP connections, a batch at a time. */
class Wire {
  written = 0;
  clock = 1_700_000_000 * 1e6;
  parts = [];
  held = 0;

  constructor(path) {
    this.file = openSync(path, 'w');
    const head = Buffer.alloc(24);
    head.writeUInt32LE(0xa1b2c3d4, 0);
    head.writeUInt16LE(2, 4);
    head.writeUInt16LE(4, 6);
    head.writeUInt32LE(262144, 16);
    head.writeUInt32LE(1, 20);
    this.put(head);
  }

  put(bytes) {
    this.parts.push(bytes);
    this.held += bytes.length;
    if (this.held < 1 << 22) return;
    this.flush();
  }

  flush() {
    writeSync(this.file, Buffer.concat(this.parts));
    this.written += this.held;
    this.parts = [];
    this.held = 0;
  }

  end() {
    this.flush();
    closeSync(this.file);
  }

  /** A connection with its handshake. `send` cuts what an end says into segments. */
  connect(client, server, port) {
    const ports = [49152 + (client % 16000), port];
    const addresses = [0x0a000000 + client, 0x0a640000 + server];
    const next = [1000, 5000];
    const packet = (from, payload, flags) => {
      const frame = Buffer.alloc(70 + payload.length);
      this.clock += 20;
      frame.writeUInt32LE(Math.floor(this.clock / 1e6), 0);
      frame.writeUInt32LE(this.clock % 1e6, 4);
      frame.writeUInt32LE(frame.length - 16, 8);
      frame.writeUInt32LE(frame.length - 16, 12);
      frame.writeUInt16BE(0x0800, 28);
      frame.writeUInt16BE(0x4500, 30);
      frame.writeUInt16BE(40 + payload.length, 32);
      frame.writeUInt16BE(0x4006, 38);
      frame.writeUInt32BE(addresses[from], 42);
      frame.writeUInt32BE(addresses[1 - from], 46);
      frame.writeUInt16BE(ports[from], 50);
      frame.writeUInt16BE(ports[1 - from], 52);
      frame.writeUInt32BE(next[from] >>> 0, 54);
      frame.writeUInt32BE(flags === 2 ? 0 : next[1 - from] >>> 0, 58);
      frame.writeUInt16BE(0x5000 | flags, 62);
      frame.writeUInt16BE(0xffff, 64);
      payload.copy(frame, 70);
      this.put(frame);
      next[from] += payload.length + (flags & 3 ? 1 : 0);
    };
    const nothing = Buffer.alloc(0);
    packet(0, nothing, 2);
    packet(1, nothing, 18);
    packet(0, nothing, 16);
    return {
      send(from, bytes) {
        for (let at = 0, n = 0; at < bytes.length; at += MSS, n++) {
          packet(from, bytes.subarray(at, at + MSS), 16);
          if (n % 2 === 1) packet(1 - from, nothing, 16);
        }
      },
      end() {
        packet(0, nothing, 17);
        packet(1, nothing, 17);
      },
    };
  }
}

/** Makes a capture of about `bytes` of connections, one behind the other; keeps one that is there. */
function made(name, bytes, talk) {
  mkdirSync(OUT, { recursive: true });
  const path = join(OUT, `${name}-${bytes / 1e6}.pcap`);
  if (existsSync(path) && Math.abs(statSync(path).size - bytes) < bytes / 5) return path;
  const wire = new Wire(path);
  for (let n = 1; wire.written + wire.held < bytes; n++) talk(wire, n);
  wire.end();
  return path;
}

/** Bytes of a file: nothing in them looks like a header. */
const content = (length) => Buffer.alloc(length, 'The quick brown fox jumps over the lazy dog. ');

/** A message of SMB 2 behind its NetBIOS length (MS-SMB2 2.2.1). */
function smb2(command, id, isResponse, body, { status = 0, tree = 1 } = {}) {
  const head = Buffer.alloc(68);
  head.writeUIntBE(64 + body.length, 1, 3);
  head.write('\u00feSMB', 4, 'latin1');
  head.writeUInt16LE(64, 8);
  head.writeUInt16LE(1, 10);
  head.writeUInt32LE(status, 12);
  head.writeUInt16LE(command, 16);
  head.writeUInt16LE(31, 18);
  head.writeUInt32LE(isResponse ? 1 : 0, 20);
  head.writeBigUInt64LE(BigInt(id), 28);
  head.writeUInt32LE(0xfeff, 36);
  head.writeUInt32LE(tree, 40);
  head.writeBigUInt64LE(0x1122334455n, 44);
  return Buffer.concat([head, body]);
}

const FILE_ID = Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex');
const path16 = (text) => Buffer.from(text, 'utf16le');

function treeConnect(path) {
  const name = path16(path);
  const body = Buffer.alloc(8);
  body.writeUInt16LE(9, 0);
  body.writeUInt16LE(72, 4);
  body.writeUInt16LE(name.length, 6);
  const answer = Buffer.alloc(16);
  answer.writeUInt16LE(16, 0);
  answer[2] = 1;
  return [Buffer.concat([body, name]), answer];
}

function create(file) {
  const name = path16(file);
  const body = Buffer.alloc(56);
  body.writeUInt16LE(57, 0);
  body.writeUInt32LE(0x12019f, 24);
  body.writeUInt32LE(7, 32);
  body.writeUInt32LE(1, 36);
  body.writeUInt16LE(120, 44);
  body.writeUInt16LE(name.length, 46);
  const answer = Buffer.alloc(88);
  answer.writeUInt16LE(89, 0);
  FILE_ID.copy(answer, 64);
  return [Buffer.concat([body, name]), answer];
}

function read(offset, data) {
  const body = Buffer.alloc(49);
  body.writeUInt16LE(49, 0);
  body[2] = 0x50;
  body.writeUInt32LE(data.length, 4);
  body.writeBigUInt64LE(BigInt(offset), 8);
  FILE_ID.copy(body, 16);
  const answer = Buffer.alloc(16);
  answer.writeUInt16LE(17, 0);
  answer[2] = 80;
  answer.writeUInt32LE(data.length, 4);
  return [body, Buffer.concat([answer, data])];
}

function write(offset, data) {
  const body = Buffer.alloc(48);
  body.writeUInt16LE(49, 0);
  body.writeUInt16LE(112, 2);
  body.writeUInt32LE(data.length, 4);
  body.writeBigUInt64LE(BigInt(offset), 8);
  FILE_ID.copy(body, 16);
  const answer = Buffer.alloc(16);
  answer.writeUInt16LE(17, 0);
  answer.writeUInt32LE(data.length, 4);
  return [Buffer.concat([body, data]), answer];
}

function close() {
  const body = Buffer.alloc(24);
  body.writeUInt16LE(24, 0);
  FILE_ID.copy(body, 8);
  const answer = Buffer.alloc(60);
  answer.writeUInt16LE(60, 0);
  return [body, answer];
}

/** Files of 8 MB, read and written in turns, in pieces of 64 KB and of 1 MB. */
const smbCopies = (bytes) =>
  made('smb-copies', bytes, (wire, n) => {
    const talk = wire.connect(n, n % 250, 445);
    const size = n % 2 === 0 ? 1 << 16 : 1 << 20;
    const piece = content(size);
    let id = 1;
    const ask = (command, [request, answer]) => {
      talk.send(0, smb2(command, id, false, request));
      talk.send(1, smb2(command, id++, true, answer));
    };
    ask(3, treeConnect(`\\\\server\\share${n % 4}`));
    ask(5, create(`folder\\file${n}.bin`));
    for (let at = 0; at < 8 << 20; at += size) ask(n % 4 < 2 ? 8 : 9, n % 4 < 2 ? read(at, piece) : write(at, piece));
    ask(6, close());
    talk.end();
  });

/** Four files of 3 MB on each connection. */
const httpDownloads = (bytes) =>
  made('http-downloads', bytes, (wire, n) => {
    const talk = wire.connect(n, n % 250, 80);
    const body = content(3 << 20);
    for (let file = 0; file < 4; file++) {
      talk.send(0, Buffer.from(`GET /files/${n}-${file}.bin HTTP/1.1\r\nHost: server\r\nUser-Agent: copier\r\n\r\n`));
      const head = `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${body.length}\r\n\r\n`;
      talk.send(1, Buffer.concat([Buffer.from(head), body]));
    }
    talk.end();
  });

const REMOTING = join(ROOT, '../shared/captures/remoting');

function remotingCalls(bytes) {
  const from = existsSync(REMOTING) ? readdirSync(REMOTING).filter((name) => /^tcp-.*\.pcap$/.test(name)) : [];
  return bigCapture(
    `remoting-${bytes / 1e6}`,
    bytes,
    from.map((name) => join(REMOTING, name)),
  );
}

/** CLRSCOPE_TRANSFERS: megabytes of each input, for a trial. */
const SIZE = Number(process.env.CLRSCOPE_TRANSFERS ?? 500) * 1e6;

/** One kind of traffic against tcpdump in the same rounds. */
function against(file, what, most, rounds, ...more) {
  const rows = compare(
    only(
      tcpdump(file),
      ...before('clrscope calls', 'calls', file),
      { name: 'clrscope calls', command: clrscope('calls', file) },
      ...more,
    ),
    rounds,
  );
  return {
    lines: [`${(statSync(file).size / 1e6).toFixed(0)} MB.`],
    rows,
    base: 'clrscope calls',
    aims:
      most === null ? [] : aim(rows, `${what}: \`calls\` / \`tcpdump -r -w\``, 'clrscope calls', 'tcpdump', { most }),
  };
}

export const smbTransfers = (rounds) => against(smbCopies(SIZE), 'SMB file copies', 1, rounds);
export const httpTransfers = (rounds) => against(httpDownloads(SIZE), 'HTTP downloads', 1, rounds);
export function remoting(rounds) {
  const file = remotingCalls(SIZE);
  const ndjson = { name: 'clrscope calls -T ndjson', rounds: 3, command: clrscope('calls', '-T', 'ndjson', file) };
  return against(file, 'remoting', null, rounds, ndjson);
}
