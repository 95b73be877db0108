/** SARIF 2.1.0: held to the schema, as an npm package ships it, and to what a dashboard shows. */
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { reportOf } from '../../src/analysis/audit/index.js';
import { auditToSarif } from '../../src/output/audit/sarif.js';
import { isHere, TRAFFIC } from '../traffic.js';
import { auditOf, Network } from './support.js';

const require = createRequire(import.meta.url);

interface Validate {
  (data: unknown): boolean;
  errors?: unknown;
}

/** The schema is of draft 4, which Ajv 6 still reads. */
function validator(): Validate {
  const Ajv = require('ajv') as new (o: object) => { addMetaSchema(s: object): void; compile(s: object): Validate };
  const ajv = new Ajv({ schemaId: 'auto', allErrors: true });
  ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json') as object);
  return ajv.compile(require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json') as object);
}

const validate = validator();

interface Log {
  runs: {
    results: {
      ruleId: string;
      ruleIndex: number;
      baselineState?: string;
      locations: { physicalLocation: { artifactLocation: { uri: string }; region?: object } }[];
    }[];
    tool: { driver: { rules: { id: string }[] } };
  }[];
}

describe('SARIF', () => {
  test('the validator rejects what is no SARIF', () => {
    expect(validate({ version: '2.1.0', runs: [{ tool: { driver: {} } }] })).toBe(false);
  });

  test('nothing found', () => {
    const log = auditToSarif(reportOf(new Network().result(), null, '1.2.3'));
    expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each(['clear-ndr.pcap', 'impacket-ntlm-integrity.pcap', 'odd-bstr.pcap', 'activation.pcap'].filter(isHere))(
    '%s',
    async (file) => {
      const result = await auditOf(`${TRAFFIC}/${file}`);
      const baseline = new Map([[result.findings[0].fingerprint, null]]);
      const log = JSON.parse(JSON.stringify(auditToSarif(reportOf(result, baseline, '1.2.3')))) as Log;
      expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
      const [run] = log.runs;
      expect(run.results).toHaveLength(result.findings.length);
      for (const r of run.results) expect(run.tool.driver.rules[r.ruleIndex].id).toBe(r.ruleId);
      expect(run.results.filter((r) => r.baselineState === 'unchanged')).toHaveLength(1);
      expect(run.results.every((r) => r.locations[0].physicalLocation.region !== undefined)).toBe(true);
      expect(run.results[0].locations[0].physicalLocation.artifactLocation.uri).toBe(`${TRAFFIC}/${file}`);
    },
  );
});
