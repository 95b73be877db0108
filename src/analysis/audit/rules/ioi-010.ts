import { soapException } from '../../../../dissectors/soap/index.js';
import type { Rule } from '../rule.js';
import { eachText, streamFacts, streamRange } from '../streams.js';

/** A path on a server, or a source line of a stack trace. */
const PATH = /(?:^|[\s"'(])((?:[A-Za-z]:\\|\\\\[^\\\s]+\\)[^\s"'<>|]+)/;
/** Members of System.Exception, as .NET and as Mono name them. */
const STACK = /StackTraceString$/i;

export const IOI_010: Rule = {
  id: 'IOI-010',
  title: 'An exception tells how the server is built',
  severity: 'low',
  shows: 'A reply holds a serialized exception with a stack trace, or with paths of the server.',
  why: 'Stack traces name classes, methods and source files; paths name accounts and where programs lie. They are the map for the next step.',
  fix: 'Catch exceptions at the border of the service and answer with ones of your own; set customErrors to On where remoting is configured.',
  references: ['MS-NRBF 2.2.3.3'],
  cwe: ['CWE-209'],
  attack: ['T1082'],
  prefilter: { holds: ['streams', 'soaps'] },
  call({ streams, soaps, confidence }, report) {
    for (const { side, value: stream } of streams) {
      if (side === 'request') continue;
      const exception = [...streamFacts(stream).classes.values()].find((c) => c.members.some((m) => STACK.test(m)));
      if (exception === undefined) continue;
      eachText(stream, (text, member, record) => {
        const trace = member !== null && STACK.test(member) && text.trim() !== '';
        const path = PATH.exec(text)?.[1];
        if (!trace && path === undefined) return true;
        const what = trace ? `a stack trace of ${text.split('\n').length} lines` : 'a path of the server';
        report({
          key: 'exception',
          formerKeys: [exception.name],
          weight: trace ? 1 : 0,
          evidence: `${exception.name} with ${what}${path === undefined ? '' : `, ${path.slice(0, 120)}`}`,
          bytes: () => streamRange(stream, record),
          side,
          confidence,
        });
        return false;
      });
    }
    for (const { side, value } of soaps) {
      const exception = side === 'request' ? null : soapException(value);
      if (exception?.stack == null || exception.stack.trim() === '') continue;
      const evidence = `${exception.type} with a stack trace of ${exception.stack.split('\n').length} lines`;
      report({ key: 'exception', weight: 1, evidence, side, confidence });
    }
  },
};
