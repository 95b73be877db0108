import { classText } from '../../../../dissectors/ndr/interface.js';
import type { Rule } from '../rule.js';

const com = (head: string): string => `${head}-0000-0000-c000-000000000046`;

/** Unmarshallers that Windows itself uses across machines. */
const KNOWN: Readonly<Record<string, string>> = {
  [com('00000017')]: 'StdMarshal',
  [com('0000001b')]: 'error object',
  [com('00000027')]: 'aggregated standard marshaler',
  [com('00000338')]: 'activation properties, in',
  [com('00000339')]: 'activation properties, out',
  [com('000001a3')]: 'activation properties, out',
  [com('0000033a')]: 'free threaded marshaler',
  [com('0000033b')]: 'context',
  '4590f812-1d3a-11d0-891f-00aa004b2e24': 'WMI class object',
  '674b6698-ee92-11d0-ad71-00c04fd8fdff': 'WMI context',
};

export const DCOM_009: Rule = {
  id: 'DCOM-009',
  title: 'A custom unmarshaller runs at the receiver',
  severity: 'high',
  shows: 'An OBJREF_CUSTOM names an unmarshaller that is none of those of Windows.',
  why: 'The receiver makes an object of that class, in its own process, and gives it the sender’s bytes.',
  fix: 'Find out what the class is and who registered it. Forbid custom marshalling where it is not needed (EOAC_NO_CUSTOM_MARSHAL in CoInitializeSecurity).',
  references: ['MS-DCOM 2.2.18.6'],
  cwe: ['CWE-502'],
  attack: ['T1021.003', 'T1210'],
  prefilter: { holds: ['objrefs'] },
  call({ call, objrefs, remote, client, server, confidence }, report) {
    if (!remote) return;
    for (const { side, value } of objrefs) {
      if (value.type !== 'custom' || value.clsid === undefined || KNOWN[value.clsid] !== undefined) continue;
      const receiver = side === 'request' ? server.address : client.address;
      report({
        key: value.clsid,
        evidence: `${receiver} unmarshals ${value.data?.length ?? 0} bytes with class ${classText(value.clsid, call.nameOf)}`,
        side,
        confidence,
      });
    }
  },
};
