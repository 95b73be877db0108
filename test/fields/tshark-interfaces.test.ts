/** What tshark shows of the made capture, where it knows operation and field, is what we show: or the list says why not. */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { allFields } from '../../dissectors/index.js';
import { columns, TSHARK, tsharkColumns, withCapture } from '../columns.js';
import { LAYOUTS, MADE, madeCalls, USUAL_ROUNDS } from './made-interfaces.js';

/** Interfaces that Wireshark 4.0 has a dissector for. */
const KNOWN = new Set([
  ...['IDispatch', 'IRemUnknown', 'IRemUnknown2', 'IObjectExporter', 'IRemoteSCMActivator', 'IActivation'],
  ...['epmapper', 'ITypeInfo'],
]);

/** `interface.operation side field`, and why tshark 4.0 has another value. */
const DIFFERENT: readonly (readonly [what: RegExp, why: string])[] = [
  [/ dcerpc\.(referent_id|array\..*)$/, "tshark's DCOM reads pointers and counts as fields of its own"],
  [/ epm$/, 'operations go by the names of C706'],
  [
    / (remact\.object_name|dispatch\.(name|source|description|help_file)|dcom\.vt\.bstr|typeinfo\.(docname|docstring|helpfile|names\.value))$/,
    'tshark has an empty text in front of each text of DCOM',
  ],
  [/Invoke response dispatch\.(code|reserved16)$/, 'tshark does not align EXCEPINFO behind a VARIANT with a BSTR'],
  [/RemoteCreateInstance request /, 'tshark takes pUnkOuter for null'],
  [/GetDocumentation response typeinfo\.helpctx$/, 'tshark is out of step behind the BSTRs'],
  [/(GetFuncDesc|GetTypeAttr) response /, 'tshark takes reserved pointers for numbers and loses count behind them'],
  [/ept_map request epm\./, 'tshark calls the object epm.uuid, and reads versions in the byte order of the network'],
];

it.skipIf(TSHARK !== '4.0')('tshark 4.0 has the same values', { timeout: 120_000 }, async () => {
  const listed = spawnSync('tshark', ['-G', 'fields'], { maxBuffer: 1 << 30 }).stdout.toString();
  const theirs = new Set(listed.split('\n').map((line) => line.split('\t')[2]));
  const own = /^(dcom|oxid|remact|isystemactivator|remunk|dispatch|typeinfo|epm|dcerpc\.array|dcerpc\.referent_id)\b/;
  const names = [...new Set(allFields().map((f) => f.name))].filter((n) => theirs.has(n) && own.test(n));
  const stubs = madeCalls(LAYOUTS[0]).flatMap(({ iface, request, response }) => [
    { iface: iface.name, name: request.name },
    { iface: iface.name, name: response.name },
  ]);
  await withCapture(MADE[0].bytes(), async (file) => {
    const asked = ['dcerpc.pkt_type', ...names];
    const isStub = ([type]: string[]): boolean => type === '0' || type === '2';
    const ours = (await columns(file, asked)).filter(isStub);
    const rows = tsharkColumns(file, asked).filter(isStub);
    expect([ours.length, rows.length]).toEqual([stubs.length, stubs.length]);
    const wrong: string[] = [];
    let same = 0;
    rows.forEach((row, i) => {
      const { iface, name } = stubs[i];
      const [, stub, round] = /^(.*) (\d+)$/.exec(name) ?? [];
      if (!KNOWN.has(iface) || Number(round) >= USUAL_ROUNDS) return;
      row.forEach((value, j) => {
        // nothing there: tshark does not take the operation apart, or gave up in front of the field
        if (value === '') return;
        if (value === ours[i][j]) same++;
        else if (!DIFFERENT.some(([what]) => what.test(`${stub} ${asked[j]}`)))
          wrong.push(`${name}: ${asked[j]} is ${ours[i][j]}, tshark has ${value}`);
      });
    });
    expect(wrong).toEqual([]);
    expect(same).toBeGreaterThan(1000);
  });
});
