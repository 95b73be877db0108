/** `clrscope follow FILE...`: what both sides of a connection said, or what was said of an object, or for one cause. */
import { type Belongs, ofCausality, ofObject, uuidOf } from '../analysis/follow.js';
import type { Time } from '../core/context.js';
import type { Hosts } from '../core/hosts.js';
import { Conversations } from '../engine/conversations.js';
import { callMessages, type Message, messageText, messageToJson, pduMessage } from '../output/follow/message.js';
import { JsonBytes } from '../output/json-bytes.js';
import { paint } from '../output/terminal.js';
import { Allowance } from './allowance.js';
import { Silence } from './capture-teller.js';
import { Heading } from './heading.js';
import type { Job } from './job.js';
import { type CommonOptions, UsageError } from './options.js';
import { type Printer, type Printing, type PrintingCommand, printing } from './printer.js';
import { runJob } from './run.js';

/** What is followed: one of the three. */
export interface FollowOptions extends CommonOptions {
  T: string;
  connection?: string;
  object?: string;
  causality?: string;
}

/** Bytes of a message beside its stub, about. */
const HEADERS = 100;

/** Runs the command. */
export async function followCommand(files: string[], options: FollowOptions): Promise<void> {
  const followed = followedBy(options);
  const isStream = typeof followed !== 'function';
  const filtered = isStream ? { ...options, Y: `${followed.kind}.stream == ${followed.number}` } : options;
  await runJob(files, options, { ...printing(command(followed), filtered), picks: true });
}

/** Its formats. */
function command(followed: Followed): PrintingCommand {
  return {
    name: 'follow',
    formats: {
      text: (job) => {
        const p = paint(job.color);
        return messagePrinter(job, followed, (file, hosts) => {
          const heading = new Heading(file, job);
          const write: Write = (message, began) => {
            heading.write();
            job.out.write(messageText(message, began, p, hosts, job.room));
          };
          return { write, file: heading.file };
        });
      },
      json: (job) => ({
        head: '[',
        tail: () => '\n]\n',
        ...jsonPrinter(job, followed, () => job.out.lead('\n', ',\n'), ''),
      }),
      ndjson: (job) => jsonPrinter(job, followed, () => {}, '\n'),
    },
  };
}

/** The PDUs of a connection, which a filter leaves, or calls that belong, by capture. */
type Followed = Stream | ((job: Job) => Belongs);

function followedBy({ connection, object, causality }: FollowOptions): Followed {
  if ([connection, object, causality].filter((what) => what !== undefined).length !== 1)
    throw new UsageError('follow wants one of --connection N, --object ID and --causality ID');
  if (object !== undefined) return (job) => ofObject(object, job.limits);
  if (connection !== undefined) return streamOf(connection);
  const id = uuidOf(causality!);
  if (id === null) throw new UsageError(`--causality takes a UUID, not ${JSON.stringify(causality)}`);
  return () => ofCausality(id);
}

/** A connection by the number of Wireshark's stream. */
interface Stream {
  readonly kind: 'tcp' | 'udp';
  readonly number: number;
}

function streamOf(connection: string): Stream {
  const [, kind = 'tcp', number] = /^(?:(tcp|udp):)?(\d{1,9})$/.exec(connection) ?? [];
  if (number === undefined)
    throw new UsageError(`--connection takes N as tcp.stream counts, or udp:N, not ${JSON.stringify(connection)}`);
  return { kind: kind === 'udp' ? 'udp' : 'tcp', number: Number(number) };
}

/** Numbers of IP's protocols. */
const PROTOCOLS = { tcp: 6, udp: 17 } as const;

/** Counts the connections of a capture, to say which there are where nothing is printed of the one that is wanted. */
function counting({ kind, number }: Stream, { limits }: Job): Pick<Printing, 'transport' | 'unmatched'> {
  const conversations = new Conversations(limits.flows);
  let count = 0;
  return {
    transport(_packet, ip, protocol) {
      if (protocol !== PROTOCOLS[kind]) return;
      count = Math.max(count, (conversations.of(ip, protocol)?.stream ?? -1) + 1);
    },
    unmatched() {
      const what = kind === 'tcp' ? 'TCP connection' : 'UDP conversation';
      if (number < count) return `none of them in ${what} ${number}, which carries something else`;
      const prefix = kind === 'tcp' ? '' : 'udp:';
      const all = count === 1 ? `one: ${prefix}0` : `${count}: ${prefix}0 to ${prefix}${count - 1}`;
      return `there is no ${what} ${number}; ${count === 0 ? 'there are none' : `the capture has ${all}`}`;
    },
  };
}

/** Writes a message of one capture. */
type Write = (message: Message, began: Time) => void;

/** What becomes of the messages of one capture. */
interface Writing extends Pick<Printing, 'file'> {
  readonly write: Write;
}

/** @param writes made anew for each capture */
function messagePrinter(job: Job, followed: Followed, writes: (name: string, hosts: Hosts) => Writing): Printer {
  return {
    capture(name, hosts) {
      const { write, file } = writes(name, hosts);
      let began: Time = { sec: 0, nsec: 0 };
      const begin = (time: Time): void => {
        began = time;
      };
      if (typeof followed !== 'function')
        return { begin, file, ...counting(followed, job), shown: (pdu) => write(pduMessage(pdu), began) };
      const isOne = followed(job);
      let count = 0;
      return {
        begin,
        file,
        call(call) {
          if (!isOne(call)) return;
          count++;
          for (const message of callMessages(call)) write(message, began);
        },
        done() {
          const message = 'no call in it is about that';
          if (count === 0) job.note(name, { code: Silence.unmatched, message, offset: null, source: null });
        },
      };
    },
  };
}

/** @param lead what stands in front of each object, `end` behind it */
function jsonPrinter(job: Job, followed: Followed, lead: () => void, end: string): Printer {
  const json = new JsonBytes();
  return messagePrinter(job, followed, (file, hosts) => {
    const allowance = new Allowance(file, job);
    const name = file.slice(file.lastIndexOf('/') + 1);
    const text = (message: Message): string => {
      json.json(messageToJson(message, name, job.full, hosts));
      return Buffer.from(json.take()).toString();
    };
    const write: Write = (message) => {
      const shorter = (): string => text({ ...message, values: null });
      const made = allowance.fit(message.length + HEADERS, () => text(message), shorter);
      lead();
      job.out.write(made + end);
    };
    return { write };
  });
}
