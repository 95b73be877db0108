/** What investigators ask of captures, as SQL over the tables of `export`: `query --list` and `--ask`. */
import { isIt } from '../../core/nearest.js';
import { UsageError } from '../options.js';

/** A question. */
export interface Question {
  readonly name: string;
  /** What is asked, in one line. */
  readonly about: string;
  readonly sql: string;
}

/** IManagedObject (MS-IOI 1.9). */
const MANAGED_OBJECT = 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4';
/** IActivation and IRemoteSCMActivator, of which ISystemActivator is another name (MS-DCOM 1.9). */
const ACTIVATORS = "('4d9f4ab8-7d1c-11cf-861e-0020af6e7c57', '000001a0-0000-0000-c000-000000000046')";
/** Addresses of nobody's on the Internet: RFC 1918, RFC 3927, RFC 4193, loopback and link-local ones. */
const PRIVATE =
  '^(10\\.|127\\.|192\\.168\\.|169\\.254\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)';
/** What stands for an address, and is no name of a host. */
const ADDRESS = '^([0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*)$';

/** All of them, in the order in which an investigation goes. */
export const QUESTIONS: readonly Question[] = [
  {
    name: 'managed-objects',
    about: 'who asked which servers for IManagedObject, and called it',
    sql: `SELECT client_address, server_address, list(DISTINCT auth_user ORDER BY auth_user) FILTER (auth_user IS NOT NULL) AS accounts,
  count(*) FILTER (iid <> '${MANAGED_OBJECT}') AS asked_for,
  count(*) FILTER (iid = '${MANAGED_OBJECT}') AS calls,
  count(DISTINCT part) AS captures, min(time) AS first_time, max(time) AS last_time
FROM calls
WHERE iid = '${MANAGED_OBJECT}'
  OR (interface IN ('IRemUnknown', 'IRemUnknown2', 'IActivation', 'IRemoteSCMActivator')
    AND contains(in_json, '${MANAGED_OBJECT}'))
GROUP BY client_address, server_address
ORDER BY calls DESC, asked_for DESC, client_address, server_address`,
  },
  {
    name: 'types-across-hosts',
    about: 'which managed types crossed from host to host',
    sql: `SELECT type, assembly, from_address, to_address, sum(count) AS objects,
  count(DISTINCT (part, call)) AS calls, count(DISTINCT part) AS captures, min(time) AS first_time
FROM nrbf_types
WHERE from_address <> to_address
GROUP BY type, assembly, from_address, to_address
ORDER BY objects DESC, type, assembly, from_address, to_address`,
  },
  {
    name: 'remoted-methods',
    about: 'methods that were called by messages, with arguments',
    sql: `SELECT time, client_address, server_address, type, method, args, return_value, exception_type, capture, call
FROM nrbf_calls
ORDER BY time, capture, call`,
  },
  {
    name: 'exceptions',
    about: 'exceptions that were thrown from one host to another',
    sql: `WITH thrown AS (
  SELECT part, 'a message' AS told_by, server_address, client_address, type, method, exception_type, exception_message
  FROM nrbf_calls
  WHERE exception_type IS NOT NULL
  UNION ALL
  SELECT part, 'an HRESULT', server_address, client_address, interface, operation, exception, hresult_name
  FROM calls ANTI JOIN nrbf_calls AS message
    ON message.part = calls.part AND message.call = calls.call AND message.exception_type IS NOT NULL
  WHERE exception IS NOT NULL AND outcome = 'failed' AND object IS NOT NULL AND interface NOT LIKE 'IRemUnknown%'
)
SELECT exception_type, told_by, server_address, client_address, type, method, count(*) AS times,
  min(exception_message) AS message, count(DISTINCT part) AS captures
FROM thrown
GROUP BY exception_type, told_by, server_address, client_address, type, method
ORDER BY times DESC, exception_type, server_address, client_address, type, method`,
  },
  {
    name: 'objrefs-off-network',
    about: 'ObjRefs that lead to hosts outside, or that nobody saw',
    sql: `WITH host AS (
  SELECT client_address AS address FROM connections WHERE attempt IS NULL
  UNION SELECT server_address FROM connections WHERE attempt IS NULL
), reference AS (
  SELECT *, unnest(channel_addresses) AS address FROM objrefs
)
SELECT address,
  CASE WHEN NOT regexp_matches(lower(address), '${ADDRESS}') THEN 'a name'
    WHEN regexp_matches(lower(address), '${PRIVATE}') THEN 'a private address' ELSE 'no private address' END
  || CASE WHEN address IN (FROM host) THEN '' ELSE ', no host of these captures' END AS why,
  from_address, to_address, list(DISTINCT type ORDER BY type) FILTER (type IS NOT NULL) AS types, list(DISTINCT uri ORDER BY uri) FILTER (uri IS NOT NULL) AS uris,
  count(*) AS times, count(DISTINCT part) AS captures, min(time) AS first_time
FROM reference
WHERE NOT regexp_matches(lower(address), '${PRIVATE}') OR address NOT IN (FROM host)
GROUP BY address, why, from_address, to_address
ORDER BY times DESC, address, from_address, to_address`,
  },
  {
    name: 'open-activations',
    about: 'activations below PKT_PRIVACY: others can read them',
    sql: `SELECT client_address, server_address, operation, auth_level, auth_user, count(*) AS calls,
  count(DISTINCT part) AS captures, min(time) AS first_time
FROM calls
WHERE iid IN ${ACTIVATORS} AND auth_level <> 'PKT_PRIVACY'
GROUP BY client_address, server_address, operation, auth_level, auth_user
ORDER BY calls DESC, client_address, server_address, operation, auth_level, auth_user`,
  },
  {
    name: 'below-integrity',
    about: 'accounts whose calls anybody on the way may change',
    sql: `SELECT auth_user, auth_type, auth_level, client_address, server_address, count(*) AS calls,
  list(DISTINCT interface ORDER BY interface) FILTER (interface IS NOT NULL) AS interfaces, min(time) AS first_time
FROM calls
WHERE auth_level NOT IN ('PKT_INTEGRITY', 'PKT_PRIVACY', 'unknown')
GROUP BY auth_user, auth_type, auth_level, client_address, server_address
ORDER BY auth_user IS NULL, calls DESC, auth_user, client_address, server_address`,
  },
  {
    name: 'sealed',
    about: 'what stayed sealed, and whose secrets would open it',
    sql: `SELECT capture, client_address, server_address, auth_type, auth_user,
  list(DISTINCT interface ORDER BY interface) FILTER (interface IS NOT NULL) AS interfaces, count(*) AS calls,
  sum(length(request_frames) + length(response_frames))::BIGINT AS frames
FROM calls
WHERE decrypted = false
GROUP BY capture, part, client_address, server_address, auth_type, auth_user
ORDER BY calls DESC, capture, client_address, server_address, auth_user`,
  },
  {
    name: 'findings',
    about: 'findings of the audit by severity and server',
    sql: `SELECT severity, rule, title, server_address, sum(sights)::BIGINT AS sights,
  list(DISTINCT client_address ORDER BY client_address) FILTER (client_address IS NOT NULL) AS clients, min(evidence) AS evidence,
  count(DISTINCT part) AS captures, min(first_time) AS first_time
FROM findings
GROUP BY severity, rule, title, server_address
ORDER BY list_position(['critical', 'high', 'medium', 'low', 'info'], severity), sights DESC, rule, server_address`,
  },
  {
    name: 'failing-results',
    about: 'calls that failed, by server and HRESULT',
    sql: `SELECT server_address, coalesce(hresult, fault) AS code, coalesce(hresult_name, fault_name) AS name, outcome,
  min(exception) AS exception, count(*) AS calls, list(DISTINCT client_address ORDER BY client_address) FILTER (client_address IS NOT NULL) AS clients,
  list(DISTINCT interface || '.' || operation ORDER BY interface || '.' || operation) FILTER (interface || operation IS NOT NULL) AS operations,
  min(time) AS first_time
FROM calls
WHERE outcome IN ('failed', 'refused', 'fault') AND coalesce(hresult, fault) <> '0x00000000'
GROUP BY server_address, code, name, outcome
ORDER BY calls DESC, server_address, code`,
  },
  {
    name: 'slowest-operations',
    about: 'operations that took longest, in seconds',
    sql: `SELECT interface, operation, count(duration) AS answered, max(duration) AS longest,
  quantile_disc(duration, 0.95) AS p95, round(median(duration), 6) AS median,
  arg_max(server_address, duration) AS server_address, arg_max(capture, duration) AS capture,
  arg_max(call, duration) AS call
FROM calls
WHERE duration IS NOT NULL
GROUP BY interface, operation
ORDER BY longest DESC, interface, operation`,
  },
  {
    name: 'unanswered',
    about: 'calls that wanted an answer, and got none',
    sql: `SELECT time, capture, call, client_address, server_address, server_port, interface, operation, request_frames, warnings
FROM calls
WHERE outcome = 'unanswered'
ORDER BY time, capture, call`,
  },
  {
    name: 'vain-connections',
    about: 'connections to endpoints of DCOM that never came about',
    sql: `SELECT client_address, server_address, server_port, attempt, count(*) AS attempts,
  min(first_time) AS first_time, max(last_time) AS last_time, list(DISTINCT capture ORDER BY capture) FILTER (capture IS NOT NULL) AS captures
FROM connections
WHERE attempt IS NOT NULL
GROUP BY client_address, server_address, server_port, attempt
ORDER BY attempts DESC, client_address, server_address, server_port`,
  },
  {
    name: 'unreleased-objects',
    about: 'objects of which references were not seen to be given back',
    sql: `SELECT capture, server_address, oid, clsid, type, clients, interfaces, references_held, calls, pings,
  created_by, created_frame,
  CASE WHEN released IS NULL THEN 'not met for long' ELSE 'end of the capture' END AS followed_until
FROM objects
WHERE references_held > 0
ORDER BY references_held DESC, capture, server_address, oid`,
  },
  {
    name: 'undecoded-interfaces',
    about: 'interfaces whose parameters clrscope does not decode',
    sql: `SELECT interface, iid, list(DISTINCT operation ORDER BY operation) FILTER (operation IS NOT NULL) AS operations, count(*) AS calls,
  sum(coalesce(in_length, 0) + coalesce(out_length, 0))::BIGINT AS bytes,
  list(DISTINCT server_address ORDER BY server_address) FILTER (server_address IS NOT NULL) AS servers, count(DISTINCT part) AS captures
FROM calls
WHERE decoded = 'no' AND operation IS NOT NULL
GROUP BY interface, iid
ORDER BY calls DESC, interface, iid`,
  },
  {
    name: 'captures',
    about: 'what was read: how much, when, and what is odd',
    sql: `SELECT capture, format, packets, pdus, calls, sealed_calls, first_time, last_time, damage, warnings
FROM captures
ORDER BY first_time, capture`,
  },
];

/** @throws UsageError where there is no such question */
export function questionOf(name: string): Question {
  const question = QUESTIONS.find((q) => q.name === name);
  if (question !== undefined) return question;
  const names = QUESTIONS.map((q) => q.name);
  throw new UsageError(
    `--ask: there is no question ${JSON.stringify(name)}${isIt(name, names)}; clrscope query --list shows all`,
  );
}
