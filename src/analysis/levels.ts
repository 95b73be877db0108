/** Authentication levels by name (MS-RPCE 2.2.1.1.8). */
import { AUTH_LEVELS } from '../../dissectors/dcerpc/auth.js';

/** Name of an authentication level: `NONE` for 0, `unknown` where nothing tells it. */
export function levelText(level: number | null): string {
  return level === null ? 'unknown' : level === 0 ? 'NONE' : (AUTH_LEVELS[level] ?? String(level));
}
