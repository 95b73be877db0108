/** The programs that are held against each other, and what they are asked. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './inputs.mjs';
import { has } from './measure.mjs';

export const dist = process.env.CLRSCOPE_DIST ?? join(ROOT, 'dist');
const mainOf = (folder) => join(folder, 'bundle/cli/main.js');

/** A command of the build that is measured. */
export const clrscope = (...more) => [process.execPath, mainOf(dist), ...more];
export const node = (script, ...more) => [process.execPath, join(ROOT, 'test/bench', script), ...more];

/** The same of an older build, where CLRSCOPE_OLD names its dist folder: a row beside the new one. */
export function before(name, ...more) {
  const old = process.env.CLRSCOPE_OLD;
  if (old === undefined) return [];
  if (!existsSync(mainOf(old))) throw new Error(`CLRSCOPE_OLD: there is no ${mainOf(old)}`);
  return [{ name: `before: ${name}`, rounds: 3, command: [process.execPath, mainOf(old), ...more] }];
}

/** Rows of programs that this machine has. */
export const only = (...programs) => programs.filter((p) => p.needs === undefined || has(p.needs));
export const tshark = (name, ...more) => ({ name, needs: 'tshark', rounds: 2, command: ['tshark', ...more] });
export const tcpdump = (file) => ({
  name: 'tcpdump -r FILE -w /dev/null',
  needs: 'tcpdump',
  command: ['tcpdump', '-r', file, '-w', '/dev/null'],
});
export const cat = (file) => ({ name: 'cat', command: ['cat', file] });

/** Columns of PDUs' headers. */
export const HEADER_COLUMNS = [
  'frame.number',
  'dcerpc.pkt_type',
  'dcerpc.cn_flags',
  'dcerpc.cn_frag_len',
  'dcerpc.cn_call_id',
  'dcerpc.cn_ctx_id',
  'dcerpc.opnum',
].flatMap((c) => ['-e', c]);

/** Captures that rpc is made of. */
export const CLEAR = ['clear-ndr', 'clear-big', 'multi-context', 'interleaved', 'odd-bstr', 'ccw-variants'];
