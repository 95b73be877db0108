/** Calls of ICounter, the interface that README writes as an example. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { concat, ethernet, ipv4, pcapFile, SYN, tcp, u16, u32 } from './bytes.js';
import { ROOT } from './cli.js';

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
const UUID = '7e4a3c5a 5d0c 5b4c 9d2e 1f0e7a9b3c11';
const NDR = '045d888a eb1c c911 9fe8 08002b104860 02000000';

function pdu(type: number, body: Uint8Array, flags = 3): Uint8Array {
  const le = true;
  return concat([5, 0, type, flags, 0x10, 0, 0, 0], u16(16 + body.length, le), u16(0, le), u32(1, le), body);
}

/** bind, bind_ack, Read("hits", 2) and its answer, one segment each. */
export function counterCapture(): Uint8Array {
  const bind = pdu(11, hex(`d016 d016 00000000 01000000 0000 01 00 ${UUID} 0000 0000 ${NDR}`));
  const ack = pdu(12, hex(`d016 d016 01000000 0000 0000 01000000 0000 0000 ${NDR}`));
  const orpcThis = hex('0500 0700 00000000 00000000 11111111222233334444555566667777 00000000');
  const name = hex('00000200 04000000 08000000 04000000 6800 6900 7400 7300');
  const request = pdu(
    0,
    concat(hex('00000000 0000 0300'), new Uint8Array(16).fill(9), orpcThis, name, hex('02000000')),
    0x83,
  );
  const samples = hex('02000000 01000000 0a000000 02000000 fbffffff');
  const response = pdu(2, concat(hex('00000000 0000 00 00'), new Uint8Array(8), samples, hex('05000000 00000000')));
  const [a, b] = ['10.0.0.1', '10.0.0.2'];
  const up = (seq: number, data: Uint8Array, flags?: number) =>
    ethernet(ipv4(a, b, 6, tcp(40000, 5000, seq, data, flags)));
  const down = (seq: number, data: Uint8Array) => ethernet(ipv4(b, a, 6, tcp(5000, 40000, seq, data)));
  return pcapFile(
    [
      up(0, new Uint8Array(0), SYN),
      up(1, bind),
      down(1, ack),
      up(1 + bind.length, request),
      down(1 + ack.length, response),
    ].map((bytes) => ({ bytes })),
  );
}

/** README's example as JavaScript. */
export function counterModule(): string {
  const readme = readFileSync(`${ROOT}README.md`, 'utf8');
  const section = readme.slice(readme.indexOf('## Add a dissector in an hour'));
  const code = /```ts\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}

/** The same interface as IDL. */
export const COUNTER_IDL = `
typedef struct _SAMPLE { DWORD when; long value; } SAMPLE;
[object, uuid(5a3c4a7e-0c5d-4c5b-9d2e-1f0e7a9b3c11), pointer_default(unique)]
interface ICounter : IUnknown {
  HRESULT Read([in] BSTR name, [in] unsigned long count, [out, size_is(count)] SAMPLE *samples, [out] long *total);
};
`;
