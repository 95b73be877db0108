/**
 * The benchmarks: node test/bench/run.mjs [mixed|rpc|sealed|many|startup|growth|soak|worst|compressed|nrbf ...] [--rounds N]
 * Without a name: mixed, rpc, sealed, many, startup. Runs what dist/ holds (CLRSCOPE_DIST for another build), and writes
 * test/bench/RESULTS.md, one section a benchmark; sections of others stay. Inputs are made once, under .bench/.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { compressed } from './compressed.mjs';
import { bigCapture, captures, manyFiles, mixed, OUT, ROOT } from './inputs.mjs';
import { compare, has, table } from './measure.mjs';
import { soak } from './soak.mjs';
import { worst } from './worst.mjs';

const dist = process.env.CLRSCOPE_DIST ?? join(ROOT, 'dist');
const main = join(dist, 'bundle/cli/main.js');
const args = process.argv.slice(2);
const at = args.indexOf('--rounds');
const rounds = at < 0 ? 5 : Number(args.splice(at, 2)[1]);
const results = join(ROOT, 'test/bench/RESULTS.md');

const clrscope = (...more) => [process.execPath, main, ...more];
const node = (script, ...more) => [process.execPath, join(ROOT, 'test/bench', script), ...more];
const only = (...programs) => programs.filter((p) => p.needs === undefined || has(p.needs));
const tshark = (name, ...more) => ({ name, needs: 'tshark', rounds: 2, command: ['tshark', ...more] });
const tcpdump = (file) => ({
  name: 'tcpdump -r FILE -w /dev/null',
  needs: 'tcpdump',
  command: ['tcpdump', '-r', file, '-w', '/dev/null'],
});
const cat = (file) => ({ name: 'cat', command: ['cat', file] });
const COLUMNS = [
  'frame.number',
  'dcerpc.pkt_type',
  'dcerpc.cn_flags',
  'dcerpc.cn_frag_len',
  'dcerpc.cn_call_id',
  'dcerpc.cn_ctx_id',
  'dcerpc.opnum',
];
const columns = COLUMNS.flatMap((c) => ['-e', c]);
const CLEAR = ['clear-ndr', 'clear-big', 'multi-context', 'interleaved', 'odd-bstr', 'ccw-variants'];

/** Lines that a command prints. */
function count(command) {
  const { stdout } = spawnSync('sh', ['-c', `"$@" 2>/dev/null | wc -l`, 'sh', ...command]);
  return Number(stdout.toString().trim());
}

const times5 = (path) => Array(5).fill(path);
const packetsIn = (file) =>
  Number(spawnSync(process.execPath, [join(ROOT, 'test/bench/plain-scan.mjs'), file]).stdout.toString());
const wallOf = (rows, start) => rows.find((r) => r.name.startsWith(start)).wall;
const MB = (file) => statSync(file).size / 1e6;

/** What was aimed for, and what was measured. */
function aim(text, ratio, wanted, unit = '×') {
  return `- ${ratio >= wanted ? 'met' : '**not met**'}: ${text}: ${ratio.toFixed(ratio < 10 ? 2 : 0)}${unit}, aim ${wanted}${unit}`;
}

const BENCHES = {
  mixed() {
    const file = mixed(1e9);
    const rows = compare(
      only(
        cat(file),
        { name: 'plain scan in Node', command: node('plain-scan.mjs', file) },
        tcpdump(file),
        { name: 'pcap-parser', command: node('pcap-parser.mjs', file), rounds: 1 },
        { ...tshark('tshark -Y dcerpc', '-r', file, '-Y', 'dcerpc'), rounds: 1 },
        { name: 'clrscope calls', command: clrscope('calls', file) },
      ),
      rounds,
    );
    const mine = wallOf(rows, 'clrscope');
    const packets = packetsIn(file);
    const lines = [
      `${MB(file).toFixed(0)} MB, ${packets} packets; ${((mine / packets) * 1e9).toFixed(0)} ns a packet, start-up included.`,
      '',
      table(rows, 'clrscope'),
      '',
    ];
    if (has('tcpdump')) lines.push(aim('against tcpdump', wallOf(rows, 'tcpdump') / mine, 1));
    if (has('tshark')) lines.push(aim('against tshark -Y dcerpc', wallOf(rows, 'tshark') / mine, 150));
    return lines;
  },
  rpc() {
    const from = captures(...CLEAR);
    const file = bigCapture('rpc-500', 5e8, from);
    const rows = compare(
      only(
        cat(file),
        tcpdump(file),
        tshark('tshark -Y dcerpc -T fields', '-r', file, '-Y', 'dcerpc', '-T', 'fields', ...columns),
        tshark('tshark -V', '-r', file, '-V'),
        { name: 'clrscope -V', rounds: 3, command: clrscope('-V', file) },
        { name: 'clrscope calls', rounds: 3, command: clrscope('calls', file) },
        { name: 'clrscope calls -T ndjson', rounds: 3, command: clrscope('calls', '-T', 'ndjson', file) },
      ),
      rounds,
    );
    const mine = wallOf(rows, 'clrscope calls -T');
    const calls = count(clrscope('calls', '-T', 'ndjson', file));
    const lines = [
      `${MB(file).toFixed(0)} MB, ${packetsIn(file)} packets, ${calls.toFixed(0)} calls; \`calls -T ndjson\`: ${((mine / calls) * 1e6).toFixed(0)} µs a call, ${(MB(file) / mine).toFixed(0)} MB/s.`,
      '',
      table(rows, 'clrscope calls -T'),
      '',
    ];
    if (has('tshark')) {
      lines.push(aim('calls -T ndjson against tshark -T fields', wallOf(rows, 'tshark -Y') / mine, 10));
      lines.push(aim('-V against tshark -V', wallOf(rows, 'tshark -V') / wallOf(rows, 'clrscope -V'), 5));
    }
    return lines;
  },
  sealed() {
    const [from] = captures('ntlm-privacy-vt', 'ntlm-privacy');
    const secrets = join(from, '..', `${from.split('/').at(-1).replace('.pcap', '')}.secrets.json`);
    const known = existsSync(secrets) ? secrets : accounts();
    const file = bigCapture('sealed-200', 2e8, [from]);
    const rows = compare(
      only(
        {
          ...tshark(
            'tshark -Y dcerpc, same password',
            '-r',
            file,
            ...password(known),
            '-Y',
            'dcerpc',
            '-T',
            'fields',
            ...columns,
          ),
          rounds: 1,
        },
        { name: 'clrscope calls --secrets', rounds: 3, command: clrscope('calls', '--secrets', known, file) },
        {
          name: 'clrscope calls -T ndjson --secrets',
          rounds: 3,
          command: clrscope('calls', '-T', 'ndjson', '--secrets', known, file),
        },
        { name: 'clrscope calls -T ndjson, no secrets', rounds: 3, command: clrscope('calls', '-T', 'ndjson', file) },
      ),
      rounds,
    );
    const mine = wallOf(rows, 'clrscope calls --secrets');
    const sample = spawnSync(process.execPath, [
      main,
      'calls',
      '-T',
      'ndjson',
      '--secrets',
      known,
      from,
    ]).stdout.toString();
    const opened = (sample.match(/"decrypted":true,"verified":true/g) ?? []).length;
    return [
      `${MB(file).toFixed(0)} MB of NTLM PKT_PRIVACY; ${opened} of the sample's ${sample.split('\n').length - 1} calls open and verify.`,
      '',
      table(rows, 'clrscope calls --secrets'),
      '',
      aim('decrypted, verified and decoded', MB(file) / mine, 60, ' MB/s'),
      ...(has('tshark') ? [`- against tshark: ${(wallOf(rows, 'tshark') / mine).toFixed(1)}×`] : []),
    ];
  },
  many() {
    const from = captures(
      'clear-ndr',
      'multi-context',
      'odd-bstr',
      'ccw-variants',
      'interleaved',
      'activation',
      'dispatch',
    );
    const folder = manyFiles(2000, from);
    const rows = compare(
      [
        { name: 'clrscope, all cores', command: clrscope('calls', '-T', 'ndjson', folder) },
        {
          name: 'clrscope, one core',
          command: clrscope('calls', '--jobs', '1', '-T', 'ndjson', folder),
        },
        // threads compile the program anew: what that costs shows where there is more to do
        {
          name: 'five times over, all cores',
          rounds: 1,
          command: clrscope('calls', '-T', 'ndjson', ...times5(folder)),
        },
        {
          name: 'five times over, one core',
          rounds: 1,
          command: clrscope('calls', '--jobs', '1', '-T', 'ndjson', ...times5(folder)),
        },
      ],
      Math.min(rounds, 3),
    );
    const same =
      spawnSync('sh', [
        '-c',
        `a=$("$@" 2>&1 | sha256sum); b=$("$@" --jobs 1 2>&1 | sha256sum); [ "$a" = "$b" ]`,
        'sh',
        ...clrscope('calls', '-T', 'ndjson', folder),
      ]).status === 0;
    return [
      `2,000 files; ${same ? 'the same bytes from all cores as from one' : "**the output differs from one core's**"}.`,
      '',
      table(rows, 'clrscope, all'),
    ];
  },
  startup() {
    const [file] = captures('odd-bstr', 'clear-ndr');
    const rows = compare(
      [
        { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
        { name: 'clrscope --version', command: clrscope('--version') },
        { name: `clrscope calls, ${(MB(file) * 1000).toFixed(0)} KB`, command: clrscope('calls', file) },
        { name: `clrscope -V, ${(MB(file) * 1000).toFixed(0)} KB`, command: clrscope('-V', file) },
      ],
      Math.max(rounds, 11),
    );
    return [
      table(rows, 'clrscope --version'),
      '',
      `- --version: ${(rows[1].wall * 1000).toFixed(0)} ms, aim 80; the capture: ${(rows[2].wall * 1000).toFixed(0)} ms, aim 200; Node alone: ${(rows[0].wall * 1000).toFixed(0)} ms`,
    ];
  },
  growth() {
    const from = captures(...CLEAR);
    const programs = [];
    for (const mb of [100, 1000, 4000]) {
      const file = mixed(mb * 1e6);
      programs.push({ name: `mixed, ${mb} MB`, command: clrscope('calls', file), mb });
    }
    for (const mb of [100, 1000, 4000]) {
      const file = bigCapture(`rpc-${mb}`, mb * 1e6, from);
      programs.push({ name: `rpc, ${mb} MB`, rounds: 1, command: clrscope('calls', '-T', 'ndjson', file), mb });
    }
    const rows = compare(programs, Math.min(rounds, 2));
    rmSync(join(OUT, 'rpc-4000.pcap'), { force: true });
    rmSync(join(OUT, 'mixed-4000.pcap'), { force: true });
    const rates = rows.map(
      (r, i) => `${r.name}: ${(programs[i].mb / r.wall).toFixed(0)} MB/s, ${r.mb?.toFixed(0)} MB at the peak`,
    );
    return [
      table(rows, 'mixed, 1000'),
      '',
      ...rates.map((r) => `- ${r}`),
      '- aim: the same rate and under 300 MB at every size',
    ];
  },
  compressed: () => compressed(clrscope, rounds),
  soak: () => soak(clrscope),
  worst: () => worst(clrscope),
  nrbf() {
    const { stdout } = spawnSync(process.execPath, [join(ROOT, 'test/bench/nrbf.mjs')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, CLRSCOPE_DIST: dist, NO_COLOR: '1' },
    });
    return ['```', stdout.toString().trimEnd(), '```'];
  },
};

/** tshark's option for the first account's password. */
function password(secrets) {
  const [account] = JSON.parse(readFileSync(secrets, 'utf8')).accounts;
  return ['-o', `ntlmssp.nt_password:${account.password}`];
}

/** Accounts of the lab that the shared captures come from. */
function accounts() {
  for (const name of ['impacket-ntlm-privacy']) {
    const [path] = captures(name);
    const secrets = path?.replace('.pcap', '.secrets.json');
    if (secrets !== undefined && existsSync(secrets)) return secrets;
  }
  throw new Error('sealed: there is no secrets file');
}

function versions() {
  const first = (program, ...more) =>
    has(program)
      ? spawnSync(program, more).stdout.toString().split('\n')[0] ||
        spawnSync(program, more).stderr.toString().split('\n')[0]
      : `${program}: not there`;
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const commit = spawnSync('git', ['-C', ROOT, 'rev-parse', '--short', 'HEAD']).stdout.toString().trim();
  return `clrscope ${version} (${commit}), Node ${process.version}, ${first('tshark', '--version')}, ${first('tcpdump', '--version')}; ${cpus().length} × ${cpus()[0].model}, ${(totalmem() / 2 ** 30).toFixed(0)} GB, Linux ${release()}`;
}

/** Replaces or adds one section of the results. */
function write(name, lines) {
  const head =
    '# Benchmarks\n\nWritten by `npm run bench`; medians of interleaved rounds, wall time. Ratios hold better than times: both depend on what else the machine did.\n';
  const before = existsSync(results) ? readFileSync(results, 'utf8') : head;
  const section = `## ${name}\n\n${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC. ${versions()}.\n\n${lines.join('\n')}\n`;
  const sections = before.split(/^(?=## )/m);
  const index = sections.findIndex((s) => s.startsWith(`## ${name}\n`));
  if (index < 0) sections.push(section);
  else sections[index] = section + (sections[index].endsWith('\n\n') ? '\n' : '');
  writeFileSync(results, sections.map((s) => `${s.trimEnd()}\n`).join('\n'));
}

for (const name of args.length > 0 ? args : ['mixed', 'rpc', 'sealed', 'many', 'startup']) {
  const bench = BENCHES[name];
  if (bench === undefined) {
    process.stderr.write(`no benchmark ${name}; there are ${Object.keys(BENCHES).join(', ')}\n`);
    process.exit(2);
  }
  const lines = await bench();
  console.log(`\n${name}\n${lines.join('\n')}`);
  write(name, lines);
}
