import { ITypeInfo } from '../../../../dissectors/interfaces/ITypeInfo.js';
import { ITypeLib } from '../../../../dissectors/interfaces/ITypeLib.js';
import { hasFailed } from '../../../../dissectors/outcome.js';
import type { Rule } from '../rule.js';

export const DCOM_012: Rule = {
  id: 'DCOM-012',
  title: 'Type information of a server is walked from afar',
  severity: 'medium',
  shows: 'A client on another host calls ITypeInfo or ITypeLib of an object.',
  why: 'Type information leads from an object to its library and to every class in it, and GetRefTypeInfo and CreateInstance work on what it names in the server’s process.',
  fix: 'Restrict remote access of the application to accounts that need it; export interfaces without IDispatch.',
  references: ['MS-OAUT'],
  cwe: ['CWE-749'],
  attack: ['T1021.003', 'T1046'],
  prefilter: { interfaces: [ITypeInfo.uuid, ITypeLib.uuid] },
  call({ call, remote, confidence }, report) {
    const walked = [ITypeInfo, ITypeLib].find(({ uuid }) => uuid === call.iid);
    if (!remote || walked === undefined || call.request === null || hasFailed(call)) return;
    report({
      key: 'type information',
      formerKeys: [walked.name],
      evidence: `${walked.name} operation ${call.opnum} was called`,
      confidence,
    });
  },
};
