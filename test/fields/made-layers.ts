/** Made captures that show the fields of layers, DCE/RPC, authentication, SMB and remoting. */
import { NET } from './made-net.js';
import { REMOTE } from './made-remoting.js';
import { RPC } from './made-rpc.js';
import { SMB } from './made-smb.js';
import { TOKENS } from './made-tokens.js';
import type { MadeCapture } from './wire.js';

export const MADE: readonly MadeCapture[] = [...NET, ...RPC, ...TOKENS, ...SMB, ...REMOTE];
