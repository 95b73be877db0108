/** Which machine this is, among those that share a folder. */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '../core/user-error.js';

/**
 * A name in hex: processes that have the same one know each other by their ids. What people call a machine does not tell that:
 * machines made of one image, and containers on one network, have one name.
 */
export const MACHINE = createHash('sha256').update(`${hostname()} ${boot()}`).digest('hex').slice(0, 12);

/** Where ids of processes are counted; what systems other than Linux have is their name alone. */
function boot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1') + readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Whether there is a process of this id on this machine. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (e) {
    return systemCode(e) !== 'ESRCH';
  }
}
