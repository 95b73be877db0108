/** Authentication levels by name (MS-RPCE 2.2.1.1.8). */
import type { CallAuth } from '../../dissectors/call.js';
import { AUTH_LEVELS } from '../../dissectors/dcerpc/auth.js';

/** The level at which a call is protected, as it says itself or its carrier; null where that was not captured. */
export function levelOf({ level, isCut }: CallAuth): number | null {
  return isCut && level === 0 ? null : level;
}

/** Name of an authentication level: `NONE` for 0, `unknown` where nothing tells it. */
export function levelText(level: number | null): string {
  return level === null ? 'unknown' : level === 0 ? 'NONE' : (AUTH_LEVELS[level] ?? String(level));
}
