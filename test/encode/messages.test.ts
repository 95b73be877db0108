/** Documents of remoting messages: every message of the captures becomes one, and the same bytes again. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sha256 } from '#platform';
import { dcerpc } from '../../dissectors/index.js';
import { encodeDocument } from '../../src/encode/documents/document.js';
import { messageDocument } from '../../src/encode/documents/extract-message.js';
import type { RemotingTransport } from '../../src/encode/messages/message.js';
import { scan } from '../../src/engine/scan.js';
import { CAPTURES as HTTP, SHARED } from '../http/support.js';
import { KNOWN, throughJson } from './support.js';

const TCP = [
  ...['tcp-values', 'tcp-faults', 'tcp-oneway', 'tcp-objects', 'tcp-threads', 'tcp-leases', 'tcp-large', 'tcp-soap'],
  ...['tcp-cut-answer', 'tcp-cut-request', 'tcp-spec', 'story-com-to-tcp', 'net-ooo', 'net-vlan', 'net-midstart'],
];

/** Whole messages of a capture. */
async function messagesOf(name: string, transport: RemotingTransport): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  await scan(
    `${SHARED}/${name}.pcap`,
    dcerpc({}),
    { record: false },
    {
      onPdu({ transport: { connection, bytes, length } }) {
        if (connection.transport === transport && bytes.length === length) found.push(bytes);
      },
    },
  );
  return found;
}

type Document = Record<string, unknown> & { content?: Record<string, unknown> };

function again(bytes: Uint8Array, transport: RemotingTransport): Document {
  const document = throughJson(messageDocument(bytes, transport)) as Document;
  expect(Buffer.from(encodeDocument(document, KNOWN)).equals(bytes)).toBe(true);
  expect(document.bytes, JSON.stringify(document).slice(0, 300)).toBeUndefined();
  return document;
}

/** Contents that the programs logged, by what they hold. */
function truth(name: string): Set<string> {
  const { calls } = JSON.parse(readFileSync(`${SHARED}/${name}.json`, 'utf8'));
  return new Set(
    calls.flatMap((c: Record<'request' | 'response', { sha256: string } | null>) =>
      [c.request, c.response].flatMap((half) => half?.sha256 ?? []),
    ),
  );
}

function contentDigests(documents: readonly Document[]): Set<string> {
  return new Set(
    documents.flatMap(({ content }) => {
      if (content === undefined) return [];
      const { nrbf, soap, hex } = content as { nrbf?: object; soap?: string; hex?: string };
      const bytes =
        nrbf !== undefined
          ? encodeDocument({ kind: 'nrbf', ...nrbf }, KNOWN)
          : soap !== undefined
            ? Buffer.from(soap)
            : Buffer.from(hex ?? '', 'hex');
      return [sha256(bytes)];
    }),
  );
}

describe.skipIf(!existsSync(SHARED))('every message of the remoting captures is encoded again', () => {
  it.each(TCP)('%s, over TCP', async (name) => {
    const documents = (await messagesOf(name, 'nrtp_tcp')).map((bytes) => again(bytes, 'nrtp_tcp'));
    expect(documents.length).toBeGreaterThan(2);
    const digests = contentDigests(documents);
    const missing = [...truth(name)].filter((digest) => !digests.has(digest));
    const { counts } = JSON.parse(readFileSync(`${SHARED}/${name}.json`, 'utf8'));
    expect(missing.length).toBeLessThanOrEqual(counts.missing);
  });

  it.each(HTTP)('%s, over HTTP', async (name) => {
    const documents = (await messagesOf(name, 'nrtp_http')).map((bytes) => again(bytes, 'nrtp_http'));
    const digests = contentDigests(documents);
    expect([...truth(name)].filter((digest) => !digests.has(digest))).toEqual([]);
  });
});
