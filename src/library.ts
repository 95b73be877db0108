/** Captures, read as a library does: by `for await`, or with a callback. */
import type { Call } from '../dissectors/call.js';
import { type Captured, interfacesWith, type PlainPdu, plainProtocols, protocols } from '../dissectors/index.js';
import type { RpcInterface } from '../dissectors/ndr/interface.js';
import type { Pdu } from '../dissectors/pdu.js';
import { type Listeners, pass } from './analysis/pass.js';
import { inputName } from './capture/input.js';
import { type CaptureEnd, type CaptureInput, UnreadableInput } from './capture/open.js';
import type { Protocol } from './core/dissector.js';
import type { Frame } from './core/frame.js';
import type { Limits } from './core/limits.js';
import type { Note } from './core/node.js';
import { type Control, pulled } from './core/pulled.js';
import { encodeDocument } from './encode/documents/document.js';
import { Collector, compileFilter, type FieldEntry, type Filter, valueLiteral } from './filter/index.js';
import { knownFields } from './known-fields.js';
import type { Secrets } from './security/index.js';

/** How a capture is to be read. */
export interface LibraryOptions {
  /** What opens sealed traffic (`loadSecrets`). */
  readonly secrets?: Secrets | undefined;
  /** Interfaces beside those that are built in. */
  readonly interfaces?: readonly RpcInterface[] | undefined;
  /** Interfaces (UUID or name) by context id or by IPID, for connections whose bind was not captured. */
  readonly decodeAs?: ReadonlyMap<string, string> | undefined;
  /** Ports whose traffic is DCE/RPC whatever it looks like. */
  readonly ports?: ReadonlyMap<number, 'dcerpc'> | undefined;
  /** Display filter in Wireshark's syntax (`filter`): only frames that match, with their PDUs, and calls of such frames. */
  readonly filter?: Filter | undefined;
  /** Make the annotated tree of every PDU (`pdu.recording.roots`). */
  readonly record?: boolean | undefined;
  /** Other bounds than `DEFAULT_LIMITS`; a `limit` note is given where one is met. */
  readonly limits?: Partial<Limits> | undefined;
  /** Something odd that belongs to no PDU: streams cut, limits met. */
  readonly onNote?: ((note: Note) => void) | undefined;
  /** At the end: what the file held beside packets, and where it is damaged. */
  readonly onEnd?: ((end: CaptureEnd) => void) | undefined;
}

/**
 * Every remote call of a capture, in the order of the requests. The capture is read no faster than calls are taken,
 * and closed where the loop is left.
 * @throws UnreadableInput where there is nothing to read, and behind the calls that came before where reading failed
 */
export function calls(input: CaptureInput, options: LibraryOptions = {}): AsyncGenerator<Call> {
  return pulled((give, control) =>
    passForLoop(input, options, { call: (call, _number, matches) => void (matches && give(call)) }, control),
  );
}

/** Every DCE/RPC PDU of a capture, in the order of the frames that completed them; otherwise as `calls`. */
export function pdus(input: CaptureInput, options: LibraryOptions = {}): AsyncGenerator<Pdu> {
  return pulled((give, control) => passForLoop(input, options, { shown: give }, control));
}

/** Every frame of a capture with its layers and the PDUs that it completed; trees are always made. As `calls`. */
export function frames(input: CaptureInput, options: LibraryOptions = {}): AsyncGenerator<Frame<Pdu>> {
  return pulled((give, control) => passForLoop(input, options, { frame: give }, control));
}

/**
 * A display filter in Wireshark's syntax, over all fields that clrscope knows.
 * @param interfaces those beside the built-in ones, whose fields it may name
 * @throws FilterError where it is none
 */
export function filter(text: string, interfaces: readonly RpcInterface[] = []): Filter {
  return compileFilter(text, knownFields(interfaces));
}

/**
 * Calls `onPdu` for every DCE/RPC PDU of a capture, as soon as it is read; returning false ends the reading.
 * @returns what the file held beside packets, and where it is damaged
 * @throws UnreadableInput where there is nothing to read
 */
export function readPdus(
  input: CaptureInput,
  onPdu: (pdu: Pdu) => unknown,
  options: LibraryOptions = {},
): Promise<CaptureEnd> {
  return passWith(input, options, options.filter === undefined ? { pdu: onPdu } : { shown: onPdu });
}

/**
 * Calls `onCall` for every remote call of a capture with its number from 1 on, in the order of the requests; returning
 * false ends the reading.
 * @returns what the file held beside packets, and where it is damaged
 * @throws UnreadableInput where there is nothing to read
 */
export function readCalls(
  input: CaptureInput,
  onCall: (call: Call, number: number) => unknown,
  options: LibraryOptions = {},
): Promise<CaptureEnd> {
  const call: Listeners['call'] = (one, number, matches) => (matches ? onCall(one, number) : undefined);
  return passWith(input, options, { call });
}

/** What `listen` tells of beside all that a pass does. */
export interface PlainListeners extends Listeners {
  /**
   * Every PDU, in front of `pdu`, with all that its description is made of as plain data: it can be kept, sent elsewhere
   * and described later (`describer`).
   */
  readonly plain?: ((plain: PlainPdu) => void) | undefined;
}

/**
 * Reads a capture for several listeners at once: PDUs, calls, frames, notes and progress in one pass.
 * @param control lets the pass wait for others, or ends it
 * @returns what the file held beside packets, and where it is damaged
 * @throws UnreadableInput where there is nothing to read
 */
export function listen(
  input: CaptureInput,
  listeners: PlainListeners,
  options: LibraryOptions = {},
  control?: Partial<Control>,
): Promise<CaptureEnd> {
  return passWith(input, options, listeners, control);
}

/**
 * Calls `onValue` for every value of a field, frame by frame, as a filter writes it behind `==`; long ones are left out.
 * Returning false ends the reading.
 * @param field of `knownFields`
 * @param control lets the pass wait for others, or ends it
 * @throws UnreadableInput where there is nothing to read
 */
export async function readValues(
  input: CaptureInput,
  field: FieldEntry,
  onValue: (value: string) => unknown,
  options: Omit<LibraryOptions, 'filter' | 'record'> = {},
  control?: Partial<Control>,
): Promise<void> {
  const { ports, limits } = options;
  const asked = new Collector();
  const slot = asked.field(field);
  const frame: Listeners['frame'] = (one) => {
    asked.collect(one);
    return slot.values.every((value) => {
      const literal = valueLiteral(field, value);
      return literal === null || onValue(literal) !== false;
    });
  };
  await pass(input, protocols(options), { asked, ports, limits, ...control }, { frame });
}

/**
 * From JSON to bytes (`clrscope encode`): an NRBF stream, a stub, a PDU, or a capture.
 * @param interfaces those beside the built-in ones, whose stubs it may hold
 * @throws EncodeError where the document cannot be encoded
 */
export function encode(document: unknown, interfaces: readonly RpcInterface[] = []): Uint8Array {
  return encodeDocument(document, interfacesWith(interfaces));
}

/** Reads a capture for a loop, which cannot be told at its end that there was more. */
async function passForLoop(...args: Parameters<typeof passWith>): Promise<void> {
  const { damage } = await passWith(...args);
  if (damage?.isUnread) throw new UnreadableInput(damage.file ?? inputName(args[0]), damage.message, damage.offset);
}

async function passWith(
  input: CaptureInput,
  options: LibraryOptions,
  { plain, ...listeners }: PlainListeners,
  control?: Partial<Control>,
): Promise<CaptureEnd> {
  const { record, filter: only, ports, limits, onNote: note, onEnd } = options;
  const end = await pass(
    input,
    plain === undefined ? protocols(options) : tapped(plainProtocols(options), plain),
    {
      ...{ record, filter: only, ports, limits, signal: control?.signal, ready: control?.ready },
      callsAlone: listeners.call !== undefined && plain === undefined && tellsNoPdu(listeners),
    },
    { note, ...listeners },
  );
  onEnd?.(end);
  return end;
}

/** Whether nobody hears of PDUs. */
function tellsNoPdu({ pdu, shown, frame }: Listeners): boolean {
  return pdu === undefined && shown === undefined && frame === undefined;
}

/** A protocol of which `tell` hears what each PDU's description is made of. */
function tapped({ start, ...protocol }: Protocol<Captured>, tell: (plain: PlainPdu) => void): Protocol<Pdu> {
  return {
    ...protocol,
    start(...args) {
      const { dissect, ...run } = start(...args);
      return {
        ...run,
        dissect: (transport, record, emit) =>
          dissect(transport, record, ({ pdu, plain }) => {
            tell(plain);
            emit(pdu);
          }),
      };
    },
  };
}
