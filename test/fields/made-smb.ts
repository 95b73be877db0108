/** Made captures of SMB: messages of Samba and impacket, and what they seldom send (MS-SMB2 2.2, MS-CIFS 2.2, RFC 1002 4.3). */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { loadSecrets } from '../../src/security/index.js';
import { SMB1_PIPES, SMB1_READ_WRITE, SMB2_PIPES } from '../smb/golden.js';
import { captureOf } from '../smb/support.js';
import { type MadeCapture, made } from './wire.js';

const DATA = new URL('../smb/data/', import.meta.url);

export const SMB: readonly MadeCapture[] = [
  made('smb2', () => captureOf(SMB2_PIPES)),
  made('smb1', () => captureOf(SMB1_PIPES)),
  made('smb1-read-write', () => captureOf(SMB1_READ_WRITE)),
  {
    name: 'smb3-sealed',
    bytes: () => gunzipSync(readFileSync(new URL('smb311-gcm.pcap.gz', DATA))),
    secrets: await loadSecrets(new URL('secrets.json', DATA).pathname),
  },
];
