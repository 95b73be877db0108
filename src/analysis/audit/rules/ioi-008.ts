import { bstrText, isBstr } from '../../../../dissectors/dcom/bstr.js';
import type { CcwPtr } from '../../../../dissectors/dcom/ccw-ptr.js';
import { succeeded } from '../calls.js';
import { IMANAGEDOBJECT } from '../dcom.js';
import type { Rule } from '../rule.js';

export const IOI_008: Rule = {
  id: 'IOI-008',
  title: 'A server tells a pointer into its memory',
  severity: 'medium',
  shows: 'A GetObjectIdentity reply holds the CLR instance, the application domain and the address of a wrapper.',
  why: 'The address is a real one in the server’s process. It defeats address space randomization for whoever attacks that process by another bug, and the CLR’s GUID tells its restarts.',
  fix: 'Objects that need no identity across COM should be marshalled by value or not be exported to other hosts; restrict remote activation to accounts that need it.',
  references: ['MS-IOI 3.1.4.1.2'],
  cwe: ['CWE-200', 'CWE-497'],
  attack: ['T1082'],
  call({ call, remote, confidence }, report) {
    if (!remote || call.iid !== IMANAGEDOBJECT || call.opnum !== 4 || !succeeded(call)) return;
    const { pBSTRGUID, AppDomainID, pCCW } = call.out ?? {};
    if (pCCW == null) return;
    const { value, layout } = pCCW as CcwPtr;
    const guid = isBstr(pBSTRGUID) ? (bstrText(pBSTRGUID) ?? 'not text') : 'not told';
    report({
      key: 'identity',
      topic: guid,
      evidence: `CLR ${guid}, application domain ${AppDomainID}, wrapper at ${value} (${layout})`,
      side: 'response',
      confidence,
    });
  },
};
