/** `clrscope [read] FILE...`: one summary line a PDU, the annotated tree, or JSON. */
import type { Pdu } from '../../dissectors/dcerpc/dissect.js';
import { dcerpc } from '../../dissectors/index.js';
import type { Time } from '../core/context.js';
import { scan } from '../engine/scan.js';
import { elapsed } from '../output/call-json.js';
import { renderHex } from '../output/hex.js';
import { pduToJson } from '../output/pdu-json.js';
import { pduSummary } from '../output/summary.js';
import { paint, safe } from '../output/terminal.js';
import { renderNotes, renderTree } from '../output/tree.js';
import { type CommonOptions, type Job, runJob, UsageError } from './run.js';

export interface ReadOptions extends CommonOptions {
  T: string;
  V?: boolean;
  x?: boolean;
  c?: string;
  i?: string;
  f?: string;
}

const FORMATS = ['text', 'tree', 'json', 'ndjson'];

/** Runs the command. */
export async function read(files: string[], options: ReadOptions): Promise<void> {
  const format = options.V ? 'tree' : options.T;
  const record = format !== 'text' || options.x === true;
  let first = true;
  await runJob(files, options, {
    begin(job) {
      check(options, format);
      if (format === 'json') job.out.write('[');
    },
    each(file, job, onProgress) {
      const most = options.c === undefined ? Number.POSITIVE_INFINITY : Number(options.c);
      const print = printer(job, format, options.x === true);
      let packets = 0;
      return scan(
        file,
        dcerpc(job.secrets),
        { record, ports: job.ports },
        {
          onPacket: most === Number.POSITIVE_INFINITY ? undefined : () => ++packets <= most,
          onPdu(pdu) {
            print(pdu, first);
            first = false;
            return !job.interrupted;
          },
          onNote: (note) => job.note(file, note),
          onProgress,
        },
      );
    },
    end(job) {
      if (format === 'json') job.out.write('\n]\n');
    },
  });
}

function check(options: ReadOptions, format: string): void {
  if (options.i !== undefined || options.f !== undefined)
    throw new UsageError('clrscope reads captures; capture first, for example with: tcpdump -i eth0 -w FILE tcp');
  if (!FORMATS.includes(format)) throw new UsageError(`-T takes ${FORMATS.join(', ')}, not ${JSON.stringify(format)}`);
  if (options.c !== undefined && !/^[1-9]\d*$/.test(options.c))
    throw new UsageError(`-c takes a number of frames, not ${JSON.stringify(options.c)}`);
}

/** How one PDU is printed. */
function printer(job: Job, format: string, withHex: boolean): (pdu: Pdu, first: boolean) => void {
  const { out } = job;
  if (format === 'json')
    return (pdu, first) => out.write(`${first ? '\n' : ',\n'}${JSON.stringify(pduToJson(pdu, job.full))}`);
  if (format === 'ndjson') return (pdu) => out.write(`${JSON.stringify(pduToJson(pdu, job.full))}\n`);
  const options = { color: job.color, width: job.width };
  const heading = headings(job);
  const hex = (pdu: Pdu): string => (withHex ? renderHex(pdu.recording.sources, job.color) : '');
  if (format === 'tree')
    return (pdu) => {
      const { roots, notes } = pdu.recording;
      out.write(`${heading(pdu)}${renderTree(roots, options)}${renderNotes(notes, options)}${hex(pdu)}\n`);
    };
  return (pdu) => out.write(heading(pdu) + hex(pdu));
}

/** `Frame 30  0.053 s  10.20.0.20:49664 → 10.20.0.10:58332  Response …`, times from the first PDU on. */
function headings(job: Job): (pdu: Pdu) => string {
  const p = paint(job.color);
  let began: Time | null = null;
  return (pdu) => {
    const { transport } = pdu;
    began ??= transport.time;
    const from = transport.connection.ends[transport.direction];
    const to = transport.connection.ends[transport.direction === 0 ? 1 : 0];
    const head = `Frame ${transport.frames.at(-1)}  ${elapsed(began, transport.time).toFixed(3)} s  ${from.address}:${from.port} → ${to.address}:${to.port}`;
    return `${p.offset(head)}  ${p.strong(safe(pduSummary(pdu)))}\n`;
  };
}
