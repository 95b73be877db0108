/** Made captures that show the fields of interfaces, VARIANTs and NRBF. */
import type { MadeCapture } from './wire.js';

export const MADE: readonly MadeCapture[] = [];
