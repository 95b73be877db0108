/** One big capture: mixed traffic, RPC in clear, RPC sealed. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { bigCapture, captures, mixed, ROOT } from './inputs.mjs';
import { aim, compare, wallOf } from './measure.mjs';
import { before, CLEAR, cat, clrscope, HEADER_COLUMNS, node, only, tcpdump, tshark } from './programs.mjs';

/** One capture is read by one thread unless the user says otherwise. */
const ALL = ['--jobs', String(availableParallelism())];
const ONE = ['--jobs', '1'];
const MB = (file) => statSync(file).size / 1e6;
const packetsIn = (file) =>
  Number(spawnSync(process.execPath, [join(ROOT, 'test/bench/plain-scan.mjs'), file]).stdout.toString());

/** Lines that a command prints. */
function count(command) {
  const { stdout } = spawnSync('sh', ['-c', `"$@" 2>/dev/null | wc -l`, 'sh', ...command]);
  return Number(stdout.toString().trim());
}

/** A gigabyte of which little is DCE/RPC. */
export function mixedTraffic(rounds) {
  const file = mixed(1e9);
  const rows = compare(
    only(
      cat(file),
      { name: 'plain scan in Node', command: node('plain-scan.mjs', file) },
      tcpdump(file),
      { name: 'pcap-parser', command: node('pcap-parser.mjs', file), rounds: 1 },
      { ...tshark('tshark -Y dcerpc', '-r', file, '-Y', 'dcerpc'), rounds: 1 },
      ...before('clrscope calls', 'calls', file),
      { name: 'clrscope calls', command: clrscope('calls', file) },
      { name: 'clrscope calls --jobs 1', command: clrscope('calls', '--jobs', '1', file) },
    ),
    rounds,
  );
  const packets = packetsIn(file);
  const each = (wallOf(rows, 'clrscope calls') / packets) * 1e9;
  return {
    lines: [`${MB(file).toFixed(0)} MB, ${packets} packets; ${each.toFixed(0)} ns a packet, start-up included.`],
    rows,
    base: 'clrscope calls',
    aims: [
      ...aim(rows, 'mixed, 1 GB: `calls` / `tcpdump -r -w`', 'clrscope calls', 'tcpdump', { most: 0.8 }),
      ...aim(rows, 'mixed, 1 GB: two cores / one', 'clrscope calls', 'clrscope calls --jobs 1', { most: 1 }),
    ],
  };
}

/** Display filters and columns on mixed traffic. */
export function filters(rounds) {
  const file = mixed(1e8);
  const asked = [
    ['-Y dcerpc.opnum', 50, ['-Y', 'dcerpc.opnum == 3']],
    ['-T fields dcerpc', 50, ['-Y', 'dcerpc', '-T', 'fields', ...HEADER_COLUMNS]],
    ['-Y tcp.port -e ip.src', 8, ['-Y', 'tcp.port == 135', '-T', 'fields', '-e', 'ip.src']],
    ['-e frame ip udp', 8, ['-T', 'fields', ...['frame.number', 'ip.src', 'udp.dstport'].flatMap((f) => ['-e', f])]],
  ];
  const rows = compare(
    only(
      ...asked.flatMap(([name, , more]) => [
        { ...tshark(`tshark ${name}`, '-r', file, ...more), rounds: 1 },
        ...before(`clrscope ${name}`, 'read', file, ...more).map((p) => ({ ...p, rounds: 1 })),
        { name: `clrscope ${name}`, command: clrscope('read', file, ...more) },
      ]),
      { name: 'clrscope, no filter', command: clrscope('read', file) },
    ),
    rounds,
  );
  return {
    lines: [`${MB(file).toFixed(0)} MB, ${packetsIn(file)} packets.`],
    rows,
    base: 'clrscope, no',
    aims: asked.flatMap(([name, least, more]) =>
      aim(rows, `filters: \`tshark ${more.slice(0, 6).join(' ')}\` / clrscope`, `tshark ${name}`, `clrscope ${name}`, {
        least,
      }),
    ),
  };
}

/** Half a gigabyte of RPC in clear. */
export function rpc(rounds) {
  const file = bigCapture('rpc-500', 5e8, captures(...CLEAR));
  const ndjson = ['calls', '-T', 'ndjson', file];
  const rows = compare(
    only(
      cat(file),
      tcpdump(file),
      tshark('tshark -Y dcerpc -T fields', '-r', file, '-Y', 'dcerpc', '-T', 'fields', ...HEADER_COLUMNS),
      tshark('tshark -V', '-r', file, '-V'),
      ...before('clrscope -V', '-V', file),
      { name: 'clrscope -V, all cores', rounds: 3, command: clrscope('-V', ...ALL, file) },
      { name: 'clrscope -V, one core', rounds: 3, command: clrscope('-V', ...ONE, file) },
      ...before('clrscope calls', 'calls', file),
      { name: 'clrscope calls, all cores', rounds: 3, command: clrscope('calls', ...ALL, file) },
      { name: 'clrscope calls, one core', rounds: 3, command: clrscope('calls', ...ONE, file) },
      ...before('clrscope calls -T ndjson', ...ndjson),
      { name: 'clrscope calls -T ndjson, all cores', rounds: 3, command: clrscope(...ndjson, ...ALL) },
      { name: 'clrscope calls -T ndjson, one core', rounds: 3, command: clrscope(...ndjson, ...ONE) },
    ),
    rounds,
  );
  const calls = count(clrscope(...ndjson));
  const mine = wallOf(rows, 'clrscope calls -T ndjson, one');
  const fields = 'rpc: `tshark -Y dcerpc -T fields` / `calls -T ndjson`';
  const halves = (what) => [`clrscope ${what}, all`, `clrscope ${what}, one`];
  return {
    lines: [
      `${MB(file).toFixed(0)} MB, ${packetsIn(file)} packets, ${calls} calls; \`calls -T ndjson\` on one core: ${((mine / calls) * 1e6).toFixed(0)} µs a call, ${(MB(file) / mine).toFixed(0)} MB/s.`,
    ],
    rows,
    base: 'clrscope calls -T ndjson, all',
    aims: [
      ...aim(rows, `${fields}, two cores`, 'tshark -Y', 'clrscope calls -T ndjson, all', { least: 8 }),
      ...aim(rows, `${fields}, one core`, 'tshark -Y', 'clrscope calls -T ndjson, one', { least: 5 }),
      ...aim(rows, 'rpc: `tshark -V` / `-V`, two cores', 'tshark -V', 'clrscope -V, all', { least: 6 }),
      ...aim(rows, 'rpc: `-T ndjson`, two cores / one', ...halves('calls -T ndjson'), { most: 0.62 }),
      ...aim(rows, 'rpc: `-V`, two cores / one', ...halves('-V'), { most: 0.62 }),
    ],
  };
}

/** NTLM PKT_PRIVACY, opened with the account's password. */
export function sealed(rounds) {
  const [from] = captures('ntlm-privacy-vt', 'ntlm-privacy');
  const secrets = from.replace('.pcap', '.secrets.json');
  const known = existsSync(secrets) ? secrets : accounts();
  const [account] = JSON.parse(readFileSync(known, 'utf8')).accounts;
  const file = bigCapture('sealed-200', 2e8, [from]);
  const open = ['calls', '--secrets', known, file];
  const ndjson = [...open, '-T', 'ndjson'];
  const password = ['-o', `ntlmssp.nt_password:${account.password}`];
  const rows = compare(
    only(
      {
        ...tshark(
          'tshark -Y dcerpc, same password',
          ...['-r', file, ...password, '-Y', 'dcerpc', '-T', 'fields'],
          ...HEADER_COLUMNS,
        ),
        rounds: 1,
      },
      ...before('clrscope calls --secrets', ...open),
      { name: 'clrscope calls --secrets, all cores', rounds: 3, command: clrscope(...open, ...ALL) },
      { name: 'clrscope calls --secrets, one core', rounds: 3, command: clrscope(...open, ...ONE) },
      { name: 'clrscope calls -T ndjson --secrets, all cores', rounds: 3, command: clrscope(...ndjson, ...ALL) },
      { name: 'clrscope calls -T ndjson --secrets, one core', rounds: 3, command: clrscope(...ndjson, ...ONE) },
      { name: 'clrscope calls -T ndjson, no secrets', rounds: 3, command: clrscope('calls', '-T', 'ndjson', file) },
    ),
    rounds,
  );
  const sample = spawnSync(...command(clrscope('calls', '-T', 'ndjson', '--secrets', known, from))).stdout.toString();
  const opened = (sample.match(/"decrypted":true,"verified":true/g) ?? []).length;
  return {
    lines: [
      `${MB(file).toFixed(0)} MB of NTLM PKT_PRIVACY; ${opened} of the sample's ${sample.split('\n').length - 1} calls open and verify.`,
    ],
    rows,
    base: 'clrscope calls --secrets, all',
    aims: [
      ...aim(rows, 'sealed: `tshark`, same password / `calls`, two cores', 'tshark', 'clrscope calls --secrets, all', {
        least: 4,
      }),
      ...aim(
        rows,
        'sealed: `-T ndjson`, two cores / one',
        'clrscope calls -T ndjson --secrets, all',
        'clrscope calls -T ndjson --secrets, one',
        { most: 0.65 },
      ),
    ],
  };
}

const command = ([program, ...more]) => [program, more];

/** Accounts of the lab that the shared captures come from. */
function accounts() {
  const [path] = captures('impacket-ntlm-privacy');
  const secrets = path?.replace('.pcap', '.secrets.json');
  if (secrets !== undefined && existsSync(secrets)) return secrets;
  throw new Error('sealed: there is no secrets file');
}
