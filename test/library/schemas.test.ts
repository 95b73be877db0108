/** The published schemas are made of the shapes that the types are made of, and what is printed keeps to them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import Ajv from 'ajv';
import type { GenericSchema } from 'valibot';
import { describe, expect, it } from 'vitest';
import { NRBF_JSON, VALUE } from '../../dissectors/nrbf/graph/document-schema.js';
import { nrbfToJson, readNrbf } from '../../dissectors/nrbf/index.js';
import { Audit, RULES, reportOf } from '../../src/analysis/audit/index.js';
import { CallList } from '../../src/analysis/calls.js';
import { ObjectTable } from '../../src/analysis/objects/table.js';
import { Cursor } from '../../src/core/cursor.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';
import { loadSecrets, readPdus } from '../../src/index.js';
import { auditToJson } from '../../src/output/audit/json.js';
import { callToJson } from '../../src/output/calls/json.js';
import { callMessages, messageToJson } from '../../src/output/follow/message.js';
import { AUDIT_JSON, FINDING } from '../../src/output/schemas/audit.js';
import { CALL_JSON, MANAGED, PARAM } from '../../src/output/schemas/call.js';
import { MESSAGE_JSON } from '../../src/output/schemas/message.js';
import { NODE, PDU_JSON } from '../../src/output/schemas/pdu.js';
import { QUEUE_JSON } from '../../src/output/schemas/queue.js';
import type { CellType } from '../../src/output/tables/column.js';
import { partColumn, TABLES } from '../../src/output/tables/tables.js';
import { pduToJson } from '../../src/output/tree/pdu-json.js';
import { ROOT, SHARED } from '../cli.js';
import { allCaptures } from '../fuzz/way.js';

interface Published {
  readonly title: string;
  readonly of: GenericSchema;
  readonly definitions: Record<string, GenericSchema>;
}

const SCHEMAS: Readonly<Record<'call' | 'message' | 'pdu' | 'nrbf' | 'audit' | 'queue', Published>> = {
  call: {
    title: 'A remote call, as clrscope calls -T ndjson prints it on a line',
    of: CALL_JSON,
    definitions: { Parameter: PARAM, Managed: MANAGED, Nrbf: NRBF_JSON, Value: VALUE },
  },
  message: {
    title: 'A message, as clrscope follow -T ndjson prints it on a line',
    of: MESSAGE_JSON,
    definitions: { Parameter: PARAM, Nrbf: NRBF_JSON, Value: VALUE },
  },
  pdu: {
    title: 'A PDU with its tree, as clrscope read -T ndjson prints it on a line',
    of: PDU_JSON,
    definitions: { Node: NODE },
  },
  nrbf: { title: 'An NRBF stream, as clrscope nrbf -T json prints it', of: NRBF_JSON, definitions: { Value: VALUE } },
  audit: { title: 'A report of clrscope audit -T json', of: AUDIT_JSON, definitions: { Finding: FINDING } },
  queue: { title: 'A queue, as clrscope queue -T json prints it', of: QUEUE_JSON, definitions: {} },
};

/** What the types of columns are in Parquet. */
const IN_PARQUET: Readonly<Record<CellType, string>> = {
  text: 'text',
  json: 'text (JSON)',
  flag: 'boolean',
  uint16: 'unsigned, 16 bits',
  uint32: 'unsigned, 32 bits',
  count: 'integer, 64 bits',
  number: 'double',
  time: 'timestamp (UTC, µs)',
  texts: 'list of text',
  frames: 'list of unsigned, 32 bits',
};

/** The tables of `export`, column by column. */
function tablesText(): string {
  const tables = TABLES.map(({ name, about, columns }) => {
    const rows = [...columns, partColumn('')].map((c) => `| \`${c.name}\` | ${IN_PARQUET[c.type]} | ${c.about} |`);
    return `## ${name}\n\nOne row: ${about}.\n\n| column | type | what it says |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Tables\n\nWhat \`clrscope export\` writes. Rows belong together by \`part\`; within a part calls have numbers.\n\n${tables.join('\n')}`;
}

const ajv = new Ajv();
const published = Object.fromEntries(
  Object.entries(SCHEMAS).map(([name, { title, of, definitions }]) => {
    const { $schema, ...rest } = toJsonSchema(of, { definitions });
    return [name, { $schema, $id: `https://unpkg.com/clrscope/schemas/${name}.schema.json`, title, ...rest }];
  }),
);
const validators = Object.fromEntries(Object.entries(published).map(([name, schema]) => [name, ajv.compile(schema)]));

/** What of a document the schema does not allow; documents as they are printed. */
function problems(name: keyof typeof SCHEMAS, document: unknown): string {
  const validate = validators[name];
  if (validate(JSON.parse(JSON.stringify(document)))) return '';
  return (validate.errors ?? []).map((e) => `${e.dataPath} ${e.message} ${JSON.stringify(e.params)}`).join('\n');
}

describe('schemas', () => {
  it.each(Object.keys(SCHEMAS))('schemas/%s.schema.json is made of the shape in the source', (name) => {
    const path = `${ROOT}schemas/${name}.schema.json`;
    const text = `${JSON.stringify(published[name], null, 1)}\n`;
    if (process.env.UPDATE_SAMPLES === '1') writeFileSync(path, text);
    expect(readFileSync(path, 'utf8') === text, 'stale: npm run samples').toBe(true);
  });

  it('come with the columns of all tables', () => {
    const path = `${ROOT}schemas/tables.md`;
    if (process.env.UPDATE_SAMPLES === '1') writeFileSync(path, tablesText());
    expect(readFileSync(path, 'utf8') === tablesText(), 'stale: npm run samples').toBe(true);
  });

  it('are strict: a member more or less is seen', () => {
    const lines = readFileSync(`${ROOT}samples/managed-object/calls.ndjson`, 'utf8').trimEnd().split('\n');
    const call = JSON.parse(lines[0]);
    expect(problems('call', call)).toBe('');
    expect(problems('call', { ...call, more: 1 })).toContain('additional');
    expect(problems('call', { ...call, opnum: '3' })).toContain('opnum');
    const { syntax: _, ...less } = call;
    expect(problems('call', less)).toContain('syntax');
  });
});

describe('what is printed keeps to the schemas', () => {
  it.each(allCaptures().map((file) => [basename(file), file]))('%s', async (name, file) => {
    const beside = [file.replace(/[^/]*$/, 'secrets.json'), file.replace(/\.pcap(ng)?(\.gz)?$/, '.secrets.json')];
    const path = beside.find(existsSync);
    const secrets = path === undefined ? undefined : await loadSecrets(path);
    const audit = new Audit(RULES);
    const table = new ObjectTable();
    const list = new CallList((call, number) => {
      table.add(call);
      expect(problems('call', callToJson(call, number, name, { full: number % 2 === 0 }, table))).toBe('');
      for (const said of callMessages(call))
        expect(problems('message', messageToJson(said, name, number % 2 === 0))).toBe('');
    });
    audit.begin(name);
    let count = 0;
    await readPdus(
      file,
      (pdu) => {
        // trees are large, and much like each other
        if (count++ < 200 || count % 50 === 0) expect(problems('pdu', pduToJson(pdu, count % 2 === 0))).toBe('');
        audit.pdu(pdu);
        list.add(pdu);
      },
      { secrets, record: true },
    );
    list.end();
    audit.end();
    expect(problems('audit', auditToJson(reportOf(audit.result(), new Map(), '1')))).toBe('');
  });

  const folders = [`${ROOT}test/nrbf/vectors/`, ...(SHARED === null ? [] : [`${SHARED}nrbf/valid/`])];
  it.each(folders)('%s', (folder) => {
    for (const file of readdirSync(folder)) {
      if (!/\.(nrbf|bin)$/.test(file)) continue;
      const bytes = new Uint8Array(readFileSync(folder + file));
      const stream = readNrbf(new Cursor(fileSource('NRBF', bytes, 0), new Recording(false)));
      for (const full of [false, true]) expect(problems('nrbf', nrbfToJson(stream, { full })), file).toBe('');
    }
  });
});
