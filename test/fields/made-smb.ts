/** Made captures of SMB: messages of Samba and impacket, and what they seldom send (MS-SMB2 2.2, MS-CIFS 2.2, RFC 1002 4.3). */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { loadSecrets } from '../../src/security/index.js';
import { concat } from '../bytes.js';
import { SMB1_PIPES, SMB1_READ_WRITE, SMB2_PIPES } from '../smb/golden.js';
import { captureOf, nbss, smb1 } from '../smb/support.js';
import { ascii, hex, le16, le32, type MadeCapture, made } from './wire.js';

const DATA = new URL('../smb/data/', import.meta.url);

/** No command is chained to it. */
const ALONE = hex('ff000000');
/** A session is set up with passwords (MS-CIFS 2.2.4.53): sizes, numbers, lengths of both passwords, capabilities. */
const SETUP_WORDS = concat(ALONE, le16(4356), le16(2), le16(1), le32(0), le16(4), le16(6), le32(0), le32(0xd4));
const SETUP_BYTES = concat(hex('a1a2a3a4'), hex('b1b2b3b4b5b6'), ascii('pia\0LAB\0Unix\0Samba\0'));
/** The beginning of a message is written raw into the pipe of `SMB1_READ_WRITE` (2.2.4.43): the length of all of it stands in front of the data. */
const RAW_WRITE = concat(
  ALONE,
  le16(0x9c40),
  le32(0),
  le32(0),
  le16(0x000c),
  le16(10),
  ...[0, 10, 63].map(le16),
  le32(0),
);
const RAW_BYTES = concat(le16(8), hex('0102030405060708'));

export const SMB: readonly MadeCapture[] = [
  made('smb2', () => captureOf(SMB2_PIPES)),
  made('smb1', () => captureOf(SMB1_PIPES)),
  made('smb1-read-write', () => captureOf(SMB1_READ_WRITE)),
  made('smb1-old', () =>
    captureOf([
      [0, nbss(smb1(0x73, SETUP_WORDS, SETUP_BYTES))],
      ...SMB1_READ_WRITE.slice(0, 4),
      [0, nbss(smb1(0x2f, RAW_WRITE, RAW_BYTES, { tree: 0x4a89 }))],
    ]),
  ),
  made('smb3-compressed', () =>
    captureOf([[0, nbss(concat([0xfc], ascii('SMB'), le32(100), new Uint8Array(64).fill(0x77)))]]),
  ),
  made('nbss-negative', () => captureOf([...SMB1_PIPES.slice(0, 1), [1, hex('83000001 82')]])),
  {
    name: 'smb3-sealed',
    bytes: () => gunzipSync(readFileSync(new URL('smb311-gcm.pcap.gz', DATA))),
    secrets: await loadSecrets(new URL('secrets.json', DATA).pathname),
  },
];
