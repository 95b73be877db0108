/** A channel of .NET remoting, over TCP or HTTP: calls by VALUEs of their messages. */
import { encodeValues, type ValueDocument } from '../../dissectors/nrbf/index.js';
import { Format, Token, UTF8 } from '../../dissectors/remoting/headers.js';
import { writeNrtp } from '../../dissectors/remoting/write.js';

/** What a call brings back: values of its return, an exception, or nothing at all. */
export type Answer = ValueDocument['root'] | { readonly thrown: NonNullable<ValueDocument['root']> };

const REQUEST = 0;
const ONE_WAY = 1;
const REPLY = 2;

export class Channel {
  constructor(
    private readonly send: (direction: 0 | 1, bytes: Uint8Array) => void,
    private readonly http: boolean,
  ) {}

  /** A call, and its answer: a value, an exception or a whole message; `undefined` where none comes. */
  call(
    uri: string,
    method: string,
    o: { type?: string; args?: NonNullable<ValueDocument['root']>[]; oneWay?: boolean } = {},
    answer?: Answer,
  ): this {
    const { type = 'Svc, App, Version=1.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089', args = [] } = o;
    const content = encodeValues({ call: { kind: 'call', method, type, args } });
    this.request(uri, content, o.oneWay === true);
    if (answer !== undefined) this.reply(encodeValues({ call: returned(answer) }));
    return this;
  }

  private request(uri: string, content: Uint8Array, oneWay: boolean): void {
    if (this.http) {
      this.send(0, httpMessage(`POST /${uri} HTTP/1.1\r\nHost: srv`, 'application/octet-stream', content));
      return;
    }
    const value = { encoding: UTF8, text: uri };
    const headers = [{ token: Token.requestUri, format: Format.string, name: null, value }];
    this.send(0, writeNrtp({ operation: oneWay ? ONE_WAY : REQUEST, headers, chunks: null }, content));
  }

  /** An answer with a content of any kind. */
  reply(content: Uint8Array): void {
    if (this.http) this.send(1, httpMessage('HTTP/1.1 200 OK', 'application/octet-stream', content));
    else this.send(1, writeNrtp({ operation: REPLY, headers: [], chunks: null }, content));
  }
}

function returned(answer: Answer): NonNullable<ValueDocument['call']> {
  if (answer !== null && answer !== undefined && 'thrown' in answer)
    return { kind: 'return', args: [], exception: answer.thrown };
  return { kind: 'return', args: [], returnValue: answer ?? null };
}

function httpMessage(front: string, type: string, content: Uint8Array): Uint8Array {
  const head = `${front}\r\nContent-Type: ${type}\r\nContent-Length: ${content.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), content]);
}
