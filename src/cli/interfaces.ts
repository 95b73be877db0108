/** `clrscope interfaces`: every interface and operation that can be named or decoded. */
import { interfacesWith } from '../../dissectors/index.js';
import type { RpcInterface } from '../../dissectors/ndr/interface.js';
import { foldTo } from '../output/line-width.js';
import { type Paint, paint } from '../output/terminal.js';
import { type OwnOptions, UsageError } from './options.js';
import { Output } from './output.js';
import { interfacesOf } from './own-interfaces.js';
import { formatOf } from './printer.js';
import { screenOf } from './run.js';

export interface InterfacesOptions extends OwnOptions {
  T: string;
}

/** Runs the command; `words` select interfaces of which name, UUID or an operation contains one of them. */
export async function interfaces(words: string[], options: InterfacesOptions): Promise<void> {
  const format = formatOf(FORMATS, options.T, 'interfaces prints -T');
  const out = new Output();
  const all = [...interfacesWith(await interfacesOf(options)).values()];
  const wanted = all.filter((i) => words.length === 0 || words.some((w) => matches(i, w.toLowerCase())));
  if (wanted.length === 0)
    throw new UsageError(`no interface has ${words.join(' or ')} in its name, its UUID or its operations`);
  out.write(format(wanted));
  out.flush();
}

const FORMATS: Readonly<Record<string, (interfaces: readonly RpcInterface[]) => string>> = {
  text(wanted) {
    const { color, room } = screenOf({ color: 'auto' });
    const p = paint(color);
    const all = wanted.flatMap((i) => Object.values(i.ops));
    const decoded = all.filter((op) => op.decoded).length;
    const sum = `${wanted.length} interfaces, ${decoded} operations decoded, ${all.length - decoded} known by name\n`;
    const lines = wanted.flatMap((i) => toLines(i, p)).flatMap((line) => foldTo(line, room));
    return `${lines.join('\n')}\n${p.strong(sum)}`;
  },
  json: (wanted) => `${JSON.stringify(wanted.map(toJson), null, 1)}\n`,
};

function matches(i: RpcInterface, word: string): boolean {
  const texts = [i.name, i.uuid, ...Object.values(i.ops).map((op) => op.name)];
  return texts.some((t) => t.toLowerCase().includes(word));
}

/** An interface as JSON: what it is, where it is specified, and how far each operation is read. */
export function toJson(i: RpcInterface): Record<string, unknown> {
  const { name, uuid, version, spec, orpc } = i;
  const operations = Object.entries(i.ops).map(([opnum, op]) => ({
    opnum: Number(opnum),
    name: op.name,
    section: op.section ?? null,
    decoded: op.decoded,
    in: op.request.map((m) => m.name),
    out: op.response.map((m) => m.name),
    returns: op.decoded ? op.returns : null,
  }));
  return { name, uuid, version, spec, orpc, decoded: operations.some((o) => o.decoded), operations };
}

function toLines(i: RpcInterface, p: Paint): string[] {
  const lines = [`${p.strong(i.name)}  ${p.value(i.uuid)}  ${i.version}  ${p.offset(i.spec)}`];
  for (const [opnum, op] of Object.entries(i.ops)) {
    const params = op.decoded
      ? `(${op.request.map((m) => m.name).join(', ')})${op.response.length === 0 ? '' : ` → ${op.response.map((m) => m.name).join(', ')}`}`
      : '  named only';
    lines.push(`  ${opnum.padStart(3)}  ${p.name(op.name)}${op.decoded ? params : p.offset(params)}`);
  }
  return lines;
}
