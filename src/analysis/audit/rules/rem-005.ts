import { soapException } from '../../../../dissectors/soap/index.js';
import { find, latin1Bytes } from '../../../core/bytes.js';
import { isOpen, objRefsTo } from '../remoting.js';
import type { Rule } from '../rule.js';
import { eachText } from '../streams.js';
import type { Subject } from '../subject.js';

/** Members of System.Exception, as .NET and as Mono name them. */
const STACK = /StackTraceString$/i;

const REQUEST_URI = latin1Bytes('__RequestUri');
/** What a page begins with, and the bytes that are its beginning. */
const PAGES = ['<html', '<HTML'].map(latin1Bytes);
const FRONT = 256;

export const REM_005: Rule = {
  id: 'REM-005',
  title: 'Remoting over HTTP tells strangers about the server',
  severity: 'medium',
  shows:
    'An answer over HTTP to a client that did not authenticate holds an exception with a stack trace, an error page, the header __RequestUri, or an ObjRef.',
  why: 'Stack traces and error pages name classes, files and versions. An ObjRef or a URI in an answer to anybody is all that it takes to call the object behind it, also one that was never meant to be called from outside (CVE-2024-29059).',
  fix: 'Set customErrors to On, require authentication in front of the endpoint, and install the updates for the CVE.',
  references: ['CVE-2024-29059', 'HttpRemotingObjRefLeak'],
  cwe: ['CWE-209', 'CWE-200'],
  attack: ['T1190'],
  prefilter: { over: 'channel' },
  call(subject, report) {
    const { call, operation, confidence } = subject;
    if (call.connection.transport !== 'nrtp_http' || !isOpen(subject) || call.response === null) return;
    const tell = (key: string, evidence: string, covers?: { rule: string; key: string }): void =>
      report({ key, topic: evidence, evidence, side: 'response', confidence, ...(covers && { covers }) });
    if (hasStack(subject))
      tell('exception', `${operation} answered with a stack trace`, { rule: 'IOI-010', key: 'exception' });
    for (const { uri, type } of objRefsTo(subject, 'response'))
      if (uri !== null) tell('ObjRef', `${operation} answered with an ObjRef to ${type?.split(',')[0] ?? uri}`);
    const { stub } = call.response;
    if (stub === null) return;
    const front = stub.subarray(0, FRONT);
    if (PAGES.some((tag) => find(front, tag) >= 0)) tell('page', `${operation} was answered with an error page`);
    if (find(stub, REQUEST_URI) >= 0) tell('__RequestUri', `${operation} answered with __RequestUri`);
  },
};

function hasStack({ streams, soaps }: Subject): boolean {
  let found = false;
  for (const { side, value } of streams)
    if (side === 'response')
      eachText(value, (text, member) => {
        found ||= member !== null && STACK.test(member) && text.trim() !== '';
        return !found;
      });
  return found || soaps.some(({ side, value }) => side === 'response' && (soapException(value)?.stack ?? '') !== '');
}
