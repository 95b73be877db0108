/** Made captures of tunnels and links, one packet each, for the tests of fields. */
import { ACK, concat, ipv4, pcapFile, tcp } from '../bytes.js';
import { netmon } from '../capture/netmon.js';
import { bindBody, type MadeCapture, OBJECT_EXPORTER, pdu } from '../fields/wire.js';
import { LINKS, TUNNELS, type Wrapping } from './wrappings.js';

const ERF = 197;

const bind = pdu(11, 1, bindBody(OBJECT_EXPORTER));
const packet = (port: number): Uint8Array => ipv4('10.30.1.1', '10.30.1.2', 6, tcp(port, 135, 1, bind, ACK, 1));

const made = (name: string, link: number, wrappings: readonly Wrapping[]): MadeCapture => ({
  name,
  bytes: () =>
    pcapFile(
      wrappings.map(({ wrap }, i) => ({ bytes: wrap(packet(50_100 + i), i) })),
      { link },
    ),
});

/** Of records of ERF the file is made: in pcap tshark takes their times, and not the file's. */
const records = ({ wrap }: Wrapping, i: number): Uint8Array => wrap(packet(50_100 + i), i);

const alike = ({ unlikeTshark }: Wrapping): boolean => unlikeTshark !== true;
const links = LINKS.filter(alike);

/** 802.11 behind what NetMon tells of the radio. */
const RADIO = 6;
const radio = (): Uint8Array => {
  const wlan = links.find(({ name }) => name === '802.11');
  const frame = wlan?.wrap(packet(50_200), 0) ?? new Uint8Array(0);
  return netmon(1, [RADIO, concat([2, 32, 0], new Uint8Array(29), frame)]);
};

/** One capture of all tunnels, and one for each type of link: those that tshark reads. */
export const MADE: readonly MadeCapture[] = [
  made('tunnels', 1, TUNNELS.filter(alike)),
  { name: 'NetMon', bytes: radio },
  ...[...new Set(links.map(({ link }) => link))].map((type) => {
    const all = links.filter(({ link }) => link === type);
    return type === ERF ? { name: 'ERF', bytes: () => concat(...all.map(records)) } : made(`link ${type}`, type, all);
  }),
];
