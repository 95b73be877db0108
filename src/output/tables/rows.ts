/** From a pass over a capture to rows of all tables, as it goes: what is kept meanwhile is bounded. */
import type { Call } from '../../../dissectors/call.js';
import { factsOf } from '../../../dissectors/outcome.js';
import { Finder, type Finding, RULES } from '../../analysis/audit/index.js';
import { heldBy } from '../../analysis/held.js';
import { type LazyReport, lazyReport } from '../../analysis/objects/report.js';
import { ObjectTable } from '../../analysis/objects/table.js';
import type { Listeners } from '../../analysis/pass.js';
import type { CaptureEnd } from '../../capture/open.js';
import type { Time } from '../../core/context.js';
import { type LimitName, type Limits, optionOf } from '../../core/limits.js';
import { isTold } from '../../core/time.js';
import { CALL_TABLE, type CallParameters, callRow } from './calls.js';
import { CAPTURE_TABLE, type CaptureRow } from './captures.js';
import type { Table } from './column.js';
import { CONNECTION_TABLE, ConnectionRow } from './connections.js';
import { FINDING_TABLE } from './findings.js';
import { type JsonAllowance, REMOTED_TABLE, remotedIn, remotedRows } from './nrbf-calls.js';
import { OBJREF_TABLE, objRefsBrought, TYPE_TABLE, typesBrought } from './nrbf-types.js';
import { OBJECT_TABLE, POINTER_TABLE } from './objects.js';
import { PDU_TABLE, pduRow } from './pdus.js';

/** What is odd about one capture that is kept for its row; others are counted. */
const MOST_NOTES = 1000;

/** Takes rows; each is valid during the call only. */
export type AddRow = <Row>(table: Table<Row>, row: Row) => void;

/** What is known of a capture beside what a pass tells. */
export interface RowsOptions extends Pick<CaptureRow, 'capture' | 'digest' | 'bytes' | 'version'> {
  readonly limits: Limits;
  /** A call and its parameters as JSON, as far as they are told. */
  readonly parameters: (call: Call) => CallParameters;
  /** How much JSON the capture may become. */
  readonly allowance: JsonAllowance;
}

/** What a pass over a capture is listened to with, and what is told at its end. */
export interface Rows extends Required<Pick<Listeners, 'file' | 'packet' | 'pdu' | 'call' | 'attempt' | 'note'>> {
  done(end: CaptureEnd): void;
}

/** Makes rows of a capture. */
export function rowsOf({ capture, limits, parameters, allowance, ...file }: RowsOptions, add: AddRow): Rows {
  const notes: string[] = [];
  /** What nobody used for long is written ahead of the end, so that memory does not grow with the capture. */
  const ahead = new Set<string>();
  const findingRows = (findings: readonly Finding[]): void => {
    for (const finding of findings) add(FINDING_TABLE, { capture, finding });
  };
  const finder = new Finder(RULES, limits, {
    onIdle(findings) {
      ahead.add(aheadNote('findings', 'findings'));
      findingRows(findings);
    },
  });
  finder.begin(capture);
  /** Rows of objects, of their pointers, and of what remoting alone reaches. */
  const tell = ({ apartments, remoting }: LazyReport, isForgotten: boolean): void => {
    const common = { capture, isForgotten };
    for (const apartment of apartments)
      for (const object of apartment.objects) {
        add(OBJECT_TABLE, { ...common, server: apartment.server, apartment, object, remoting: object.remoting });
        for (const pointer of object.interfacePointers) add(POINTER_TABLE, { capture, apartment, object, pointer });
      }
    for (const one of remoting)
      add(OBJECT_TABLE, { ...common, server: one.server, apartment: null, object: null, remoting: [one] });
  };
  const objects: ObjectTable = new ObjectTable(limits, (idle, limit) => {
    ahead.add(aheadNote('objects', limit));
    tell(lazyReport(objects, capture, undefined, idle), true);
  });
  const connections = new Connections(limits.connections, (row) => add(CONNECTION_TABLE, row));
  const remotedRow = remotedRows(allowance);
  let moreNotes = 0;
  const files: { name: string; first: number }[] = [];
  let [pdus, calls, sealed] = [0, 0, 0];
  let [first, last]: (Time | null)[] = [null, null];
  return {
    file: (path, frame) => void files.push({ name: path.slice(path.lastIndexOf('/') + 1), first: frame }),
    packet({ sec, nsec }) {
      if (!isTold({ sec, nsec })) return;
      first ??= { sec, nsec };
      last = { sec, nsec };
    },
    pdu(pdu, call) {
      finder.pdu(pdu);
      add(PDU_TABLE, pduRow(capture, ++pdus, pdu, call));
      connections.of(pdu.transport.connection.id, () => ConnectionRow.of(capture, pdu)).pdu(pdu);
    },
    call(call, number) {
      calls++;
      if (call.auth.decrypted === false) sealed++;
      const facts = factsOf(call);
      const held = heldBy(call);
      objects.add(call, facts);
      finder.call(call, number, facts, held, objects.remoting.calledBy(call));
      connections.known(call.connection.id)?.call(call);
      add(CALL_TABLE, callRow(capture, number, parameters(call), facts));
      for (const side of ['request', 'response'] as const) {
        for (const what of typesBrought(held, side)) add(TYPE_TABLE, { capture, number, call, side, what });
        for (const what of objRefsBrought(held, side)) add(OBJREF_TABLE, { capture, number, call, side, what });
      }
      for (const fact of remotedIn(call, facts)) add(REMOTED_TABLE, remotedRow({ capture, number, call }, fact));
    },
    attempt(attempt) {
      finder.attempt(attempt);
      add(CONNECTION_TABLE, ConnectionRow.tried(capture, attempt));
    },
    note({ message }) {
      if (notes.length < MOST_NOTES) notes.push(message);
      else moreNotes++;
    },
    done(end) {
      connections.end();
      const report = lazyReport(objects, capture);
      tell(report, false);
      findingRows(finder.findings());
      notes.push(...ahead, ...report.warnings.map(({ message }) => message));
      if (moreNotes > 0) notes.push(`and ${moreNotes} more of that kind`);
      add(CAPTURE_TABLE, { ...file, capture, files, end, first, last, pdus, calls, sealed, notes });
    },
  };
}

/** Says that rows were written ahead of the end. */
function aheadNote(what: string, limit: LimitName): string {
  return `${what} that were not met for long are written ahead of the capture's end, and have new rows where they are met again (--limit ${optionOf(limit)}=N)`;
}

/** Rows of connections that go on, by their numbers; of those idle longest, the row is written when there are too many. */
class Connections {
  private readonly going = new Map<number, ConnectionRow>();
  /** The last of them. */
  private latest: ConnectionRow | null = null;

  constructor(
    private readonly most: number,
    private readonly over: (row: ConnectionRow) => void,
  ) {}

  of(id: number, make: () => ConnectionRow): ConnectionRow {
    if (this.latest?.id === id) return this.latest;
    const row = this.going.get(id) ?? make();
    this.going.delete(id);
    this.going.set(id, row);
    this.latest = row;
    if (this.going.size > this.most) {
      const [[oldest, old]] = this.going;
      this.going.delete(oldest);
      this.over(old);
    }
    return row;
  }

  known(id: number): ConnectionRow | undefined {
    return this.going.get(id);
  }

  end(): void {
    for (const row of this.going.values()) this.over(row);
    this.going.clear();
  }
}
