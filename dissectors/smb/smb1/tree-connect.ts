/** TREE_CONNECT_ANDX and TREE_DISCONNECT of SMB 1 (MS-CIFS 2.2.4.55, 2.2.4.51): shares, and which of them hold pipes. */
import { smbField } from '../fields.js';
import { keptName } from '../state.js';
import { type Block, PATH, readText } from './header.js';

const PASSWORD_LENGTH = smbField('smb.pwlen', 'Password length', 'uint16');
const PASSWORD = smbField('smb.password', 'Password', 'bytes');
const FLAGS = smbField('smb.connect.flags', 'Flags', 'uint16', { hex: true });
const SUPPORT = smbField('smb.connect.support', 'Optional support', 'uint16', { hex: true });
const SERVICE = smbField('smb.service', 'Service', 'string');
const NATIVE_FS = smbField('smb.native_fs', 'Native file system', 'string');

export const TREE_CONNECT_REQUEST: Block = {
  words(c, m) {
    c.u16(FLAGS);
    m.lengths = [c.u16(PASSWORD_LENGTH)];
  },
  bytes(c, m) {
    c.skip(PASSWORD, m.lengths[0]);
    const path = readText(c, m, PATH);
    m.told = keptName(path);
    m.text = `, Path: ${path}`;
    readText(c, m, SERVICE, false);
  },
};

export const TREE_CONNECT_RESPONSE: Block = {
  words(c, m) {
    if (m.words > 2) c.u16(SUPPORT);
  },
  bytes(c, m) {
    const { reading, request, treeKey } = m;
    const service = readText(c, m, SERVICE, false);
    m.text = `, ${service}`;
    reading.memory.keep('trees', treeKey, { path: request?.told ?? null, type: null, isPipes: service === 'IPC' });
    if (c.left > 0) readText(c, m, NATIVE_FS);
  },
};

export const TREE_DISCONNECT_RESPONSE: Block = {
  words(_, { reading, treeKey }) {
    reading.memory.forget('trees', treeKey);
  },
};
