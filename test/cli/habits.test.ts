/** What tshark's users type works here, or is answered with what does the same. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { clrscope, ROOT } from '../cli.js';
import { TSHARK } from '../columns.js';

const sample = `${ROOT}samples/managed-object/capture.pcap`;

/** What stands for a file. */
const FILES: Readonly<Record<string, string>> = {
  FILE: sample,
  KRB5: `${ROOT}samples/truth/krb5-privacy.pcap`,
  KEYTAB: `${ROOT}samples/truth/krb5-privacy.keytab`,
};

/** Every habit: what is typed, and what is printed, or what is answered. */
const HABITS: readonly (readonly [typed: string, how: 'prints' | 'says', what: RegExp])[] = [
  ['-r FILE', 'prints', /^Frame 4 /],
  ['-nr FILE', 'prints', /^Frame 4 /],
  ['--read-file FILE', 'prints', /^Frame 4 /],
  ['-2 -n FILE', 'prints', /^Frame 4 /],
  ['-P FILE', 'prints', /^Frame 4 /],
  ['-l -Q FILE', 'prints', /^Frame 4 /],
  ['-c 6 FILE', 'prints', /^Frame 4 .*\nFrame 6 [^\n]*\n$/],
  ['-Y frame.number==8 FILE', 'prints', /^Frame 8 [^\n]*\n$/],
  ['--display-filter frame.number==8 FILE', 'prints', /^Frame 8 [^\n]*\n$/],
  ['-d tcp.port==4711,dcerpc FILE', 'prints', /^Frame 4 /],
  ['-V FILE', 'prints', /├─ DCE\/RPC/],
  ['-x FILE', 'prints', /00000000: 05 00/],
  ['-t ad FILE', 'prints', /^Frame 4 {2}2026-11-21 02:27:12\.299035 {2}/],
  ['-t e FILE', 'prints', /^Frame 4 {2}1795228032\.299035 {2}/],
  ['-T fields -e frame.number -c 2 FILE', 'prints', /^1\n2\n$/],
  ['-Tfields -eframe.number -Eheader=y -c1 FILE', 'prints', /^frame\.number\n1\n$/],
  ['-T fields -e frame.number -E bom=y -c 1 FILE', 'prints', /^\ufeff1\n$/],
  ['-T fields -e _ws.col.Protocol -e _ws.col.protocol -c 4 FILE', 'prints', /\nDCERPC\tDCERPC\n$/],
  [
    '-T fields -e _ws.col.Info -c 1 FILE',
    'prints',
    /^55708 → 135 \[SYN\] Seq=0 Win=64240 Len=0 MSS=1460 SACK_PERM TSval=\d+ TSecr=0 WS=1024\n$/,
  ],
  ['-T fields -e frame.protocols -c 4 FILE', 'prints', /\neth:ethertype:ip:tcp:dcerpc\n$/],
  ['-T pdml -c 1 FILE', 'prints', /<proto name="frame"/],
  ['-T psml -c 1 FILE', 'prints', /<section>55708 → 135 \[SYN\]/],
  ['-T csv -c 1 FILE', 'prints', /^No\.,Time,Source,Destination,Protocol,Length,Info\n1,0\.000000,10\.20\.0\.10,/],
  ['-T ek -c 1 FILE', 'prints', /^{"index"/],
  ['-T json FILE', 'prints', /^\[/],
  ['-v', 'prints', /^\d+\.\d+\.\d+/],
  ['-h', 'prints', /Usage/],
  ['-T tabs FILE', 'says', /fields/],
  ['-T ps FILE', 'says', /psml/],
  ['-t x FILE', 'says', /-t takes one of a, ad/],
  ['-i eth0', 'says', /tcpdump/],
  ['-f port 135 -i eth0', 'says', /tcpdump/],
  ['-s 0 -i eth0', 'says', /tcpdump/],
  ['-D', 'says', /tcpdump/],
  ['-L', 'says', /tcpdump/],
  ['-a duration:10', 'says', /tcpdump .*-G/],
  ['-b filesize:1000', 'says', /tcpdump .*-C/],
  ['-R dcerpc FILE', 'says', /-Y FILTER/],
  ['-N mnt FILE', 'says', /--names FILE/],
  ['-H hosts FILE', 'says', /--names hosts/],
  ['-O dcerpc FILE', 'says', /-V/],
  ['-S ; FILE', 'says', /-T ndjson/],
  ['-j dcerpc -T json FILE', 'says', /-T fields/],
  ['-K KEYTAB -T fields -e dcerpc.decrypted_stub_data KRB5', 'prints', /^[0-9a-f]{32}/m],
  ['-K nowhere.keytab FILE', 'says', /nowhere\.keytab: there is no such file/],
  ['-o ntlmssp.nt_password:hidden FILE', 'says', /--secrets FILE.*accounts/],
  ['-o kerberos.file:x.keytab FILE', 'says', /--secrets FILE.*keytab/],
  ['-o tcp.desegment_tcp_streams:TRUE FILE', 'says', /puts together/],
  ['-o tcp.relative_sequence_numbers:FALSE FILE', 'says', /tcp\.seq_raw/],
  ['-G', 'says', /REPORT|clrscope fields/],
  ['-G fields', 'says', /clrscope fields/],
  ['-G protocols', 'says', /clrscope interfaces/],
  ['-q -z dcerpc,srt,12345778-1234-abcd-ef00-0123456789ac,1.0 FILE', 'says', /clrscope stats/],
  ['-q -z conv,tcp FILE', 'says', /clrscope stats/],
  ['-q -z io,phs FILE', 'says', /clrscope stats/],
  ['-q -z follow,tcp,ascii,1 FILE', 'says', /clrscope follow FILE --connection 1/],
  ['-q -z expert FILE', 'says', /clrscope audit/],
  ['-X lua_script:x.lua FILE', 'says', /--dissector FILE/],
  ['-d tcp.port==80,http FILE', 'says', /--decode-as/],
  ['--export-objects smb,out FILE', 'says', /clrscope vectors/],
  ['--enable-heuristic dcerpc_tcp FILE', 'says', /--port N/],
];

describe('every listed tshark habit', () => {
  it.each(HABITS)('%s %s %s', (typed, how, what) => {
    const { code, out, err } = clrscope(typed.split(' ').map((word) => FILES[word] ?? word));
    if (how === 'prints') {
      expect([code, err]).toEqual([0, '']);
      expect(out).toMatch(what);
    } else {
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(what);
      expect(err).not.toMatch(/unknown option|hidden/);
      expect(err.trim().split('\n').length).toBeLessThanOrEqual(2);
    }
  });

  it.skipIf(TSHARK === null)('no option that tshark prints in its help is unknown here', () => {
    const help = spawnSync('tshark', ['-h']).stdout.toString();
    const options = [...help.matchAll(/(?<=^ {2}|, )(--?[\w-]+)(?: ?<?([\w.]*))/gm)];
    expect(options.length).toBeGreaterThan(70);
    for (const [, option] of options) {
      const { err } = clrscope(['read', option, 'x']);
      expect(`${option} ${err}`).not.toContain('unknown option');
    }
  });
});
