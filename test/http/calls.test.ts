/** Which messages of a connection of HTTP are calls of remoting. */
import { describe, expect, test } from 'vitest';
import { connection } from '../fields/wire.js';
import type { Said } from '../smb/golden.js';
import { outcomeOf } from '../smb/support.js';
import { callOf, envelope } from '../soap/support.js';

const say = (from: 0 | 1, head: string, body = ''): Said => [
  from,
  Buffer.from(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
];
const AGENT = 'User-Agent: Mozilla/4.0+(compatible; MSIE 6.0; MS .NET Remoting; MS .NET CLR 2.0)';
const post = (body: string, more = ''): Said =>
  say(0, `POST /t.rem HTTP/1.1\r\n${AGENT}\r\nContent-Type: text/xml\r\nHost: h${more}`, body);
const answer = (body: string): Said => say(1, 'HTTP/1.1 200 OK\r\nContent-Type: text/xml', body);
const CALL = callOf('<x>1</x>');
const RETURN = envelope('<i2:MResponse xmlns:i2="http://schemas.microsoft.com/clr/nsassem/N.T/A"/>');

/** Each call's method, and whether it was answered. */
async function callsOf(said: readonly Said[]) {
  const { found, problems } = await outcomeOf(connection(40_000, said, 8080));
  expect(problems).toEqual([]);
  return found.map(({ operation, response }) => [operation?.name ?? null, response !== null]);
}

describe('a connection that is kept alive', () => {
  test('begins with what is no remoting, and goes on with calls', async () => {
    const get: Said = [0, Buffer.from('GET /t.rem?wsdl HTTP/1.1\r\nHost: h\r\n\r\n')];
    const said = [get, say(1, 'HTTP/1.1 200 OK', '<definitions/>'), post(CALL), answer(RETURN)];
    expect(await callsOf([...said, post(CALL), answer(RETURN)])).toEqual([
      ['M', true],
      ['M', true],
    ]);
  });

  test('holds posts without content, which ask how to authenticate and call nothing', async () => {
    const refused = say(1, 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate', 'no');
    const said = [post(''), refused, post('', '\r\nAuthorization: Negotiate TlRMTVNTUAABAAAA'), refused];
    const last = post(CALL, '\r\nAuthorization: Negotiate TlRMTVNTUAADAAAA');
    expect(await callsOf([...said, last, answer(RETURN)])).toEqual([['M', true]]);
  });

  test('has answers to HEAD, which tell of a body and have none, in one segment with the next or alone', async () => {
    const head = (from: 0 | 1, text: string): Said => [from, Buffer.from(`${text}\r\n\r\n`)];
    const ask = head(0, `HEAD /t.rem HTTP/1.1\r\n${AGENT}\r\nHost: h`);
    for (const tells of ['Content-Length: 77', 'Transfer-Encoding: chunked', 'X: until it is closed']) {
      const bare = head(1, `HTTP/1.1 200 OK\r\n${tells}`);
      const apart = [ask, bare, post(CALL), answer(RETURN), post(CALL), answer(RETURN)];
      expect(await callsOf(apart), tells).toEqual([
        ['M', true],
        ['M', true],
      ]);
      const asked = Buffer.concat([ask[1], post(CALL)[1]]);
      const answered = Buffer.concat([bare[1], answer(RETURN)[1]]);
      const { found, codes } = await outcomeOf(
        connection(
          40_000,
          [
            [0, asked],
            [1, answered],
          ],
          8080,
        ),
      );
      expect([found.length, found[0]?.response !== null, codes], tells).toEqual([1, true, []]);
    }
  });

  test.each([1, 2])('may have %i empty lines in front of each request', async (lines) => {
    const behind = ([from, bytes]: Said): Said => [from, Buffer.concat([Buffer.from('\r\n'.repeat(lines)), bytes])];
    const said = [behind(post(CALL)), answer(RETURN), behind(post(CALL)), answer(RETURN)];
    const { found, codes } = await outcomeOf(connection(40_000, said, 8080));
    expect([found.map(({ response }) => response !== null), codes]).toEqual([[true, true], []]);
    // byte by byte
    const bytewise = said.flatMap(([from, bytes]) => Array.from(bytes, (b): Said => [from, Uint8Array.of(b)]));
    expect((await callsOf(bytewise)).length).toBe(2);
  });

  test('is answered before the end of a request that was told to go on', async () => {
    const [, whole] = post(CALL, '\r\nExpect: 100-continue');
    const head = Buffer.from(whole).indexOf('\r\n\r\n') + 4;
    const goOn: Said = [1, Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')];
    const asked: readonly Said[] = [[0, whole.subarray(0, head)], goOn, answer(RETURN), [0, whole.subarray(head)]];
    const { found, codes } = await outcomeOf(connection(40_000, [...asked, post(CALL), answer(RETURN)], 8080));
    expect(found.map(({ response }) => response?.frames.length)).toEqual([1, 1]);
    expect(found[0].response?.frames).not.toEqual(found[1].response?.frames);
    expect(codes).toEqual(['time-backwards']);
  });
});
