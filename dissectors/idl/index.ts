/**
 * Interfaces out of IDL files (C706 chapter 4, and MIDL's common subset): what a specification prints as its full IDL is
 * all that it takes to decode an interface.
 */
import { field } from '../../src/core/node.js';
import { operation, type RpcInterface, type RpcOperation } from '../ndr/interface.js';
import type { Member } from '../ndr/types.js';
import { Parser } from './parser.js';
import { PRELUDE, ROOTS } from './prelude.js';
import { type Imports, Preprocessor } from './preprocess.js';
import {
  attributeOf,
  type Declaration,
  type Declared,
  type InterfaceSyntax,
  nothingDeclared,
  type OperationSyntax,
} from './syntax.js';
import { Tables } from './tables.js';
import { IdlError, type IdlToken } from './tokens.js';

/** One IDL file. */
export interface IdlFile {
  readonly name: string;
  readonly text: string;
  /** The text of files that it imports, by the names that it gives them; null for those that are not there. */
  readonly imports: Imports;
}

/**
 * The interfaces of IDL files; what one declares, those behind it know.
 *
 * An interface that clrscope knows by its UUID has its parameters from the IDL, and keeps what clrscope knows of the meaning
 * of operations whose parameters have the same names.
 * @param known interfaces that need no declaration: those of clrscope
 * @throws IdlError with file, line, column, and what was expected
 */
export function readIdl(
  files: readonly IdlFile[],
  known: readonly RpcInterface[],
  taken: ReadonlySet<string> = new Set(),
): RpcInterface[] {
  const declared = nothingDeclared();
  new Parser(new Preprocessor(() => null).file(PRELUDE, 'prelude'), declared).file();
  for (const { name, text, imports } of files) new Parser(new Preprocessor(imports).file(text, name), declared).file();
  return new Interfaces(declared, known, taken).all();
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An interface as far as those that continue it need it. */
interface Made {
  readonly isOrpc: boolean;
  /** The number of the next operation. */
  readonly next: number;
  readonly ops: Readonly<Record<number, RpcOperation>>;
}

class Interfaces {
  private readonly known: ReadonlyMap<string, RpcInterface>;
  private readonly tables: Tables;
  private readonly made = new Map<string, Made>();

  constructor(
    private readonly declared: Declared,
    known: readonly RpcInterface[],
    private readonly taken: ReadonlySet<string>,
  ) {
    this.known = new Map(known.flatMap((i) => [[i.uuid, i] as const, [i.name, i] as const]));
    const pointed = (name: string): boolean =>
      declared.interfaceNames.has(name) ||
      Object.hasOwn(ROOTS, name) ||
      name === 'MInterfacePointer' ||
      this.known.get(name)?.orpc === true;
    this.tables = new Tables(declared, pointed);
  }

  all(): RpcInterface[] {
    const list: RpcInterface[] = [];
    for (const one of this.declared.interfaces.values()) {
      const made = this.interface(one);
      if (made !== null) list.push(made);
    }
    this.tables.finish();
    return list;
  }

  /** Null for one that no wire sees: it has no UUID, or is local. */
  private interface(from: InterfaceSyntax): RpcInterface | null {
    const base = this.base(from);
    const isOrpc = attributeOf(from.attributes, 'object') !== undefined || base.isOrpc;
    const uuid = uuidOf(from);
    const known = uuid === null ? undefined : this.known.get(uuid);
    const name = from.name.toLowerCase();
    const prefix = this.taken.has(name) && known?.protocol?.name !== name ? `idl.${name}` : name;
    const maker = new Operations(this.tables, prefix, known);
    const numbers = numbered(from, base.next, isOrpc);
    const ops: Record<number, RpcOperation> = { ...base.ops };
    for (const [opnum, of] of numbers.ops) ops[opnum] = maker.operation(of, opnum);
    this.made.set(from.name, { isOrpc, next: numbers.next, ops });
    if (uuid === null || attributeOf(from.attributes, 'local') !== undefined) return null;
    return {
      name: from.name,
      uuid,
      version: versionOf(from),
      spec: known?.spec ?? from.file,
      orpc: isOrpc,
      protocol: known?.protocol ?? field(prefix, from.name),
      ops,
    };
  }

  private base({ base, attributes }: InterfaceSyntax): Made {
    if (base === null) return { isOrpc: attributeOf(attributes, 'object') !== undefined, next: 0, ops: {} };
    const made = this.made.get(base.text);
    if (made !== undefined) return made;
    const known = this.known.get(base.text);
    const opnums = Object.keys(known?.ops ?? {}).map(Number);
    const next = Object.hasOwn(ROOTS, base.text)
      ? ROOTS[base.text]
      : opnums.length > 0
        ? Math.max(...opnums) + 1
        : null;
    if (next === null)
      throw new IdlError(base, `the interface ${base.text} is not declared: its operations come first`);
    // those of IUnknown never travel
    return { isOrpc: known?.orpc ?? true, next, ops: base.text === 'IUnknown' ? {} : (known?.ops ?? {}) };
  }
}

/** Operations by number: those that are local count where they have a place among the methods of an object. */
function numbered(
  { operations }: InterfaceSyntax,
  first: number,
  isOrpc: boolean,
): { ops: Map<number, OperationSyntax>; next: number } {
  const ops = new Map<number, OperationSyntax>();
  const local = new Map<string, number>();
  let next = first;
  for (const of of operations) {
    const calledAs = attributeOf(of.attributes, 'call_as')?.arguments[0]?.[0]?.text;
    const place = calledAs === undefined ? undefined : local.get(calledAs);
    if (attributeOf(of.attributes, 'callback') !== undefined) continue;
    if (attributeOf(of.attributes, 'local') !== undefined) {
      if (isOrpc) local.set(of.name, next++);
    } else if (place !== undefined) ops.set(place, of);
    else ops.set(next++, of);
  }
  return { ops, next };
}

function uuidOf(from: InterfaceSyntax): string | null {
  const attribute = attributeOf(from.attributes, 'uuid');
  if (attribute === undefined) return null;
  const text = textOf(attribute.arguments[0] ?? [])
    .replaceAll(/["{}]/g, '')
    .toLowerCase();
  if (!UUID.test(text)) throw new IdlError(attribute, `a UUID was expected, not ${JSON.stringify(text.slice(0, 40))}`);
  return text;
}

/** `version(1.0)` */
function versionOf({ attributes }: InterfaceSyntax): string {
  const [, major = '0', minor = '0'] =
    /^(\d{1,5})(?:\.(\d{1,5}))?$/.exec(textOf(attributeOf(attributes, 'version')?.arguments[0] ?? [])) ?? [];
  return `${Number(major)}.${Number(minor)}`;
}

function textOf(tokens: readonly IdlToken[]): string {
  return tokens
    .slice(0, 16)
    .map(({ text }) => text)
    .join('');
}

/** Numbers that a caller is told by: they become the status of an operation. */
const STATUS = ['u32', 'i32', 'hex32'];

const PREFIXES = { propget: 'get_', propput: 'put_', propputref: 'putref_' } as const;

/** Makes operations of one interface. */
class Operations {
  constructor(
    private readonly tables: Tables,
    private readonly prefix: string,
    private readonly known: RpcInterface | undefined,
  ) {}

  operation(of: OperationSyntax, opnum: number): RpcOperation {
    const property = Object.entries(PREFIXES).find(([name]) => attributeOf(of.attributes, name) !== undefined);
    const name = `${property?.[1] ?? ''}${of.name}`;
    const result = this.tables.result(of.result, this.prefix);
    const isStatus = result?.kind === 'number' && STATUS.includes(result.number);
    const isHresult = result?.kind === 'number' && result.number === 'hex32';
    const request = this.members(of, 'in');
    const response = this.members(of, 'out');
    if (result !== null && !isStatus)
      response.push(this.tables.member(this.prefix, this.operationPrefix(of), 'ReturnValue', result));
    const retval = of.parameters.find(({ attributes }) => attributeOf(attributes, 'retval') !== undefined)?.name;
    const own: RpcOperation = {
      ...operation(this.prefix, name, {}),
      request,
      response,
      returns: isHresult ? 'hresult' : isStatus ? 'status' : 'nothing',
      ...(retval === undefined ? {} : { retval }),
    };
    const known = this.known?.ops[opnum];
    return known?.decoded && isSame(known, own) ? withMeaning(own, known) : own;
  }

  private operationPrefix({ name }: OperationSyntax): string {
    return `${this.prefix}.${name.toLowerCase()}`;
  }

  private members(of: OperationSyntax, side: 'in' | 'out'): Member[] {
    // without either it goes in
    const travels = ({ attributes }: Declaration): boolean =>
      attributeOf(attributes, side) !== undefined || (side === 'in' && attributeOf(attributes, 'out') === undefined);
    const parameters = of.parameters.filter(travels);
    const beside = new Set(parameters.map(({ name }) => name));
    if (beside.size < parameters.length) throw new IdlError(of, `${of.name} has two parameters of one name`);
    return parameters.flatMap((one) => {
      const type = this.tables.parameter(one, this.prefix, beside);
      return type === null ? [] : [this.tables.member(this.prefix, this.operationPrefix(of), one.name, type)];
    });
  }
}

function isSame(known: RpcOperation, own: RpcOperation): boolean {
  const names = ({ name, request, response }: RpcOperation): string =>
    [name, ...request.map((m) => m.name), '', ...response.map((m) => m.name)].join(' ');
  return names(known) === names(own);
}

/** What clrscope knows of an operation beside its parameters; their fields too, where they are of the same type. */
function withMeaning(
  own: RpcOperation,
  { name: _, request, response, returns: __, ...meaning }: RpcOperation,
): RpcOperation {
  const withFields = (members: readonly Member[], known: readonly Member[]): Member[] =>
    members.map((m, i) => (m.field.type === known[i].field.type ? { ...m, field: known[i].field } : m));
  return {
    ...meaning,
    ...own,
    request: withFields(own.request, request),
    response: withFields(own.response, response),
  };
}
