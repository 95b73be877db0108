/** What a stream means, for people: it stands above the tree of its objects. */
import {
  asObject,
  describe,
  describeItem,
  isRecord,
  type Meaning,
  type MessagePart,
  meaningOf,
  type NrbfStream,
  type ObjRefSummary,
  shortType,
} from '../../nrbf.js';
import type { Graph } from './graph.js';
import { TOP } from './rows.js';

/** Something that is said: a sentence, and what it rests on. */
export interface Said {
  readonly text: string;
  readonly facts: readonly (readonly [name: string, values: readonly string[]])[];
}

/** Characters of a sentence, and of a fact. */
const SENTENCE = 2000;
const FACT = 300;
/** Entries of a map or list that are named. */
const MOST_ENTRIES = 12;
/** Things that are said of one stream. */
const MOST_SAID = 8;

/** A remoting message as a line of code, and what the objects at the top of the graph mean. */
export function meaningOfGraph(graph: Graph): Said[] {
  const { stream } = graph;
  const said: Said[] = stream.message === null ? [] : [{ text: describe(stream, SENTENCE), facts: [] }];
  for (let at = 0; at < graph.countOf(TOP) && said.length < MOST_SAID; at++) {
    const { item } = graph.spot(TOP, at);
    const object = asObject(item);
    const meaning = object === null ? null : meaningOf(stream, object);
    // of what the line of code shows already only that is said of which there is more to say
    if (meaning !== null && (stream.message === null || /^(objref|exception|methods|tables)$/.test(meaning.kind)))
      said.push(saidOf(stream, meaning, describeItem(stream, item, 0, SENTENCE)));
  }
  if (said.length > 0) return said;
  const { item } = graph.spot(TOP, 0);
  return isRecord(item) ? [{ text: describeItem(stream, item, 0, SENTENCE), facts: [] }] : [];
}

function saidOf(stream: NrbfStream, meaning: Meaning, line: string): Said {
  const say = ({ item, primitive }: MessagePart): string => describeItem(stream, item, primitive, FACT);
  switch (meaning.kind) {
    case 'objref':
      return proxy(meaning.objRef);
    case 'exception': {
      const { type, message, hresult, source, stack, remoteStack, inner } = meaning.exception;
      const code = hresult === null ? null : `0x${(hresult >>> 0).toString(16).padStart(8, '0')}`;
      return {
        text: `an exception: ${type}`,
        facts: facts([
          ['message', [message]],
          ['HRESULT', [code]],
          ['source', [source]],
          ['inner', inner.map((item) => describeItem(stream, item, 0, FACT))],
          ['stack', stack],
          ['remote stack', remoteStack],
        ]),
      };
    }
    case 'methods':
      return {
        text: `a delegate ${meaning.type} that calls ${meaning.methods.join(' + ') || 'nothing'}`,
        facts: facts([['calls', meaning.methods]]),
      };
    case 'tables':
      return { text: line, facts: facts([['tables', meaning.tables]]) };
    case 'map': {
      const entries = meaning.entries.slice(0, MOST_ENTRIES).map(([key, value]) => `${say(key)}: ${say(value)}`);
      return { text: line, facts: facts([[counted(meaning.count, 'entry', 'entries'), entries]]) };
    }
    case 'list': {
      const items = meaning.items.slice(0, MOST_ENTRIES).map(say);
      return { text: line, facts: facts([[counted(meaning.count, 'item', 'items'), items]]) };
    }
    case 'text':
      return { text: meaning.text, facts: [] };
  }
}

/** What a proxy that is made of an ObjRef will do. */
function proxy(o: ObjRefSummary): Said {
  const { uri, type, channels, processId, appDomainId, contextId, missing = [] } = o;
  const targets = channels.map((channel) => `${channel.replace(/\/$/, '')}/${(uri ?? '').replace(/^\//, '')}`);
  const whom = type === null ? 'an object' : shortType(type);
  return {
    text: `a proxy for ${whom} will call ${targets[0] ?? 'nobody elsewhere: the ObjRef names no channel'}`,
    facts: facts([
      ['type', [type]],
      ['base types', o.hierarchy],
      ['interfaces', o.interfaces],
      ['URI', [uri]],
      ['channels', channels],
      ['object', [o.activation]],
      ['application domain', [appDomainId === null ? null : String(appDomainId)]],
      ['process', [processId]],
      ['context', [contextId]],
      ['flags', o.flags],
      ['missing', missing],
    ]),
  };
}

/** Those of which something is known. */
function facts(all: readonly [string, readonly (string | null)[]][]): Said['facts'] {
  return all
    .map(([name, values]) => [name, values.filter((value) => value !== null && value !== '')] as const)
    .filter((fact): fact is [string, string[]] => fact[1].length > 0);
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
