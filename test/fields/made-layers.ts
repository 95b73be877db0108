/** Made captures that show the fields of layers, DCE/RPC and authentication. */
import { NET } from './made-net.js';
import { RPC } from './made-rpc.js';
import { SMB } from './made-smb.js';
import { TOKENS } from './made-tokens.js';
import type { MadeCapture } from './wire.js';

export const MADE: readonly MadeCapture[] = [...NET, ...RPC, ...TOKENS, ...SMB];
