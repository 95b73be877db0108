/** Made captures that show the fields of layers, of what stands between packets, DCE/RPC, authentication, SMB and remoting. */
import { MADE as LINKS } from '../links/made-links.js';
import { BLOCKS } from './made-blocks.js';
import { NET } from './made-net.js';
import { REMOTE } from './made-remoting.js';
import { RPC } from './made-rpc.js';
import { SMB } from './made-smb.js';
import { TOKENS } from './made-tokens.js';
import type { MadeCapture } from './wire.js';

export const MADE: readonly MadeCapture[] = [...NET, ...LINKS, ...RPC, ...TOKENS, ...SMB, ...REMOTE, BLOCKS];
