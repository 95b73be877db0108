/** Authentication levels by name (MS-RPCE 2.2.1.1.8). */
import { AUTH_LEVELS } from '../../dissectors/dcerpc/auth.js';

/** Name of an authentication level; `NONE` without any. */
export function levelText(level: number): string {
  return level === 0 ? 'NONE' : (AUTH_LEVELS[level] ?? String(level));
}
