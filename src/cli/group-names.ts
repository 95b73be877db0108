/**
 * Names that programs give to the files of one capture point: dumpcap -b (`ring_00001_20261126180000.pcapng`, or with the
 * number last), tcpdump -G (a time in the name), -C and -W (`ring.pcap`, `ring.pcap1`, or `ring00`). People number files
 * too, and those need not belong together: such a name is a weak sign.
 */

/**
 * Who gives such names: dumpcap, which never counts back; tcpdump, whose rings begin anew, as do programs that rotate
 * files; or anybody.
 */
export type Giver = 'dumpcap' | 'tcpdump' | 'anybody';

/** What a name says of a file's place among others. */
export interface GroupPlace {
  /** What the names have in common. */
  readonly series: string;
  /** The number of the file, 0 where the first has none; null where times take the place of numbers. */
  readonly number: number | null;
  readonly giver: Giver;
}

/** A file compressed since (tcpdump -z) is of the series of one that is not yet. */
const PACKED = /\.(?:gz|zst|lz4)$/i;

/**
 * A date and a time of day, to the minute at least, with the zone where it is told, which is another one in winter; or
 * seconds since 1970 (strftime's `%s`).
 */
const STAMP =
  /(?<!\d)(?:20\d\d([-_.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])[-_.T ]?(?:[01]\d|2[0-3])([-_.:h]?)[0-5]\d(?:\2[0-5]\d)?(?:Z|[-+](?:0\d|1[0-4]):?(?:[03]0|45))?|1\d{9})(?!\d)/;

/** Ways to read a name, the surest first: what stands in front of the number, and behind it. */
const READINGS: readonly { readonly pattern: RegExp; readonly giver: Giver }[] = [
  { pattern: /^(?<front>.*_)(?<number>\d{5,9})_\d{14}(?<end>\.\w+)?$/, giver: 'dumpcap' },
  { pattern: /^(?<front>.*_)\d{14}_(?<number>\d{5,9})(?<end>\.\w+)?$/, giver: 'dumpcap' },
  { pattern: /^(?<front>.*\.(?:pcap|pcapng|cap|dmp))\.?(?<number>\d{0,9})$/i, giver: 'tcpdump' },
  { pattern: /^(?<front>.*?)(?<number>\d{1,9})(?<end>\.(?:pcap|pcapng|cap|dmp))$/i, giver: 'anybody' },
  { pattern: /^(?<front>[^.]*?)(?<number>\d{0,9})$/, giver: 'anybody' },
];

/** The places that a file may have by its name, the surest first. */
export function placesOf(name: string): GroupPlace[] {
  const plain = name.replace(PACKED, '');
  const read = READINGS.flatMap(({ pattern, giver }, way) => {
    const { front, number, end = '' } = pattern.exec(plain)?.groups ?? {};
    return front === undefined ? [] : [{ series: `${way} ${front}#${end}`, number: Number(number), giver }];
  });
  if (!STAMP.test(plain) || read.some(({ giver }) => giver === 'dumpcap')) return read;
  // each time may have files of its own, numbered behind the ending
  return [
    { series: plain.replace(STAMP, '@').replace(/(\.[a-z]+)\d*$/i, '$1'), number: null, giver: 'tcpdump' },
    ...read,
  ];
}
