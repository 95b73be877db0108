/** Many machines: what a queue costs, what a second worker brings, and whether poison stays where it is. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captures, OUT } from './inputs.mjs';
import { aim, compare, has } from './measure.mjs';
import { clrscope } from './programs.mjs';

const SMALL = ['clear-ndr', 'multi-context', 'odd-bstr', 'ccw-variants', 'interleaved', 'activation', 'dispatch'];
const PORT = 17_379;
const URL = `redis://127.0.0.1:${PORT}`;
const SERVER = ['valkey-server', 'redis-server'].find(has);

/** A folder of captures that differ in their times, so that each is a part; every so many is none. */
function distinct(count, poisonedEach) {
  const folder = join(OUT, `distinct-${count}`);
  if (existsSync(folder) && readdirSync(folder).length === count) return folder;
  mkdirSync(folder, { recursive: true });
  const sources = captures(...SMALL).map((path) => readFileSync(path));
  for (let i = 0; i < count; i++) {
    const bytes = Buffer.from(sources[i % sources.length]);
    for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8))
      bytes.writeUInt32LE(bytes.readUInt32LE(at) + 3600 * i, at);
    const isPoisoned = poisonedEach !== undefined && i % poisonedEach === 0;
    writeFileSync(join(folder, `${String(i).padStart(5, '0')}.pcap`), isPoisoned ? `poison ${i}` : bytes);
  }
  return folder;
}

/** Two thousand captures by one worker and by two; ten thousand of which a hundred are none. */
export async function queue(rounds) {
  if (SERVER === undefined) return { lines: ['No Valkey or Redis server is there: not measured.'] };
  const folder = mkdtempSync(join(tmpdir(), 'clrscope-bench-'));
  const server = spawn(SERVER, ['--port', String(PORT), '--bind', '127.0.0.1', '--save', ''], { stdio: 'ignore' });
  const submit = (files, out) =>
    spawnSync(...split(clrscope('submit', '-q', '--group', 'none', ...files, '-o', out, '--queue', URL)));
  try {
    for (let i = 0; i < 100 && spawnSync(...split(clrscope('queue', '--queue', URL))).status !== 0; i++);
    const files = distinct(2000);
    const work = clrscope('work', '-q', '--jobs', '1', '--until-empty', '--queue', URL);
    const out = join(folder, 'out');
    // each run begins with an empty folder and a full queue; neither is measured
    const ready = (name, ...command) => ({
      name,
      command,
      before() {
        rmSync(out, { recursive: true, force: true });
        submit([files], out);
      },
    });
    const rows = compare(
      [
        {
          name: 'export, one core',
          command: clrscope('export', '-q', '--jobs', '1', '--group', 'none', files, '-o', out),
          before: () => rmSync(out, { recursive: true, force: true }),
        },
        ready('one worker', ...work),
        ready('two workers', 'sh', '-c', '"$@" & "$@" & wait', 'sh', ...work),
      ],
      Math.min(rounds, 3),
    );
    const poisoned = distinct(10_000, 100);
    const many = join(folder, 'many');
    // by name: of a folder those that are captures are taken
    submit(
      readdirSync(poisoned).map((name) => join(poisoned, name)),
      many,
    );
    const began = performance.now();
    spawnSync(...split(clrscope('work', '-q', '--until-empty', '--queue', URL)));
    const seconds = (performance.now() - began) / 1000;
    const { counts, setAside } = JSON.parse(
      spawnSync(...split(clrscope('queue', '-T', 'json', '--queue', URL)), { encoding: 'utf8', maxBuffer: 1 << 28 })
        .stdout,
    );
    const parts = readdirSync(join(many, 'parts')).length;
    const named = setAside.filter(({ files: [file] }) => readFileSync(file, 'utf8').startsWith('poison')).length;
    return {
      lines: [
        `10,000 jobs, 100 of them poisoned: ${parts} parts, ${counts.setAside} set aside, ${named} of these poisoned and named, in ${seconds.toFixed(0)} s.`,
      ],
      rows,
      base: 'one worker',
      aims: [
        ...aim(rows, 'queue, 2,000 captures: two workers / one', 'two workers', 'one worker', { most: 0.65 }),
        ...aim(rows, 'queue, 2,000 captures: one worker / export', 'one worker', 'export', { most: 1.2 }),
      ],
    };
  } finally {
    server.kill();
    rmSync(folder, { recursive: true });
  }
}

const split = ([program, ...args]) => [program, args];
